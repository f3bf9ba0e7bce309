/** How long a stage waits for a streak under the bound, against the real controller. */
import { describe, expect, it } from 'vitest';
import { holdOdds, holdWords } from '../../controller/hold-odds.ts';
import type { Policy, Stage } from '../../controller/policy.ts';
import { Stream } from '../../sim/random.ts';
import { within } from '../statistics/within.ts';
import { guardOf, MINUTE, policyOf, rehearse, rowOf, stageOf } from './support.ts';

const every = (minutes: number) => ({ forMs: minutes * MINUTE, reading: 'every' }) as const;
const full = stageOf('full', 100, { holdMs: 0, extendMs: 0 });

/** A stage that waits for so many minutes in a row; a breach keeps it waiting. */
const waiting = (minutes: number, holdMinutes: number, extendMinutes: number, more: readonly Stage[] = []): Policy =>
  policyOf({
    guards: [guardOf({ name: 'p95', sustained: every(minutes), action: 'hold' })],
    stages: [stageOf('canary', 10, { holdMs: holdMinutes * MINUTE, extendMs: extendMinutes * MINUTE }), ...more, full],
  });

describe('odds of a stage that waits for a streak', () => {
  it('30 minutes in a row, one of twenty over: 73 minutes on average, and two hours are enough in 85 % of the rollouts', () => {
    // A hold of the streak's own length: what counts begins with the stage.
    const [odds] = holdOdds(waiting(30, 30, 90));
    within(odds!.meanMs / MINUTE, 73.1798135);
    within(odds!.passes, 0.854216886);
    expect(holdWords(odds!, MINUTE)).toBe(
      'p95 waits for 30 consecutive minutes under its bound: with 5 % of them over that takes 1h13m11s on average, and stage canary is long enough in 85.4 % of the rollouts',
    );
  });

  it.each([
    [3, 5, 4, 0.2],
    [3, 3, 0, 0.1],
    [4, 2, 6, 0.15],
    [2, 10, 3, 0.4],
  ])('%i in a row, held for %i and extended by %i minutes: as many are promoted', (streak, hold, extend, over) => {
    const policy = waiting(streak, hold, extend);
    const { passes } = holdOdds(policy, over)[0]!;
    const stream = new Stream(`hold-odds/${streak}/${hold}/${extend}`);
    const runs = 1000;
    let promoted = 0;
    for (let i = 0; i < runs; i++) {
      const { state } = rehearse(policy, {
        windowMs: MINUTE,
        script: (index) => [
          rowOf('baseline', index, { requests: 9000 }, MINUTE),
          rowOf('candidate', index, { requests: 1000, errors: stream.next() < over ? 2 : 1 }, MINUTE),
        ],
      });
      if (state.verdict === 'promoted') promoted++;
    }
    within(promoted / runs, passes, 0, 4 * Math.sqrt((passes * (1 - passes)) / runs));
  });

  it('are those of the stage that leaves least time, and of guards that wait for a streak alone', () => {
    const short = stageOf('canary-25', 25, { holdMs: 5 * MINUTE, extendMs: MINUTE });
    expect(holdOdds(waiting(5, 30, 30, [short]))).toMatchObject([{ stage: 'canary-25', windows: 5 }]);
    const only = { ...waiting(5, 30, 30, [short]) };
    const guards = only.guards.map((guard) => ({ ...guard, stages: ['canary'] }));
    expect(holdOdds({ ...only, guards })).toMatchObject([{ stage: 'canary' }]);
    for (const changes of [
      { requiredToAdvance: false },
      { sustained: { forMs: 5 * MINUTE, reading: 'pooled' as const } },
      { sustained: every(1) },
      { stages: ['full'] },
      { bound: null },
    ])
      expect(holdOdds(policyOf({ guards: [guardOf({ sustained: every(5), ...changes })] }))).toEqual([]);
  });
});
