/** One reading finds everything: what is wrong with one value hides nothing that is wrong with others, or between them. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { BadInput } from '../../config/issues.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import { loadScenario } from '../../scenarios/load.ts';

/** A value at a dotted path of a document. */
type Edit = readonly [path: string, value: unknown];
/** Mistakes of their own: each touches other fields than the others, and makes issues of its own. */
type Mistakes = readonly (readonly Edit[])[];

const arm = (autoscaler: object): object => ({
  service: { kind: 'lognormal', mean: '20ms', p95: '33ms' },
  replicas: 8,
  autoscaler,
});

const scenario = {
  name: 'a',
  traffic: { requests: '1k', over: '10s', segments: ['nyc', 'sfo'] },
  arms: { baseline: arm({ min: 4, max: 12 }), candidate: arm({ min: 4, max: 12 }) },
  features: { latency: { kind: 'uniform', low: '1ms', high: '5ms' } },
  faults: [
    { kind: 'cold-cache', name: 'one', at: '5m' },
    { kind: 'traffic-spike', at: '5m', for: '1m', size: 2 },
    { kind: 'replica-hang', at: '5m', for: '1m', size: 1 },
  ],
  outcomes: { kind: 'bernoulli', baseline: '5%', candidate: '5%' },
  truth: { candidate: 'regressed' },
  expect: { verdict: 'rolled-back' },
};

/** [what is wrong on its own or between fields]; neighbours in the same map are broken by other entries of the list. */
const scenarioMistakes: Mistakes = [
  [['name', 'No Name']],
  [['seed', -1]],
  [['window', '0s']],
  [['policy', 'nope.yaml']],
  [['traffic.rate', 100]],
  [['traffic.users', 0]],
  [['traffic.keys', { zipf: 9 }]],
  [['traffic.segments.1', 'nyc']],
  [['arms.baseline.balancer', 'fair']],
  [['arms.baseline.replicas', 3]],
  [['arms.baseline.model', 'eta-baseline']],
  [['arms.baseline.service.median', '20ms']],
  [['arms.candidate.slots', 'many']],
  [['arms.candidate.autoscaler.max', 2]],
  [['arms.candidate.autoscaler.targetUtilisation', 0]],
  [['arms.candidate.autoscaler.tolerance', '200%']],
  [['arms.candidate.service.p95', '1h']],
  [['features.latency.high', '0.5ms']],
  [['features.slots', 0]],
  [['features.cache', { ttl: 10 }]],
  [['faults.0.at', 'soon']],
  [['faults.1.name', 'one']],
  [['faults.1.target', 'candidate']],
  [['faults.1.size', 0]],
  [['faults.2.for', 'infinite']],
  [['faults.2.size', 'all']],
  [['outcomes.labelDelay', 5]],
  [['outcomes.baseline', 5]],
  [['expect.verdict', 'promoted']],
  [['expect.within', 5]],
  [['truth.cause', '']],
];

const policy = {
  name: 'p',
  stages: [
    { name: 'shadow', weight: '0%', mirror: '100%', hold: '30m' },
    { name: 'canary', weight: '5%', hold: '30m' },
    { name: 'late', weight: '50%', hold: '30m' },
    { name: 'full', weight: '100%', hold: 0 },
  ],
  guards: ['a', 'b', 'c', 'd'].map((name) => ({
    name,
    metric: 'error-ratio',
    breachWhen: '> 0.1%',
    sustained: { for: '15m', reading: 'pooled' },
    action: 'roll-back',
    requiredToAdvance: name === 'a',
  })),
};

const policyMistakes: Mistakes = [
  [['name', '']],
  [['coverage', 80]],
  [['rollback', { deadline: '0s' }]],
  [['stages.0.mirror', 100]],
  [['stages.1.extend', 'long']],
  [['stages.1.hold', 5]],
  [['stages.2.weight', '3%']],
  [['stages.2.hold', 0]],
  [['guards.0.description', 5]],
  [['guards.1.name', 'a']],
  [['guards.1.metric', 'errors']],
  [['guards.1.sustained.for', '90s']],
  [['guards.1.minSamples', 'few']],
  [['guards.2.stages', ['canray']]],
  [['guards.2.action', 'rollback']],
  [['guards.2.sustained.reading', 'evry']],
  [
    ['guards.3.breachWhen', { rise: '1%', drop: '1%', relativeTo: 'baseline' }],
    ['guards.3.metric', 'mismatch-ratio'],
    ['guards.3.stages', ['late']],
  ],
  [['guards.3.segment', '']],
];

function edited(document: object, mistakes: Mistakes): string {
  const copy = structuredClone(document) as Record<string, unknown>;
  for (const [path, value] of mistakes.flat()) {
    const steps = path.split('.');
    const parent = steps.slice(0, -1).reduce((at, step) => at[step] as Record<string, unknown>, copy);
    parent[steps.at(-1)!] = value;
  }
  return stringify(copy);
}

/** Every issue as `path: message`, in no order: places move with the text. */
function issuesOf(load: (text: string) => unknown, text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return error.issues.map(({ path, message }) => `${path}: ${message}`).toSorted();
  }
  return [];
}

const kinds = [
  ['scenario', scenario, scenarioMistakes, (text: string) => loadScenario('x.yaml', { text })],
  ['policy', policy, policyMistakes, (text: string) => loadPolicy('x.yaml', text)],
] as const;

describe.each(kinds)('a %s', (_, document, mistakes, load) => {
  const alone = mistakes.map((mistake) => issuesOf(load, edited(document, [mistake])));

  test('is fine without mistakes, and every mistake alone makes an issue', () => {
    expect(issuesOf(load, edited(document, []))).toEqual([]);
    expect(mistakes.filter((_mistake, i) => alone[i]!.length === 0)).toEqual([]);
  });

  test('with any mistakes together has just the issues of each of them', () => {
    const some = fc.uniqueArray(fc.nat(mistakes.length - 1), { minLength: 2, maxLength: mistakes.length });
    fc.assert(
      fc.property(some, (chosen) => {
        const text = edited(
          document,
          chosen.map((i) => mistakes[i]!),
        );
        expect(issuesOf(load, text)).toEqual(chosen.flatMap((i) => alone[i]!).toSorted());
      }),
    );
  });
});
