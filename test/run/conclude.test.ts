import { beforeAll, describe, expect, test } from 'vitest';
import { classify, type Conclusion, conclude, type Facts } from '../../conclude.ts';
import type { ControllerState, GuardVerdict, RolloutVerdict } from '../../controller/decision.ts';
import { Ledger } from '../../ledger.ts';
import type { LiveReport } from '../../live/live-report.ts';
import type { Outcome } from '../../outcome.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import { tinyScenario } from '../cli/tiny.ts';
import { guardOf, MINUTE, policyOf } from '../controller/support.ts';

const base = loadScenario('scenario.yaml', {
  text: tinyScenario().replace('tiny-policy.yaml', 'policies/quick.yaml'),
}).scenario;
const HOUR = 60 * MINUTE;
beforeAll(histogramsReady);

const breach: GuardVerdict = {
  guard: 'errors',
  stage: 'canary',
  atMs: 2 * HOUR,
  verdict: 'breach',
  value: 0.02,
  reference: null,
  threshold: 0.01,
  samples: 6000,
  sustainedMs: 15 * MINUTE,
  because: 'error ratio 2 % > 1 % over the last 15m, n = 6,000',
};

function concluded(
  verdict: RolloutVerdict,
  {
    scenario = {},
    state = {},
    facts = {},
  }: {
    scenario?: Partial<Scenario>;
    state?: Partial<ControllerState>;
    facts?: Partial<Facts>;
  } = {},
): Conclusion {
  return conclude({
    world: 'sim',
    scenario: { ...base, ...scenario },
    policy: policyOf({ guards: [guardOf(), guardOf({ name: 'slow', metric: { kind: 'latency', quantile: 0.999 } })] }),
    policyHash: 'sha256:x',
    state: {
      wakeMs: 0,
      verdict,
      decidedAtMs: 2 * HOUR,
      explanation: 'because of 1',
      endedBy: verdict === 'rolled-back' || verdict === 'paused' ? breach : null,
      stages: [],
      rollback: null,
      ...state,
    },
    decisions: [],
    ledger: null,
    endMs: 2 * HOUR,
    ...facts,
  });
}
const truth = (candidate: 'healthy' | 'regressed', onsetMs: number | null = null): Scenario['truth'] => ({
  candidate,
  onsetMs,
  cause: null,
});

describe('classification', () => {
  const table: readonly (readonly ['healthy' | 'regressed', Outcome['verdict'], Outcome['classification']])[] = [
    ['healthy', 'promoted', 'true-promotion'],
    ['healthy', 'rolled-back', 'false-rollback'],
    ['healthy', 'refused', 'false-rollback'],
    ['healthy', 'paused', 'inconclusive'],
    ['regressed', 'promoted', 'missed-regression'],
    ['regressed', 'rolled-back', 'true-rollback'],
    ['regressed', 'refused', 'true-rollback'],
    ['regressed', 'paused', 'inconclusive'],
  ];
  test.each(table)('a %s candidate that is %s is a %s', (candidate, verdict, classification) => {
    expect(classify(truth(candidate), verdict, 0)).toBe(classification);
    expect(concluded(verdict, { scenario: { truth: truth(candidate) } }).classification).toBe(classification);
  });

  test('a rollback before the onset stopped a model that was healthy then', () => {
    const early = concluded('rolled-back', { scenario: { truth: truth('regressed', 3 * HOUR) } });
    expect([early.classification, early.detectionDelayMs]).toEqual(['false-rollback', null]);
    const late = concluded('rolled-back', { scenario: { truth: truth('regressed', 2 * HOUR) } });
    expect([late.classification, late.detectionDelayMs]).toEqual(['true-rollback', 0]);
  });
});

describe('a live run that is no measurement', () => {
  const live = { valid: false, reasons: ['load: 3 of 9 requests were due and never sent'] } as unknown as LiveReport;
  test('is inconclusive and never meets an expectation, whatever the policy decided', () => {
    const wanted = { verdict: 'promoted', guard: null, withinMs: null, finding: null } as const;
    const scenario = { truth: truth('healthy'), expect: wanted };
    const spoilt = concluded('promoted', { scenario, facts: { world: 'live', live } });
    expect(spoilt.classification).toBe('inconclusive');
    expect(spoilt.expectation).toMatchObject({
      met: false,
      misses: ['the run is no measurement: load: 3 of 9 requests were due and never sent'],
    });
    const sound = concluded('promoted', { scenario, facts: { world: 'live', live: { ...live, valid: true } } });
    expect([sound.classification, sound.expectation!.met]).toEqual(['true-promotion', true]);
    // A simulated outcome has no such field at all: its digest must not change.
    expect(Object.keys(concluded('promoted'))).not.toContain('live');
  });
});

describe('detection delay', () => {
  test('counts from the onset, which is the start when the scenario states none', () => {
    const delays = [null, HOUR].map(
      (onsetMs) => concluded('rolled-back', { scenario: { truth: truth('regressed', onsetMs) } }).detectionDelayMs,
    );
    expect(delays).toEqual([2 * HOUR, HOUR]);
  });

  test('is absent when nothing was there to detect, or it was not', () => {
    expect(concluded('rolled-back', { scenario: { truth: truth('healthy') } }).detectionDelayMs).toBeNull();
    for (const verdict of ['promoted', 'paused'] as const)
      expect(concluded(verdict, { scenario: { truth: truth('regressed') } }).detectionDelayMs).toBeNull();
  });
});

