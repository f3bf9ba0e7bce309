/** Exceedances in clumps: what counting them as independent does to a sequential test, and what dividing and betting do about it (statistics §18.4). */
import { describe, expect, it } from 'vitest';
import { logEvidence, needed } from '../../../controller/guards/bernoulli-evidence.ts';
import type { Test } from '../../../controller/guard-tests.ts';
import { logBeta } from '../../../statistics/gamma.ts';
import { logChoose } from '../../../statistics/binomial.ts';
import { clumpedCounts } from '../../../tools/readings/draw.ts';
import { alarmsOf, telling, watching } from '../../../tools/readings/rollouts.ts';
import { alarmsOfSteps, quantileOfAlarms } from '../guards/alarm-oracle.ts';
import { binomial } from '../oracles.ts';
import { agrees, type Cell, isFull, sized } from './published.ts';

const [N, THETA, ALPHA, LOOKS] = [4167, 0.05, 0.001, 120];

/** P(count = x) of a window whose own probability is drawn from a Beta distribution with mean p, so that its variance is `vif` times the binomial one. */
function betaBinomial(n: number, p: number, vif: number): Float64Array {
  if (vif === 1) return binomial(n, p);
  const sum = (n - 1) / (vif - 1) - 1;
  const [a, b] = [sum * p, sum * (1 - p)];
  return Float64Array.from({ length: n + 1 }, (_, x) =>
    Math.exp(logChoose(n, x) + logBeta(a + x, b + n - x) - logBeta(a, b)),
  );
}

/** The least count that is an alarm at each look, when counts are divided by `inflation`. */
function boundaries(inflation: number): readonly number[] {
  let x = 0;
  return Array.from({ length: LOOKS }, (_, t) => {
    const n = (N * (t + 1)) / inflation;
    x = Math.max(x, Math.floor(N * (t + 1) * THETA));
    while (logEvidence('up', x / inflation, n, THETA) < needed(ALPHA)) x++;
    return x;
  });
}

const raw = boundaries(1);

/** True ratio, then the cells of both. */
type Row = readonly [ratio: number, raw: Cell | null, divided: Cell];

const TABLE: readonly (readonly [vif: number, rows: readonly Row[]])[] = [
  [
    1,
    [
      [0.05, [8e-5], [8e-5]],
      [0.045, [0], [0]],
      [0.055, null, [1, 9]],
      [0.06, null, [1, 3]],
      [0.1, null, [1, 1]],
    ],
  ],
  [
    3,
    [
      [0.05, [0.0573], [0.00015]],
      [0.045, [0.00069], [0]],
      [0.055, null, [1, 26]],
      [0.06, null, [1, 7]],
      [0.1, null, [1, 1]],
    ],
  ],
  [
    12,
    [
      [0.05, [0.4825], [0.00053]],
      [0.045, [0.0892], [4e-5]],
      [0.055, null, [0.641, 78]],
      [0.06, null, [1, 25]],
      [0.1, null, [1, 2]],
    ],
  ],
  [
    30,
    [
      [0.05, [0.6997], [0.00084]],
      [0.045, [0.2882], [0.00012]],
      [0.055, null, [0.1324]],
      [0.06, null, [0.9377, 58]],
      [0.1, null, [1, 3]],
    ],
  ],
];

// Thirty times takes as long as the others together.
describe.each(isFull ? TABLE : TABLE.slice(0, 3))('a variance of %i times the binomial one, exactly', (vif, rows) => {
  const divided = boundaries(vif);
  it.each(rows)('slow answers %f', (ratio, ofRaw, ofDivided) => {
    const step = betaBinomial(N, ratio, vif);
    for (const [cell, bounds] of [
      [ofRaw, raw],
      [ofDivided, divided],
    ] as const) {
      if (cell === null) continue;
      const alarms = alarmsOfSteps('up', step, bounds, 1e-9);
      const exact = alarms.reduce((sum, each) => sum + each, 0);
      const [share, median] = cell;
      const scatter = Math.sqrt((exact * (1 - exact)) / 200_000);
      expect(Math.abs(exact - share), `got ${exact}, published ${share}`).toBeLessThan(4 * scatter + 6e-5);
      if (median !== undefined) expect(Math.abs(quantileOfAlarms(alarms, 0.5) - median)).toBeLessThanOrEqual(1);
    }
  });
});

describe('betting on the minutes, by the guard', () => {
  const test: Test = { method: 'betting', alpha: ALPHA, passAlpha: 0.05, passBy: 'evidence', inflation: 1 };
  const guard = telling({
    name: 'betting',
    metric: { kind: 'latency', quantile: 0.95 },
    bound: { kind: 'absolute', breachWhen: '>', value: 50 },
    test,
  });
  const rollouts = sized(20);
  it.each<[number, Cell, Cell, Cell]>([
    [1, [0], [1, 57], [1, 15]],
    [3, [0], [1, 58], [1, 15]],
    [12, [0], [1, 64], [1, 15]],
    [30, [0], [0.9426, 75], [1, 16]],
  ])('a variance of %i times: 5 %, 6 % and 10 %', (vif, ...cells) => {
    for (const [i, ratio] of [0.05, 0.06, 0.1].entries()) {
      const over = clumpedCounts(N, ratio, vif);
      const alarms = alarmsOf(
        watching([guard], 5, LOOKS),
        () => ({ candidate: { requests: N, over } }),
        rollouts,
        LOOKS,
        `tables/betting/${vif}/${ratio}`,
      );
      agrees(alarms.get('betting')!, rollouts, cells[i]!, 20_000, `${ratio}`);
    }
  });
});
