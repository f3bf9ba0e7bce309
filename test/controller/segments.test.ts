/** Stages about some segments, and guards asked of each. */
import { describe, expect, test } from 'vitest';
import { policyHash } from '../../controller/policy-hash.ts';
import { perSegment } from '../../controller/per-segment.ts';
import type { Policy } from '../../controller/policy.ts';
import type { ArmWindow } from '../../telemetry/window.ts';
import { guardOf, headerOf, MINUTE, policyOf, rehearse, rowOf, stageOf, type WorldSettings } from './support.ts';

const CITIES = ['ATL', 'LAX', 'PHX'];

/** Rows of all cities and their sum; errors and requests of the candidate by city, 1,000 requests each for the baseline. */
const script =
  (
    candidate: Readonly<Record<string, Partial<ArmWindow>>>,
    baseline: Partial<ArmWindow> = {},
  ): WorldSettings['script'] =>
  (index) =>
    (['baseline', 'candidate'] as const).flatMap((arm) => {
      const rows = CITIES.map((segment) =>
        rowOf(arm, index, {
          segment,
          ...(arm === 'baseline' ? { requests: 1000, ...baseline } : (candidate[segment] ?? {})),
        }),
      );
      const sum = (of: (row: ArmWindow) => number): number => rows.reduce((total, row) => total + of(row), 0);
      return [rowOf(arm, index, { requests: sum((r) => r.requests), errors: sum((r) => r.errors) }), ...rows];
    });

const rehearseIn = (policy: Policy, world: WorldSettings['script']) => {
  const own = perSegment(policy, CITIES);
  return rehearse(own, { script: world }, { ...headerOf(own), segments: ['all', ...CITIES] });
};

const expanding = (changes: Partial<Policy> = {}): Policy =>
  policyOf({
    stages: [
      stageOf('city', 10, { segments: ['ATL'] }),
      stageOf('cities', 10, { segments: ['ATL', 'LAX'] }),
      stageOf('everywhere', 10),
      stageOf('full', 100, { holdMs: 0, extendMs: 0 }),
    ],
    ...changes,
  });
const healthy = { requests: 1000 };
const failing = { requests: 1000, errors: 100 };

/** ATL fails as often as it always did; elsewhere the baseline is better, so that the sum of all looks bad. */
const goodElsewhere: WorldSettings['script'] = (index) => {
  const rows = [
    rowOf('baseline', index, { segment: 'ATL', requests: 1000, errors: 100 }),
    rowOf('baseline', index, { segment: 'LAX', requests: 9000, errors: 9 }),
    rowOf('candidate', index, { segment: 'ATL', requests: 100, errors: 10 }),
  ];
  return [
    ...rows,
    rowOf('baseline', index, { requests: 10_000, errors: 109 }),
    rowOf('candidate', index, { requests: 100, errors: 10 }),
  ];
};

describe('stages about some segments', () => {
  const { actions, decisions, state } = rehearseIn(expanding(), script({ ATL: healthy, LAX: healthy, PHX: healthy }));

  test('every step says whose requests the weight is about, also where only they change', () => {
    const weights = actions.flatMap(({ action }) => (action.kind === 'set-weight' ? [action] : []));
    expect(weights.map(({ weightPercent, segments }) => [weightPercent, segments])).toEqual([
      [10, ['ATL']],
      [10, ['ATL', 'LAX']],
      [10, undefined],
      [100, undefined],
    ]);
    expect(state.stages.map(({ segments }) => segments)).toEqual([['ATL'], ['ATL', 'LAX'], undefined, undefined]);
  });

  test('and so does the sentence', () => {
    const sentences = decisions.filter(({ kind }) => kind === 'start-stage').map(({ sentence }) => sentence);
    expect(sentences[0]).toBe('started city: 10 % of the traffic of ATL to the candidate for 2m');
    expect(sentences[1]).toContain('10 % of the traffic of ATL and LAX to the candidate');
    expect(sentences[2]).toContain('10 % of the traffic to the candidate');
  });

  test('a guard on all reads the requests of the stage: the baseline of other cities is nobody to compare with', () => {
    const bound = { kind: 'relative', to: 'baseline', direction: 'rise', by: 0.2 } as const;
    const policy = expanding({ guards: [guardOf({ bound })] });
    const first = rehearseIn(policy, goodElsewhere).verdicts[0]!;
    expect(first).toMatchObject({ verdict: 'pass', value: 0.1, reference: 0.1, samples: 600 });
    expect(first.segment).toBeUndefined();
  });

  test('a candidate that gets nothing in its city is starved, however much others get', () => {
    const { state: ended } = rehearseIn(expanding({ guards: [guardOf({ minSamples: 0 })] }), script({}));
    expect(ended).toMatchObject({ verdict: 'paused', endedBy: { guard: 'starved', reference: 6000 } });
  });

  test('policies without segments keep their identity', () => {
    const plain = policyOf();
    expect(policyHash(plain)).toBe(policyHash(perSegment(plain, CITIES)));
    expect(policyHash(expanding())).not.toBe(policyHash(expanding({ stages: expanding().stages.slice(1) })));
  });
});

