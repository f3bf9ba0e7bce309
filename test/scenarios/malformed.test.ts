import { describe, expect, test } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { type Case, policies } from './malformed-policies.ts';

/** Two lines that make any scenario whole: what a case does not talk about. */
const ARMS = 'arms: {baseline: {service: &, replicas: 8}, candidate: {service: &, replicas: 8}}'.replaceAll(
  '&',
  '{kind: constant, value: 20ms}',
);
const WORLD = `traffic: {requests: 1k, over: 10s}\n${ARMS}`;

const scenarios: readonly Case[] = [
  [
    'nothing but a name',
    `name: a\n`,
    ['scenario.yaml:1:1 traffic: got nothing, expected a map', 'scenario.yaml:1:1 arms: got nothing, expected a map'],
  ],
  [
    'misspelled keys',
    `nam: a\ntrafic: {}\n${ARMS}`,
    [
      'scenario.yaml:1:1 name: got nothing, expected a string',
      'scenario.yaml:1:1 traffic: got nothing, expected a map',
      "scenario.yaml:1:1 nam: got the unknown key 'nam', expected one of: name, description, trap, seed, traffic, arms, features, outcomes, shadowTolerance, faults, truth, policy, expect, window, limit; did you mean 'name'?",
      "scenario.yaml:2:1 trafic: got the unknown key 'trafic', expected one of: name, description, trap, seed, traffic, arms, features, outcomes, shadowTolerance, faults, truth, policy, expect, window, limit; did you mean 'traffic'?",
    ],
  ],
  [
    'a name that is no file name',
    `name: Cold Cache\n${WORLD}`,
    ["scenario.yaml:1:7 name: got 'Cold Cache', expected lower-case letters, digits and dashes, such as cold-cache"],
  ],
  [
    'an unknown kind of service time',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: {kind: lognormall, mean: 20ms}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`,
    [
      "scenario.yaml:5:21 arms.baseline.service.kind: got 'lognormall', expected one of: constant, exponential, lognormal, erlang, hyperexponential, uniform, empirical, mixture, measured; did you mean 'lognormal'?",
    ],
  ],
  [
    'no kind of service time',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: {mean: 20ms}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`,
    [
      'scenario.yaml:5:14 arms.baseline.service.kind: got nothing, expected one of: constant, exponential, lognormal, erlang, hyperexponential, uniform, empirical, mixture, measured',
    ],
  ],
  [
    'a field of another kind',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: {kind: exponential, mean: 20ms, sigma: 0.3}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`,
    ["scenario.yaml:5:46 arms.baseline.service.sigma: got the unknown key 'sigma', expected one of: kind, mean"],
  ],
  [
    'durations without units',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: {kind: uniform, low: 10, high: 20}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`,
    [
      'scenario.yaml:5:35 arms.baseline.service.low: got 10, expected a duration with its unit, such as 250ms, 10s, 30m or 1h30m',
      'scenario.yaml:5:45 arms.baseline.service.high: got 20, expected a duration above 0 with its unit, such as 250ms, 10s, 30m or 1h30m',
    ],
  ],
  [
    'a uniform time upside down',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: {kind: uniform, low: 20ms, high: 10ms}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`,
    ["scenario.yaml:5:47 arms.baseline.service.high: got '10ms', expected no less than low"],
  ],
  [
    'a lognormal time with too many figures',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: {kind: lognormal, mean: 20ms, median: 18ms, p95: 33ms}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`,
    [
      'scenario.yaml:5:14 arms.baseline.service: got mean, median, p95, expected one of mean, median and one of sigma, cv2, p95',
    ],
  ],
  [
    'a lognormal time that does not exist',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: {kind: lognormal, mean: 20ms, p95: 100ms}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`,
    [
      'scenario.yaml:5:14 arms.baseline.service: got a p95 that no lognormal distribution of this mean has, expected one between 1 and 3.868 times the mean',
    ],
  ],
  [
    'a hyperexponential time too regular',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: {kind: hyperexponential, mean: 20ms, cv2: 1}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`,
    ['scenario.yaml:5:56 arms.baseline.service.cv2: got 1, expected > 1'],
  ],
  [
    'quantiles out of order',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: {kind: empirical, quantiles: [[10%, 5ms], [50%, 20ms], [40%, 10ms]]}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`,
    [
      "scenario.yaml:5:45 arms.baseline.service.quantiles.0.0: got '10%', expected 0: the first pair is the minimum",
      "scenario.yaml:5:70 arms.baseline.service.quantiles.2.0: got '40%', expected 1: the last pair is the maximum",
      "scenario.yaml:5:70 arms.baseline.service.quantiles.2.0: got '40%', expected more than the probability before",
      "scenario.yaml:5:75 arms.baseline.service.quantiles.2.1: got '10ms', expected no less than the time before",
    ],
  ],
  [
    'a mixture that is not whole',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: {kind: mixture, parts: [{weight: 90%, of: {kind: constant, value: 1ms}}, {weight: 5%, of: {kind: mixture, parts: []}}]}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`,
    [
      'scenario.yaml:5:37 arms.baseline.service.parts: got weights that sum to 0.95, expected 1',
      "scenario.yaml:5:111 arms.baseline.service.parts.1.of.kind: got 'mixture', expected one of: constant, exponential, lognormal, erlang, hyperexponential, uniform, empirical",
    ],
  ],
  [
    'a mixture whose weights miss something',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline:\n    service: {kind: mixture, parts: [{weight: 90%, of: {kind: constant, value: 1ms}}]}\n    replicas: 8\n  candidate: {service: {kind: exponential, mean: 20ms}, replicas: 8}\n`,
    ['scenario.yaml:5:37 arms.baseline.service.parts: got weights that sum to 0.9, expected 1'],
  ],
  [
    'too little about the traffic',
    `name: a\ntraffic: {requests: 1k}\n${ARMS}`,
    ['scenario.yaml:2:10 traffic: got requests, expected two of requests, over, rate'],
  ],
  [
    'too much about the traffic',
    `name: a\ntraffic: {requests: 1k, over: 10s, rate: 100/s}\n${ARMS}`,
    ['scenario.yaml:2:10 traffic: got requests and over and rate, expected two of requests, over, rate'],
  ],
  [
    'amounts that are none',
    `name: a\ntraffic: {requests: 1.5k5, over: 0s, rate: 100}\n${ARMS}`,
    [
      'scenario.yaml:2:10 traffic: got requests and over and rate, expected two of requests, over, rate',
      "scenario.yaml:2:21 traffic.requests: got '1.5k5', expected a whole number of at least 1, such as 250, 10_000, 500k or 10M",
      "scenario.yaml:2:34 traffic.over: got '0s', expected a duration above 0 with its unit, such as 250ms, 10s, 30m or 1h30m",
      'scenario.yaml:2:44 traffic.rate: got 100, expected a rate above 0 with its unit, such as 1389/s, 500/min or 10k/h',
    ],
  ],
  [
    'a misspelled arrival process',
    `name: a\ntraffic: {requests: 1k, over: 10s, arrivals: poison}\n${ARMS}`,
    [
      "scenario.yaml:2:46 traffic.arrivals: got 'poison', expected one of: poisson, regular or a map; did you mean 'poisson'?",
    ],
  ],
  [
    'an arrival process of the wrong type',
    `name: a\ntraffic: {requests: 1k, over: 10s, arrivals: [poisson]}\n${ARMS}`,
    ['scenario.yaml:2:46 traffic.arrivals: got a list of 1, expected one of: poisson, regular or a map'],
  ],
  [
    'a rate for arrivals that state theirs',
    `name: a\ntraffic: {requests: 1k, over: 10s, arrivals: {kind: mmpp, rates: [1/s, 5/s], stays: [1m, 10s]}}\n${ARMS}`,
    [
      'scenario.yaml:2:10 traffic: got requests and over, expected one of requests, over: the arrivals state their rates',
    ],
  ],
  [
    'modulated arrivals with one rate',
    `name: a\ntraffic: {requests: 1k, arrivals: {kind: mmpp, rates: [1/s], stays: [1m, 0s]}}\n${ARMS}`,
    [
      'scenario.yaml:2:55 traffic.arrivals.rates: got a list of 1, expected a list of a length ≥ 2',
      "scenario.yaml:2:74 traffic.arrivals.stays.1: got '0s', expected a duration above 0 with its unit, such as 250ms, 10s, 30m or 1h30m",
    ],
  ],
  [
    'a profile out of order',
    `name: a\ntraffic: {requests: 1k, arrivals: {kind: profile, period: 1h, points: [{at: 1m, rate: 0/s}, {at: 2h, rate: 0/s}, {at: 5m, rate: 0/s}]}}\n${ARMS}`,
    [
      'scenario.yaml:2:71 traffic.arrivals.points: got only rates of 0, expected some traffic',
      "scenario.yaml:2:77 traffic.arrivals.points.0.at: got '1m', expected 0: the first point begins the period",
      "scenario.yaml:2:98 traffic.arrivals.points.1.at: got '2h', expected a time within the period",
      "scenario.yaml:2:119 traffic.arrivals.points.2.at: got '5m', expected no earlier time than the point before",
    ],
  ],
  [
    'a profile with neither points nor source',
    `name: a\ntraffic: {requests: 1k, over: 10s, arrivals: {kind: profile, period: 1h}}\n${ARMS}`,
    ['scenario.yaml:2:46 traffic.arrivals: got neither, expected one of points, source'],
  ],
  [
    'a profile and a trace that are not there',
    `name: a\npolicy: nope.yaml\ntraffic: {requests: 1k, arrivals: {kind: trace, file: none.parquet}, content: none/table.parquet}\n${ARMS}`,
    [
      "scenario.yaml:2:9 policy: got 'nope.yaml', expected a policy: no such file beside this one or in the package",
      "scenario.yaml:3:55 traffic.arrivals.file: got 'none.parquet', expected a trace: no such file beside this one or in the package",
      "scenario.yaml:3:79 traffic.content: got 'none/table.parquet', expected a content table: no such file beside this one or in the package",
      'scenario.yaml:4:18 arms.baseline.model: got no model, expected one that answers the content',
      'scenario.yaml:4:84 arms.candidate.model: got no model, expected one that answers the content',
    ],
  ],
  [
    'segments that clash',
    `name: a\ntraffic: {requests: 1k, over: 10s, segments: [all, nyc, nyc]}\n${ARMS}`,
    [
      "scenario.yaml:2:47 traffic.segments.0: got 'all', expected another name: all is the segment that holds every request",
      "scenario.yaml:2:57 traffic.segments.2: got 'nyc', expected each segment once",
    ],
  ],
  [
    'an arm that cannot be',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline: {service: {kind: constant, value: 1ms}, replicas: 0, balancer: power of two, errorRatio: 120%}\n  canary: {}\n`,
    [
      'scenario.yaml:4:3 arms.candidate: got nothing, expected a map',
      'scenario.yaml:4:63 arms.baseline.replicas: got 0, expected a whole number of at least 1, such as 250, 10_000, 500k or 10M',
      "scenario.yaml:4:76 arms.baseline.balancer: got 'power of two', expected one of: round-robin, random, power-of-two, least-loaded; did you mean 'power-of-two'?",
      "scenario.yaml:4:102 arms.baseline.errorRatio: got '120%', expected a percentage from 0% to 100%, or a fraction from 0 to 1",
      "scenario.yaml:5:3 arms.canary: got the unknown key 'canary', expected one of: baseline, candidate",
    ],
  ],
  [
    'an autoscaler that contradicts itself',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline: {service: {kind: constant, value: 1ms}, replicas: 9, autoscaler: {min: 4, max: 2}}\n  candidate: {service: {kind: constant, value: 1ms}, replicas: 9, autoscaler: {min: 2, max: 4, targetUtilisation: 0}}\n`,
    [
      'scenario.yaml:4:92 arms.baseline.autoscaler.max: got 2, expected no less than min',
      'scenario.yaml:5:115 arms.candidate.autoscaler.targetUtilisation: got 0, expected more than 0',
    ],
  ],
  [
    'a misspelled feature store',
    `name: a\n${WORLD}\nfeatures: {latency: nonee, cache: {ttl: 10, scop: shared}}\n`,
    [
      "scenario.yaml:4:21 features.latency: got 'nonee', expected none or measured or a map; did you mean 'none'?",
      'scenario.yaml:4:41 features.cache.ttl: got 10, expected a duration with its unit, such as 250ms, 10s, 30m or 1h30m, or infinite',
      "scenario.yaml:4:45 features.cache.scop: got the unknown key 'scop', expected one of: capacity, ttl, scope, eviction, warm, hitLatency, preWarmRate; did you mean 'scope'?",
    ],
  ],
  [
    'faults of unknown kinds, without a time, with a wrong size',
    `name: a\n${WORLD}\nfaults:\n  - {kind: cold-cash, at: 5m}\n  - {kind: traffic-spike, for: 5m, size: 2}\n  - {kind: error-burst, at: 5m, for: 5m, size: 2}\n  - {kind: replica-crash, at: {on: stag, stage: x}, size: 1}\n`,
    [
      "scenario.yaml:5:12 faults.0.kind: got 'cold-cash', expected one of: cold-cache, autoscaling-lag, feature-delay, traffic-spike, model-load-slow, upstream-brownout, score-skew, feature-missing, error-burst, replica-crash, replica-hang; did you mean 'cold-cache'?",
      'scenario.yaml:6:5 faults.1.at: got nothing, expected a duration with its unit, such as 250ms, 10s, 30m or 1h30m or a map',
      'scenario.yaml:7:48 faults.2.size: got 2, expected a percentage from 0% to 100%, or a fraction from 0 to 1',
      "scenario.yaml:8:36 faults.3.at.on: got 'stag', expected one of: weight-change, stage; did you mean 'stage'?",
    ],
  ],
  [
    'faults that clash',
    `name: a\n${WORLD}\nfaults:\n  - {kind: cold-cache, at: 5m}\n  - {kind: cold-cache, at: 10m}\n  - {kind: traffic-spike, at: 0, for: 5m, size: 2, target: candidate}\n`,
    [
      "scenario.yaml:6:5 faults.1.name: got 'cold-cache' a second time, expected a name of its own",
      "scenario.yaml:7:60 faults.2.target: got 'candidate', expected both: traffic rises before it is split",
    ],
  ],
  [
    'replicas that hang for ever',
    `name: a\n${WORLD}\nfaults:\n  - {kind: replica-hang, at: 5m, for: infinite, size: 1}\n`,
    [
      "scenario.yaml:5:39 faults.0.for: got 'infinite', expected a finite duration such as 30s: hung replicas come back; to lose them use replica-crash",
    ],
  ],
  [
    'outcomes of the wrong kind',
    `name: a\n${WORLD}\noutcomes: {kind: acceptance, tolerance: 15}\n`,
    [
      "scenario.yaml:4:18 outcomes.kind: got 'acceptance', expected bernoulli, queries or none: traffic.content is none",
    ],
  ],
  [
    'a truth that contradicts itself',
    `name: a\n${WORLD}\ntruth: {candidate: healthy, onset: 5m, cause: bug}\n`,
    [
      "scenario.yaml:4:36 truth.onset: got '5m', expected no onset: the candidate is healthy",
      "scenario.yaml:4:47 truth.cause: got 'bug', expected no cause: the candidate is healthy",
    ],
  ],
  [
    'an expectation that contradicts the truth',
    `name: a\n${WORLD}\ntruth: {candidate: regressed}\nexpect: {verdict: promoted}\n`,
    [
      'scenario.yaml:5:19 expect.verdict: got promoted, expected another verdict of a candidate that is regressed, or a finding that says why the policy errs',
    ],
  ],
  [
    'a verdict in other words',
    `name: a\n${WORLD}\nexpect: {verdict: rolled_back, within: 5}\n`,
    [
      "scenario.yaml:4:19 expect.verdict: got 'rolled_back', expected one of: promoted, rolled-back, paused, refused; did you mean 'rolled-back'?",
      'scenario.yaml:4:40 expect.within: got 5, expected a duration with its unit, such as 250ms, 10s, 30m or 1h30m',
    ],
  ],
  [
    'models without contents',
    `name: a\ntraffic: {requests: 1k, over: 10s}\narms:\n  baseline: {model: m, service: {kind: constant, value: 1ms}, replicas: 8}\n  candidate: {service: {kind: constant, value: 1ms}, replicas: 8}\n`,
    [
      "scenario.yaml:4:21 arms.baseline.model: got 'm', expected no model: traffic.content is none, so it has nothing to answer",
    ],
  ],
  [
    'worlds that fit in no machine',
    `name: a\nwindow: 1us\ntraffic: {requests: 10G, over: 1s, keys: {count: 1G}}\narms:\n  baseline: {service: {kind: constant, value: 1ms}, replicas: 100M}\n  candidate: {service: {kind: constant, value: 1ms}, replicas: 9, slots: 1k, autoscaler: {min: 1, max: 2k}}\nfeatures: {cache: {capacity: 1G}}\n`,
    [
      "scenario.yaml:2:9 window: got '1us', expected a duration of at least 1ms",
      'scenario.yaml:3:10 traffic: got 10000000000 requests per second, expected at most 1000000 on average',
      "scenario.yaml:3:50 traffic.keys.count: got '1G', expected at most 100000000",
      "scenario.yaml:5:63 arms.baseline.replicas: got '100M', expected at most 65000",
      'scenario.yaml:5:63 arms.baseline.replicas: got 100000000 slots in all, expected at most 1000000',
      'scenario.yaml:6:104 arms.candidate.autoscaler.max: got 2000000 slots in all, expected at most 1000000',
      "scenario.yaml:7:30 features.cache.capacity: got '1G', expected at most 100000000, or infinite",
    ],
  ],
  [
    'YAML that is none',
    `name: [a\ntraffic: }\n`,
    [
      'scenario.yaml:2:1: got invalid YAML (flow sequence in block collection must be sufficiently indented and end with a ]), expected YAML 1.2',
      'scenario.yaml:2:10: got invalid YAML (unexpected flow-map-end token in YAML stream: "}"), expected YAML 1.2',
    ],
  ],
  ['a key given twice', `name: a\nname: b\n`, ['scenario.yaml:2:1: got a key twice, expected each key once']],
];

/** One table per kind of document: [what it is, how it is loaded, its cases]. */
const tables: readonly (readonly [string, (file: string, text: string) => unknown, readonly Case[]])[] = [
  ['scenario', (file, text) => loadScenario(file, { text }), scenarios],
  ['policy', loadPolicy, policies],
];

describe.each(tables)('a malformed %s is refused with all its issues', (kind, load, cases) => {
  test.each(cases)('%s', (_, text, issues) => {
    const file = `${kind}.yaml`;
    let error: unknown;
    try {
      load(file, text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(BadInput);
    expect((error as BadInput).message.split('\n')).toEqual(issues);
  });
});
