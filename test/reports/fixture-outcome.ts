/** The fixture's outcome.json. */
import type { Outcome } from '../../outcome.ts';
import { DECIDED, END, type Kind, MINUTE, ONSET, POLICY, STARTS } from './fixture-policy.ts';

export const SENTENCES: Readonly<Record<Kind, string>> = {
  'rolled-back': 'rolled back: latency p95 68.2 ms > 50 ms for 15m, n = 95,412',
  paused: 'paused: score median moved +3.2 % against baseline for 15m, bound 2 %',
  promoted: 'promoted: all 6 stages held, every required guard passed',
  refused: 'refused: the candidate needs feature trip_distance, which the baseline lacks',
};

const step = (name: string, from: number, to: number) => ({
  name,
  startMs: DECIDED + from * 1000,
  endMs: DECIDED + to * 1000,
});
export const STEPS: NonNullable<Outcome['rollback']>['steps'] = [
  step('stop-mirror', 0, 0),
  step('load-baseline', 0, 38),
  step('shift-traffic', 38, 40),
  step('drain', 40, 47),
  step('pre-warm', 40, 92),
  step('verify', 92, 152),
];

export function outcomeStages(kind: Kind): Outcome['stages'] {
  const reached = { promoted: 6, 'rolled-back': 5, paused: 3, refused: 0 }[kind];
  const last = { promoted: END, 'rolled-back': DECIDED, paused: 270 * MINUTE, refused: 0 }[kind];
  return POLICY.stages.slice(0, reached).map((s, i) => ({
    name: s.name,
    weightPercent: s.weightPercent,
    startMs: STARTS[i]!,
    endMs: i === reached - 1 ? last : STARTS[i + 1]!,
    requests: Math.round((((i === reached - 1 ? last : STARTS[i + 1]!) - STARTS[i]!) / 1000) * 427),
  }));
}

export function outcome(kind: Kind): Outcome {
  const none = { mean: null, p50: null, p90: null, p95: null, p99: null, p999: null, max: null };
  const times = (f: number) =>
    kind === 'refused'
      ? none
      : { mean: 12.1 * f, p50: 9.6 * f, p90: 24 * f, p95: 36.1 * f, p99: 71.4 * f, p999: 148 * f, max: 391.25 * f };
  const both = (b: number, c: number) => ({ baseline: times(b), candidate: times(c) });
  const or = <T>(value: T): T | null => (kind === 'refused' ? null : value);
  const byKind = {
    'rolled-back': {
      classification: 'true-rollback',
      decidedAtMs: DECIDED,
      truth: { candidate: 'regressed', onsetMs: ONSET, cause: 'slow tail' },
    },
    promoted: {
      classification: 'true-promotion',
      decidedAtMs: END,
      truth: { candidate: 'healthy', onsetMs: null, cause: null },
    },
    paused: {
      classification: 'inconclusive',
      decidedAtMs: 270 * MINUTE,
      truth: { candidate: 'healthy', onsetMs: null, cause: null },
    },
    refused: {
      classification: 'inconclusive',
      decidedAtMs: 0,
      truth: { candidate: 'regressed', onsetMs: null, cause: 'feature schema differs' },
    },
  } as const;
  return {
    schemaVersion: 1,
    coalmine: '0.1.0',
    node: 'v26.10.0',
    world: 'sim',
    seed: 42,
    digest: `sha256:${'5d41402abc4b2a76'.repeat(4)}`,
    scenario: {
      name: `made-up-${kind}`,
      file: 'scenarios/made-up.yaml',
      hash: `sha256:${'ab'.repeat(32)}`,
      timeScale: kind === 'paused' ? 60 : 1,
    },
    policy: { name: 'seed', dialect: 'coalmine', hash: `sha256:${'cd'.repeat(32)}` },
    ...byKind[kind],
    verdict: kind,
    explanation: SENTENCES[kind],
    guard:
      kind === 'rolled-back'
        ? {
            name: 'latency-p95',
            metric: 'latency p95',
            arm: 'candidate',
            value: 68.2,
            threshold: 50,
            sustainedMs: 15 * MINUTE,
            samples: 95_412,
          }
        : null,
    detectionDelayMs: kind === 'rolled-back' ? DECIDED - ONSET : null,
    rollback:
      kind === 'rolled-back'
        ? {
            decidedAtMs: DECIDED,
            trafficOffMs: DECIDED + 40_000,
            completeMs: DECIDED + 152_000,
            deadlineMs: 5 * MINUTE,
            withinDeadline: true,
            steps: STEPS,
          }
        : null,
    harm: {
      requestsToCandidate: kind === 'refused' ? 0 : 1_402_331,
      excessErrors: or(-112),
      excessSlow: or(41_877),
      lostOutcomes: or(312),
    },
    requests: {
      total: kind === 'refused' ? 0 : 9_991_800,
      mirrored: kind === 'refused' ? 0 : 3_074_400,
      byArm: {
        baseline: kind === 'refused' ? 0 : 8_589_469,
        candidate: kind === 'refused' ? 0 : 4_476_731,
        control: 0,
      },
    },
    stages: outcomeStages(kind),
    latencyMs: both(1, kind === 'rolled-back' ? 1.31 : 1.03),
    waitMs: both(0.02, 0.05),
    featureFetchMs: both(0.2, 0.22),
    utilisation: { baseline: or(0.412), candidate: or(0.387) },
    cacheHitRatio: { baseline: or(0.942), candidate: or(0.917) },
    shadow: {
      compared: kind === 'refused' ? 0 : 3_071_002,
      scoreMedianShift: or(0.051),
      scoreMeanShift: or(0.0622),
      mismatchRatio: or(0.0143),
      extraInferences: kind === 'refused' ? 0 : 3_074_400,
    },
    expectation: {
      verdict: kind === 'paused' ? 'promoted' : kind,
      guard: kind === 'rolled-back' ? 'latency-p95' : null,
      met: kind !== 'paused',
      finding: kind === 'paused' ? 'the median is noisier than its bound when the schedule is compressed' : null,
      misses: kind === 'paused' ? ['verdict: expected promoted, got paused'] : [],
    },
    alerts:
      kind === 'rolled-back'
        ? [{ atMs: 358 * MINUTE, guard: 'click-through', message: 'click-through dropped 5.4 %' }]
        : [],
    timing: { wallMs: 5210, simulatedMs: kind === 'refused' ? 0 : END, requestsPerSecond: 1_917_000, peakRssMb: 312 },
  };
}