describe('the guard that ended it', () => {
  test('is told with its metric in words, its value and its bound', () => {
    expect(concluded('rolled-back').guard).toEqual({
      name: 'errors',
      metric: 'error-ratio',
      arm: 'candidate',
      value: 0.02,
      threshold: 0.01,
      sustainedMs: 15 * MINUTE,
      samples: 6000,
    });
    const slow = concluded('rolled-back', { state: { endedBy: { ...breach, guard: 'slow' } } });
    expect(slow.guard?.metric).toBe('latency p99.9');
  });

  test('is null when none did', () => expect(concluded('promoted').guard).toBeNull());
});

const rollback = (completeMs: number | null): Outcome['rollback'] =>
  concluded('rolled-back', {
    state: {
      rollback: {
        guard: 'errors',
        decidedAtMs: HOUR,
        trafficOffMs: HOUR,
        completeMs,
        deadlineMs: 2 * MINUTE,
        steps: [{ name: 'verify', startMs: HOUR, endMs: completeMs }],
      },
    },
  }).rollback;

describe('rollback', () => {
  test('that takes exactly its deadline is within it; a moment more is not; one that never ends is not', () => {
    const within = [HOUR + 2 * MINUTE, HOUR + 2 * MINUTE + 1, null].map((end) => rollback(end)?.withinDeadline);
    expect(within).toEqual([true, false, false]);
  });
});

const expectation = (
  changes: Partial<NonNullable<Scenario['expect']>>,
  onsetMs: number | null = null,
): Outcome['expectation'] =>
  concluded('rolled-back', {
    scenario: {
      truth: truth('regressed', onsetMs),
      expect: { verdict: 'rolled-back', guard: null, withinMs: null, finding: null, ...changes },
    },
  }).expectation;

describe('the expectation', () => {
  test('is absent when the scenario has none', () => expect(concluded('promoted').expectation).toBeNull());

  test('is met by the verdict alone when it asks for no more', () => {
    expect(expectation({})).toMatchObject({ met: true, misses: [] });
  });

  test('lists every point in which it is missed', () => {
    expect(expectation({ verdict: 'promoted', guard: 'slow', withinMs: HOUR })).toEqual({
      verdict: 'promoted',
      guard: 'slow',
      finding: null,
      met: false,
      misses: [
        'verdict is rolled-back, expected promoted',
        'decided by errors, expected slow',
        `decided ${2 * HOUR} ms after the onset, expected within ${HOUR} ms`,
      ],
    });
  });

  test('counts its time from the onset, and exactly in time is in time', () => {
    expect(expectation({ withinMs: 2 * HOUR })?.met).toBe(true);
    expect(expectation({ withinMs: 2 * HOUR - 1 })?.met).toBe(false);
    expect(expectation({ withinMs: HOUR }, HOUR)?.met).toBe(true);
  });
});

/** Misses of a rollback that took so long, with a deadline of 2 minutes; null: there was none. */
const missesOf = (wanted: 'in-time' | 'late', tookMs: number | null): readonly string[] =>
  concluded('rolled-back', {
    scenario: { expect: { verdict: 'rolled-back', guard: null, withinMs: null, finding: null, rollback: wanted } },
    state: {
      rollback:
        tookMs === null
          ? null
          : {
              guard: 'errors',
              decidedAtMs: HOUR,
              trafficOffMs: HOUR,
              completeMs: HOUR + tookMs,
              deadlineMs: 2 * MINUTE,
              steps: [],
            },
    },
  }).expectation!.misses;

describe('an expectation of the rollback', () => {
  test('is met when it keeps its deadline, or misses it, as was said', () => {
    expect(missesOf('in-time', 2 * MINUTE)).toEqual([]);
    expect(missesOf('late', 2 * MINUTE + 1)).toEqual([]);
    expect(missesOf('late', MINUTE)).toEqual([
      'the rollback took 60000 ms with a deadline of 120000 ms, expected it late',
    ]);
    expect(missesOf('in-time', null)).toEqual(['nothing was rolled back, expected a rollback in-time']);
  });
});

test('the use of a full feature store is told by stage, from the windows that lie inside it', () => {
  const stage = { weightPercent: 0, mirrorPercent: 0, controlPercent: 0 };
  const { featureStore } = concluded('promoted', {
    state: {
      stages: [
        { ...stage, name: 'one', startMs: 0, endMs: 20_000 },
        { ...stage, name: 'two', startMs: 20_000, endMs: 45_000 },
        { ...stage, name: 'none', startMs: 45_000, endMs: 45_000 },
      ],
    },
    facts: {
      ledger: new Ledger({
        windowMs: 10_000,
        arms: ['baseline', 'candidate'],
        segments: ['all'],
        thresholds: [],
        scoreGrid: { low: 0, high: 1, bins: 1 },
      }),
      storeUse: { slots: 2, windowMs: 10_000, busyUntilMs: [4000, 8000, 24_000, 40_000, 50_000] },
    },
  });
  expect(featureStore).toEqual({
    slots: 2,
    stages: [
      { name: 'one', utilisation: 0.2 },
      { name: 'two', utilisation: 0.8 },
      { name: 'none', utilisation: null },
    ],
  });
});

describe('a rollout that did not run', () => {
  test('has no requests, times or comparison, and says so with null', () => {
    const refused = concluded('refused', { state: { decidedAtMs: 0 }, facts: { endMs: 0 } });
    expect(refused.requests).toEqual({ total: 0, mirrored: 0, byArm: { baseline: 0, candidate: 0, control: 0 } });
    expect(Object.values(refused.latencyMs.candidate)).toEqual(Array(7).fill(null));
    expect(refused.utilisation).toEqual({ baseline: null, candidate: null });
    expect(refused.harm).toMatchObject({ requestsToCandidate: 0, excessErrors: null });
  });

  test('and one that still runs cannot be concluded', () => {
    expect(() => concluded('running')).toThrow('got a running rollout, expected one that has ended');
  });
});
