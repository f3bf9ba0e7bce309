/** `relativeTo: before`: the baseline's figures of the stretch that ended when users first saw the candidate (statistics §5). */
import { describe, expect, it } from 'vitest';
import type { Guard, Policy } from '../../../controller/policy.ts';
import { loadPolicy } from '../../../controller/load-policy.ts';
import { isFast } from '../../../tuning/fast/judge.ts';
import { guardOf, MINUTE, policyOf, stageOf } from '../support.ts';
import { full, minutely, run, verdictsOf } from './tested.ts';

const before = { kind: 'relative', to: 'baseline', earlier: true, direction: 'rise', by: 0.5 } as const;
const guard = (changes: Partial<Guard> = {}): Guard =>
  guardOf({
    bound: before,
    sustained: { forMs: 3 * MINUTE, reading: 'pooled' },
    stages: ['canary', 'half'],
    action: 'alert',
    ...changes,
  });
const shown = guardOf({ name: 'shown', bound: { kind: 'absolute', breachWhen: '>', value: 0.5 }, stages: ['shadow'] });
const policy = (guards: readonly Guard[]): Policy =>
  policyOf({
    guards: [shown, ...guards],
    stages: [
      stageOf('shadow', 0, { mirrorPercent: 100, holdMs: 10 * MINUTE }),
      stageOf('canary', 5, { holdMs: 5 * MINUTE, extendMs: 0 }),
      stageOf('half', 50, { holdMs: 5 * MINUTE, extendMs: 0 }),
      full,
    ],
  });

/** Both arms fail alike, twice as often from the eleventh minute on; minute nine is another day's weather. */
const errorsOf = (at: number): number => (at < 7 ? 900 : at < 10 ? 100 : 200);
const day = minutely(
  (at) => ({ errors: errorsOf(at) / 10, mirrored: at < 10 ? 4167 : 0 }),
  (at) => ({ errors: 1.9 * errorsOf(at) }),
);

const text = (stages: string, rule: string): string => `
name: p
stages:
  - ${stages}
  - { name: full, weight: 100%, hold: 0 }
guards:
  - { name: e, metric: error-ratio, breachWhen: { rise: 10%, relativeTo: before }, ${rule}, action: roll-back, requiredToAdvance: true }
`;

describe('relative to before', () => {
  it('compares with the last minutes before users saw the candidate, as many as it looks back, in every later stage', () => {
    const r = run(policy([guard()]), day);
    const verdicts = verdictsOf(r).filter(({ verdict }) => verdict !== 'inconclusive');
    expect(verdicts.length).toBeGreaterThan(0);
    for (const { reference, value, verdict } of verdicts) {
      // 190 of 79,166 in each of the last three minutes of the shadow; 0.48 % now.
      expect(reference).toBeCloseTo(190 / 79_166, 9);
      expect(value).toBeCloseTo(20 / 4167, 9);
      expect(verdict).toBe('breach');
    }
    expect(verdicts.at(-1)!.because).toContain("above the baseline's earlier 0.24 %");
  });

  it('whereas the baseline in the same minutes has risen as well', () => {
    const { earlier: _, ...now } = before;
    const r = run(policy([guard({ bound: now })]), day);
    const told = verdictsOf(r).map(({ verdict }) => verdict);
    expect(told).toContain('pass');
    expect(told).not.toContain('breach');
  });

  it('a reading of every minute compares with the last one', () => {
    const r = run(policy([guard({ sustained: { forMs: 2 * MINUTE, reading: 'every' } })]), day);
    expect(verdictsOf(r).at(-1)!.reference).toBeCloseTo(190 / 79_166, 9);
  });

  it('is left to the judge that asks the controller itself', () => {
    const own = policy([guard({ action: 'roll-back' })]);
    expect(isFast(own)).toBe(false);
    expect(isFast(policy([guard({ action: 'roll-back', bound: { ...before, earlier: undefined as never } })]))).toBe(
      true,
    );
  });

  it('is refused with a test, in a stage nobody sees, and where nothing was before', () => {
    const pooled = 'sustained: { for: 3m, reading: pooled }';
    expect(() => loadPolicy('p.yaml', text('{ name: c, weight: 5%, hold: 1h }', pooled))).toThrow(
      'got before, expected a first stage with a weight of 0%',
    );
    expect(() => loadPolicy('p.yaml', text('{ name: s, weight: 0%, mirror: 100%, hold: 1h }', pooled))).toThrow(
      'got before in s, expected only stages with a weight',
    );
    expect(() => loadPolicy('p.yaml', text('{ name: c, weight: 5%, hold: 1h }', 'test: { method: two-arm }'))).toThrow(
      'got a test against what was before, expected sustained',
    );
  });
});
