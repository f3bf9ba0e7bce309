/** What holds for every guard that a test decides: plain state, time scale, missing data, delays, segments. */
import { describe, expect, it } from 'vitest';
import type { Guard } from '../../../controller/policy.ts';
import { scalePolicy } from '../../../controller/scale-policy.ts';
import type { RolloutState } from '../../../controller/state.ts';
import { guardOf, headerOf, MINUTE, rehearse, rowOf, type Script } from '../support.ts';
import {
  E_PROCESS,
  TWO_ARM,
  SEQUENCE,
  BAND,
  BURN,
  tested,
  onClicks,
  drop,
  rise,
  oneStage,
  minutely,
  run,
  verdictsOf,
  EVEN,
} from './tested.ts';

const through = (state: RolloutState): RolloutState => JSON.parse(JSON.stringify(state)) as RolloutState;

const script = minutely(
  (at) => ({ errors: at % 3, impressions: 4167, outcomes: 205 + (at % 7), scores: EVEN }),
  (at) => ({ errors: 20 + (at % 3), impressions: 79_166, outcomes: 3958, scores: EVEN }),
);
const stops: Script = (index, router) => (index < 20 ? script(index, router) : null);

const lossy: Script = (index, router) => (index % 4 === 3 ? null : script(index, router));

const minute = (candidate: number, control: number): Script =>
  minutely(
    () => ({ over: [candidate] }),
    () => ({ over: [control] }),
  );

const endOf = (guard: Guard, minutes: Script): string => run(oneStage([guard]), minutes).state.verdict;

