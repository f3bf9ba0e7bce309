import {loadScenario} from '/work/main/scenarios/load.ts';
import {writeFileSync, readFileSync} from 'node:fs';
const ARMS='arms: {baseline: {service: &, replicas: 8}, candidate: {service: &, replicas: 8}}'.replaceAll('&','{kind: constant, value: 20ms}');
const WORLD=`traffic: {requests: 1k, over: 10s}\n${ARMS}`;
const service=(s)=>`name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: ${s}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`;
const traffic=(t)=>`name: a\ntraffic: ${t}\n\${ARMS}`;
const world=(t)=>`name: a\n\${WORLD}\n${t}`;
const C=[
['nothing but a name','name: a\n'],
['misspelled keys','nam: a\ntrafic: {}\n${ARMS}'],
['a name that is no file name',"name: Cold Cache\n${WORLD}"],
['an unknown kind of service time',service('{kind: lognormall, mean: 20ms}')],
['no kind of service time',service('{mean: 20ms}')],
['a field of another kind',service('{kind: exponential, mean: 20ms, sigma: 0.3}')],
['durations without units',service('{kind: uniform, low: 10, high: 20}')],
['a uniform time upside down',service('{kind: uniform, low: 20ms, high: 10ms}')],
['a lognormal time with too many figures',service('{kind: lognormal, mean: 20ms, median: 18ms, p95: 33ms}')],
['a lognormal time that does not exist',service('{kind: lognormal, mean: 20ms, p95: 100ms}')],
['a hyperexponential time too regular',service('{kind: hyperexponential, mean: 20ms, cv2: 1}')],
['quantiles out of order',service('{kind: empirical, quantiles: [[10%, 5ms], [50%, 20ms], [40%, 10ms]]}')],
['a mixture that is not whole',service('{kind: mixture, parts: [{weight: 90%, of: {kind: constant, value: 1ms}}, {weight: 5%, of: {kind: mixture, parts: []}}]}')],
['a mixture whose weights miss something',service('{kind: mixture, parts: [{weight: 90%, of: {kind: constant, value: 1ms}}]}')],
['too little about the traffic',traffic('{requests: 1k}')],
['too much about the traffic',traffic('{requests: 1k, over: 10s, rate: 100/s}')],
['amounts that are none',traffic('{requests: 1.5k5, over: 0s, rate: 100}')],
['a misspelled arrival process',traffic('{requests: 1k, over: 10s, arrivals: poison}')],
['an arrival process of the wrong type',traffic('{requests: 1k, over: 10s, arrivals: [poisson]}')],
['a rate for arrivals that state theirs',traffic('{requests: 1k, over: 10s, arrivals: {kind: mmpp, rates: [1/s, 5/s], stays: [1m, 10s]}}')],
['modulated arrivals with one rate',traffic('{requests: 1k, arrivals: {kind: mmpp, rates: [1/s], stays: [1m, 0s]}}')],
['a profile out of order',traffic('{requests: 1k, arrivals: {kind: profile, period: 1h, points: [{at: 1m, rate: 0/s}, {at: 2h, rate: 0/s}, {at: 5m, rate: 0/s}]}}')],
['a profile with neither points nor source',traffic('{requests: 1k, over: 10s, arrivals: {kind: profile, period: 1h}}')],
['a profile and a trace that are not there','name: a\npolicy: nope.yaml\ntraffic: {requests: 1k, arrivals: {kind: trace, file: none.parquet}, content: none/table.parquet}\n${ARMS}'],
['segments that clash',traffic('{requests: 1k, over: 10s, segments: [all, nyc, nyc]}')],
['an arm that cannot be','name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline: {service: {kind: constant, value: 1ms}, replicas: 0, balancer: power of two, errorRatio: 120%}\n  canary: {}\n'],
['an autoscaler that contradicts itself','name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline: {service: {kind: constant, value: 1ms}, replicas: 9, autoscaler: {min: 4, max: 2}}\n  candidate: {service: {kind: constant, value: 1ms}, replicas: 9, autoscaler: {min: 2, max: 4, targetUtilisation: 0}}\n'],
['a misspelled feature store',world('features: {latency: nonee, cache: {ttl: 10, scop: shared}}\n')],
['faults of unknown kinds, without a time, with a wrong size',world('faults:\n  - {kind: cold-cash, at: 5m}\n  - {kind: traffic-spike, for: 5m, size: 2}\n  - {kind: error-burst, at: 5m, for: 5m, size: 2}\n  - {kind: replica-crash, at: {on: stag, stage: x}, size: 1}\n')],
['faults that clash',world('faults:\n  - {kind: cold-cache, at: 5m}\n  - {kind: cold-cache, at: 10m}\n  - {kind: traffic-spike, at: 0, for: 5m, size: 2, target: candidate}\n')],
['outcomes of the wrong kind',world('outcomes: {kind: acceptance, tolerance: 15}\n')],
['a truth that contradicts itself',world('truth: {candidate: healthy, onset: 5m, cause: bug}\n')],
['an expectation that contradicts the truth',world('truth: {candidate: regressed}\nexpect: {verdict: promoted}\n')],
['a verdict in other words',world('expect: {verdict: rolled_back, within: 5}\n')],
['models without contents','name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline: {model: m, service: {kind: constant, value: 1ms}, replicas: 8}\n  candidate: {service: {kind: constant, value: 1ms}, replicas: 8}\n'],
['YAML that is none','name: [a\ntraffic: }\n'],
['a key given twice','name: a\nname: b\n'],
];
let out='';
for (const [title,raw] of C){ const text=raw.replaceAll('${ARMS}',ARMS).replaceAll('${WORLD}',WORLD); let issues; try{loadScenario('scenario.yaml',{text}); issues=['*** ACCEPTED']}catch(e){ issues=e.name==='BadInput'?e.message.split('\n'):['*** '+e.stack]}
 console.log('## '+title); for(const i of issues) console.log('   '+i.slice(0,230));
 const lit='`'+raw.replaceAll('\\','\\\\').replaceAll('`','\\`')+'`';
 out+=`  [${JSON.stringify(title)}, ${lit.replaceAll('\n','\\n')}, ${JSON.stringify(issues)}],\n`; }
const f='test/scenarios/malformed.test.ts'; writeFileSync(f, readFileSync(f,'utf8').replace(/  CASES\n/, ()=>out));