describe('a guard on each segment', () => {
  const each = expanding({ guards: [guardOf({ segment: 'each', minSamples: 500 })] });

  test('becomes one guard per segment, active where the stage opens it', () => {
    const guards = perSegment(each, CITIES).guards.map(({ name, segment, stages }) => [name, segment, stages]);
    expect(guards).toEqual([
      ['errors/ATL', 'ATL', null],
      ['errors/LAX', 'LAX', ['cities', 'everywhere', 'full']],
      ['errors/PHX', 'PHX', ['everywhere', 'full']],
    ]);
  });

  test('finds what is wrong in one city there, when it opens, and nowhere else', () => {
    const { state, verdicts } = rehearseIn(each, script({ ATL: healthy, LAX: failing, PHX: healthy }));
    expect(state).toMatchObject({ verdict: 'rolled-back', endedBy: { guard: 'errors/LAX', segment: 'LAX' } });
    expect(state.explanation).toBe(
      'rolled back: error ratio 10 % > 0.1 % over the last 1m, n = 6,000 (guard errors/LAX, stage cities)',
    );
    const breaches = verdicts.filter(({ verdict }) => verdict === 'breach');
    expect(new Set(breaches.map(({ segment }) => segment))).toEqual(new Set(['LAX']));
  });

  test('too few samples in one city keep the stage, whatever the others say (L3)', () => {
    const { state } = rehearseIn(each, script({ ATL: healthy, LAX: { requests: 10 }, PHX: healthy }));
    expect(state).toMatchObject({ verdict: 'paused', endedBy: { guard: 'errors/LAX', verdict: 'inconclusive' } });
    expect(state.explanation).toContain('errors/LAX: 60 of 500 samples');
    expect(state.stages.at(-1)?.name).toBe('cities');
  });

  test("a test's α is divided among them", () => {
    const test_ = { method: 'two-arm', alpha: 0.003, passAlpha: null, passBy: 'evidence' } as never;
    const policy = expanding({ guards: [guardOf({ segment: 'each', sustained: null, test: test_ })] });
    expect(perSegment(policy, CITIES).guards.map(({ test: own }) => (own as { alpha: number }).alpha)).toEqual([
      0.001, 0.001, 0.001,
    ]);
  });

  test('a guard on one named segment says so in its sentences', () => {
    const named = expanding({ guards: [guardOf({ name: 'atlanta', segment: 'ATL' })] });
    const { state } = rehearseIn(named, script({ ATL: failing }));
    expect(state.explanation).toContain('(guard atlanta, segment ATL, stage city)');
  });

  test('a run without segments refuses it', () => {
    expect(() => rehearse(perSegment(each, []), { script: script({}) })).toThrow(
      /guard errors reads segment 'each', expected one of: all\nstage city is about segment 'ATL', expected one of: none/,
    );
  });
});

test('streaks and onsets are kept per segment', () => {
  const alerts = expanding({
    guards: [
      guardOf({ bound: { kind: 'absolute', breachWhen: '>', value: 0.5 } }),
      guardOf({
        name: 'late',
        segment: 'each',
        action: 'alert',
        requiredToAdvance: false,
        sustained: { forMs: 2 * MINUTE, reading: 'every' },
      }),
    ],
    stages: [stageOf('canary', 10), stageOf('full', 100, { holdMs: 0, extendMs: 0 })],
  });
  const world = script({ ATL: healthy, LAX: { requests: 1000, errors: 2 }, PHX: { requests: 1000, errors: 2 } });
  const { decisions } = rehearseIn(alerts, world);
  const told = decisions.filter(({ kind }) => kind === 'alert').map(({ atMs, guard }) => [atMs, guard]);
  expect(told).toEqual([
    [2 * MINUTE, 'late/LAX'],
    [2 * MINUTE, 'late/PHX'],
  ]);
});
