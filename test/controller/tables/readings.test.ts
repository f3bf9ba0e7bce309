/** What trailing ratios, streaks and sequences make of a sentence that does not say which of them it means (statistics §18.2, §18.3), by the real guards. */
import { describe, it } from 'vitest';
import type { Test } from '../../../controller/guard-tests.ts';
import type { Guard } from '../../../controller/policy.ts';
import { binomialCounts } from '../../../tools/readings/draw.ts';
import { alarmsOf, MINUTE, telling, watching, type WindowWorld } from '../../../tools/readings/rollouts.ts';
import { agrees, type Cell, sized } from './published.ts';

const LOOKS = 120;
const ROLLOUTS = sized(40);

/** Every guard against its cell; null: nothing is published. */
function compare(
  guards: readonly Guard[],
  weight: number,
  world: WindowWorld,
  cells: readonly (Cell | null)[],
  published: number,
  seed: string,
): void {
  const asked = guards.filter((_, i) => cells[i] !== null);
  const alarms = alarmsOf(watching(asked, weight, LOOKS), world, ROLLOUTS, LOOKS, `tables/readings/${seed}`);
  for (const [i, { name }] of guards.entries())
    if (cells[i] !== null) agrees(alarms.get(name)!, ROLLOUTS, cells[i]!, published, `${seed}, ${name}`);
}

const sustained = (minutes: number, reading: 'pooled' | 'every') => ({ forMs: minutes * MINUTE, reading });

describe('"error ratio < 0.1 %" and "p95 < 50 ms", of the last 5, 15 and 30 minutes (§18.2)', () => {
  const metric = { kind: 'error-ratio' } as const;
  // An exceedance is an event like an error: of "p95 < 50 ms" the bound is 5 %.
  const trailing = (theta: number): readonly Guard[] =>
    [5, 15, 30].map((minutes) =>
      telling({
        name: `${minutes} min`,
        metric,
        bound: { kind: 'absolute', breachWhen: '>', value: theta },
        sustained: sustained(minutes, 'pooled'),
      }),
    );
  it.each<[number, number, number, readonly (Cell | null)[]]>([
    [4167, 0.001, 0.0005, [[0.1694], [2e-5], [0]]],
    [
      4167,
      0.001,
      0.0009,
      [
        [1, 8],
        [0.9785, 28],
        [0.6865, 55],
      ],
    ],
    [
      4167,
      0.001,
      0.0012,
      [
        [1, 5],
        [1, 15],
        [1, 30],
      ],
    ],
    [
      4167,
      0.001,
      0.002,
      [
        [1, 5],
        [1, 15],
        [1, 30],
      ],
    ],
    [
      4167,
      0.001,
      0.005,
      [
        [1, 5],
        [1, 15],
        [1, 30],
      ],
    ],
    [833, 0.001, 0.0005, [null, [0.2665], [0.0219]]],
    [20_833, 0.001, 0.0009, [null, [0.566], [0.0839]]],
    [4167, 0.05, 0.045, [[0.0272], [0], [0]]],
    [4167, 0.05, 0.0475, [[0.934, 30], [0.0656], [0.00063]]],
    [
      4167,
      0.05,
      0.055,
      [
        [1, 5],
        [1, 15],
        [1, 30],
      ],
    ],
    [
      4167,
      0.05,
      0.06,
      [
        [1, 5],
        [1, 15],
        [1, 30],
      ],
    ],
    [
      4167,
      0.05,
      0.1,
      [
        [1, 5],
        [1, 15],
        [1, 30],
      ],
    ],
  ])('%i a minute, at most %f, truly %f', (n, theta, p, cells) => {
    const errors = binomialCounts(n, p);
    compare(trailing(theta), 5, () => ({ candidate: { requests: n, errors } }), cells, 200_000, `${n}/${theta}/${p}`);
  });
});

const clicks = (name: string, direction: 'drop' | 'either', by: number, rule: Partial<Guard>): Guard =>
  telling({
    name,
    metric: { kind: 'outcome-ratio' },
    bound: { kind: 'relative', to: 'baseline', direction, by },
    ...rule,
  });

/** An arm of this percentage of canonical traffic, of whose users a fifth click. */
const arm = (part: number) => {
  const requests = Math.round((83_333 * part) / 100);
  return { requests, outcomes: binomialCounts(requests, 0.2) };
};

describe('"CTR drops by more than 2 %" (§18.3)', () => {
  const sequence: Test = {
    method: 'ratio-sequence',
    alpha: 0.001,
    passAlpha: 0.05,
    passBy: 'evidence',
    inflation: 1,
    sharpestMs: 30 * MINUTE,
  };
  const GUARDS = [
    clicks('rise or drop, 15 min', 'either', 0.02, { sustained: sustained(15, 'pooled') }),
    clicks('drop, 15 min', 'drop', 0.02, { sustained: sustained(15, 'pooled') }),
    clicks('drop, 30 min', 'drop', 0.02, { sustained: sustained(30, 'pooled') }),
    clicks('15 in a row', 'drop', 0.02, { sustained: sustained(15, 'every') }),
    clicks('30 in a row', 'drop', 0.02, { sustained: sustained(30, 'every') }),
    clicks('sequence against −2 %', 'drop', 0.02, { test: sequence, minPositives: 50 }),
    clicks('sequence against 0', 'drop', 0, { test: sequence, minPositives: 50 }),
  ];
  it.each<[number, number, readonly (Cell | null)[]]>([
    [1, 0, [[1], [0.9974], [0.9001], [0.000456], null, [1e-5], [0.00027]]],
    [5, 0, [[0.9993], [0.9365], [0.4911], [4.75e-5], null, [0], [0.00039]]],
    [10, 0, [[0.9651], [0.7634], [0.1955], [8.95e-6], null, [0], [0.00038]]],
    [50, 0, [[0.3021], [0.1514], [0.0034], [8.24e-8], null, [0], [0.00042]]],
    [1, 0.05, [null, null, null, [0.0157], [4.9e-6], [0.0491, 85], [0.391, 84]]],
    [5, 0.05, [null, null, null, [0.0921], [0.00022], [0.8146, 69], [1, 29]]],
    [10, 0.05, [null, null, null, [0.2395], [0.0021], [0.9966, 41], [1, 16]]],
    [50, 0.05, [null, null, null, [0.8241, 44], [0.0938], [1, 16], [1, 7]]],
    [1, 0.1, [null, null, null, [0.1899], null, [0.9745, 52], null]],
    [5, 0.1, [null, null, null, [0.9601, 33], null, [1, 12], null]],
    [10, 0.1, [null, null, null, [0.9999, 17], null, [1, 7], null]],
    [50, 0.1, [null, null, null, [1, 15], null, [1, 3], null]],
  ])('%i % of the traffic, −%f', (share, by, cells) => {
    const own = Math.round((83_333 * share) / 100);
    const rest = 83_333 - own;
    const candidate = { requests: own, outcomes: binomialCounts(own, 0.05 * (1 - by)) };
    const baseline = { requests: rest, outcomes: binomialCounts(rest, 0.05) };
    compare(GUARDS, share, () => ({ candidate, baseline }), cells, 100_000, `${share} %, −${by}`);
  });

  it.each([
    [5, 0.007],
    [10, 4e-5],
  ])('of 20 %, %i % of the traffic, no change', (share, published) => {
    const world = { candidate: arm(share), baseline: arm(100 - share) };
    compare(GUARDS.slice(2, 3), share, () => world, [[published]], 100_000, `of 20 %, ${share} %`);
  });
});
