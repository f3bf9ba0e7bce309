/** A router that does not keep its shares: nothing can be known against another arm, whatever decides the guard (statistics §8). */
import { describe, expect, it } from 'vitest';
import type { Guard } from '../../../controller/policy.ts';
import { guardOf, MINUTE, rowOf, type Script } from '../support.ts';
import { drop, oneStage, rise, run, verdictsOf } from './tested.ts';

/** A candidate that fails ten times as often as the baseline; it gets its share of 5 % except from `from` to `to`. */
const script =
  (from: number, to: number): Script =>
  (index) => {
    const requests = index >= from && index < to ? 8000 : 4000;
    return [
      rowOf('baseline', index, { requests: 76_000, errors: 38 }, MINUTE),
      rowOf('candidate', index, { requests, errors: requests / 200 }, MINUTE),
    ];
  };
const always = script(0, Infinity);

const any = guardOf({ name: 'any', bound: { kind: 'absolute', breachWhen: '>', value: 0.5 } });
const relative = (reading: 'pooled' | 'every', changes: Partial<Guard> = {}): Guard =>
  guardOf({ bound: rise(0.5), sustained: { forMs: 3 * MINUTE, reading }, requiredToAdvance: false, ...changes });

describe('while the shares are off', () => {
  it.each(['pooled', 'every'] as const)('a change that is sustained, %s, is inconclusive and says why', (reading) => {
    const right = run(oneStage([relative(reading), any], 5 * MINUTE), script(0, 0)).state;
    expect(right.verdict).toBe('rolled-back');
    const r = run(oneStage([relative(reading), any], 5 * MINUTE), always);
    expect(r.state.verdict).toBe('promoted');
    for (const { verdict, because, needed } of verdictsOf(r))
      expect({ verdict, because, needed }).toEqual({
        verdict: 'inconclusive',
        because: 'the router gives the candidate 9.52 % of the requests, not 5 %',
        needed: undefined,
      });
  });

  it('a required one keeps the stage from advancing, and the pause speaks of no traffic', () => {
    const required = relative('pooled', { bound: drop(0.5), requiredToAdvance: true });
    expect(run(oneStage([required], 5 * MINUTE), always).state.explanation).toBe(
      'paused: canary did not pass within 5m: errors: the router gives the candidate 9.52 % of the requests, not 5 %',
    );
  });

  it('bounds that are no change against another arm are decided as ever', () => {
    const absolute = relative('pooled', { bound: { kind: 'absolute', breachWhen: '>', value: 0.001 } });
    expect(run(oneStage([absolute, any], 5 * MINUTE), always).state.verdict).toBe('rolled-back');
  });

  it('no minute counts towards a streak, so that it begins anew once they are right', () => {
    // The shares of the stage so far are within a twentieth of 5 % again after many minutes.
    const r = run(oneStage([relative('every'), any], 60 * MINUTE), script(0, 1));
    const verdicts = verdictsOf(r).map(({ verdict, because }) => [verdict, because.startsWith('the router')] as const);
    const off = verdicts.findLastIndex(([, isOff]) => isOff);
    expect(off).toBeGreaterThan(3);
    expect(verdicts.slice(off + 1)).toEqual([
      ['inconclusive', false],
      ['inconclusive', false],
      ['breach', false],
    ]);
  });
});