describe('whatever the test', () => {
  const policy = oneStage(
    [
      tested(E_PROCESS),
      tested({ ...E_PROCESS, lateOnset: true, inflation: 'measured' }, { name: 'late', action: 'hold' }),
      tested(TWO_ARM, { name: 'arms', action: 'hold', bound: rise(0.5) }),
      tested(SEQUENCE, { ...onClicks, name: 'clicks', action: 'hold', bound: drop(0.05) }),
      tested(BAND, {
        name: 'shape',
        action: 'alert',
        metric: { kind: 'distribution', of: 'score' },
        bound: rise(0.1),
        requiredToAdvance: false,
      }),
      tested(BURN, { name: 'burn', action: 'alert' }),
    ],
    40 * MINUTE,
  );

  it('the state is plain data: a trip through JSON at every step changes nothing', () => {
    const plain = run(policy, script);
    expect(run(policy, script, { through })).toEqual(plain);
    expect(plain.state.verdict).toBe('promoted');
  });

  it('decides the same on a compressed schedule', () => {
    const plain = run(policy, script);
    for (const scale of [7, 60]) {
      const windowMs = MINUTE / scale;
      const compressed: Script = (index, router) =>
        (script(index, router) ?? []).map((row) => ({
          ...row,
          startMs: index * windowMs,
          endMs: (index + 1) * windowMs,
        }));
      const scaled = rehearse(scalePolicy(policy, scale), { script: compressed, windowMs });
      expect(scaled.verdicts.map(({ verdict, test }) => [verdict, test])).toEqual(
        plain.verdicts.map(({ verdict, test }) => [verdict, test]),
      );
    }
  });

  it('no data never passes: nothing at all, one arm without samples, data that stopped', () => {
    for (const { guard, verdict } of run(
      policy,
      minutely(
        () => ({ requests: 0 }),
        () => ({ requests: 0 }),
      ),
    ).verdicts)
      expect([guard, verdict]).toEqual([guard, 'inconclusive']);
    const alone = run(policy, (index) => [
      rowOf('candidate', index, { requests: 4167, impressions: 4167, outcomes: 200, scores: EVEN }, MINUTE),
    ]);
    for (const name of ['arms', 'clicks', 'shape'])
      expect(verdictsOf(alone, name).every(({ verdict }) => verdict === 'inconclusive')).toBe(true);
    const r = run(policy, stops);
    expect(verdictsOf(r)[19]!.verdict).toBe('pass');
    expect(verdictsOf(r)[21]!.verdict).toBe('pass');
    expect(verdictsOf(r)[22]).toMatchObject({
      verdict: 'inconclusive',
      because: expect.stringContaining('the newest data ended 3m ago'),
    });
    expect(r.decisions.some(({ guard }) => guard === 'data-loss')).toBe(true);
  });

  it('a lost window teaches nothing and costs nothing', () => {
    const lost = verdictsOf(run(policy, lossy));
    expect(lost[3]!.samples).toBe(lost[2]!.samples);
    expect(lost.at(-1)!.samples).toBe(30 * 4167);
  });

  it('a breach counts once it has stood for its delay, of a test as of a threshold', () => {
    for (const rule of [{ sustained: null, test: E_PROCESS }, {}]) {
      const guard = guardOf({ ...rule, delayMs: 3 * MINUTE });
      const r = run(
        oneStage([guard]),
        minutely((at) => ({ errors: at === 3 ? 0 : 40 })),
      );
      const seen = verdictsOf(r).map(({ verdict }) => verdict);
      expect(seen.lastIndexOf('breach')).toBe(rule.test === undefined ? 7 : 3);
      expect(verdictsOf(r)[1]!.because).toContain('standing for 1m of 3m');
    }
  });

  it('of several that breach at once the one with the most evidence is named', () => {
    const guards = [
      guardOf({ name: 'threshold' }),
      tested(E_PROCESS, { name: 'weak', bound: { kind: 'absolute', breachWhen: '>', value: 0.004 } }),
      tested(E_PROCESS, { name: 'strong' }),
    ];
    const r = run(
      oneStage(guards),
      minutely(() => ({ errors: 60 })),
    );
    expect(r.state.endedBy!.guard).toBe('strong');
    expect(r.verdicts.filter(({ verdict }) => verdict === 'breach')).toHaveLength(3);
  });

  it('a guard of one segment reads that segment alone', () => {
    const guards = [
      tested(E_PROCESS, { name: 'here', segment: 'Lyon' }),
      tested(E_PROCESS, { name: 'there', action: 'alert' }),
    ];
    const p = oneStage(guards);
    const r = rehearse(
      p,
      {
        windowMs: MINUTE,
        script: (index) => [
          rowOf('candidate', index, { requests: 4167, errors: 15 }, MINUTE),
          rowOf('candidate', index, { requests: 400, errors: 15, segment: 'Lyon' }, MINUTE),
          rowOf('baseline', index, { requests: 79_166 }, MINUTE),
        ],
      },
      { ...headerOf(p), segments: ['all', 'Lyon'] },
    );
    expect(r.state.endedBy).toMatchObject({ guard: 'here', samples: 400 });
  });

  it('a control of the candidate’s size clears what only its size makes slow, and still catches a slow candidate', () => {
    const slow = { kind: 'slow-ratio', thresholdMs: 50 } as const;
    const absolute = tested(E_PROCESS, {
      name: 'absolute',
      metric: { kind: 'latency', quantile: 0.95 },
      bound: { kind: 'absolute', breachWhen: '>', value: 50 },
    });
    const relative = tested(TWO_ARM, { name: 'relative', metric: slow, bound: rise(0.25, 'control') });
    const threshold = guardOf({
      name: 'threshold',
      metric: slow,
      bound: rise(0.25, 'control'),
      sustained: { forMs: 15 * MINUTE, reading: 'pooled' },
    });
    // 10 % of the answers are slow on a small fleet, whatever model runs on it.
    expect(endOf(absolute, minute(417, 417))).toBe('rolled-back');
    for (const guard of [relative, threshold]) {
      expect(endOf(guard, minute(417, 417))).toBe('promoted');
      expect(endOf(guard, minute(600, 417))).toBe('rolled-back');
    }
  });
});
