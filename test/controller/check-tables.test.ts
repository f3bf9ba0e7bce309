/** The exact cells of the tables of the specification (§18.2, §18.7): independent windows, looked at once a minute for two hours. */
import { describe, expect, it } from 'vitest';
import { upperTail } from '../../statistics/binomial.ts';
import { alarmWithin, boundaries, quantileOfAlarms } from './guards/alarm-oracle.ts';
import { runProbability } from '../../statistics/run-length.ts';

const N = 4167;
const sum = (alarms: readonly number[]): number => alarms.reduce((total, each) => total + each, 0);
/** As printed: to half a unit of its last digit, small ones to 5 %. */
const printed = (got: number, cell: number): void => {
  const tolerance = cell < 1e-3 ? 0.05 * cell : 0.5001e-4;
  expect(Math.abs(got - cell) <= tolerance, `got ${got}, printed ${cell}`).toBe(true);
};
const over = (n: number, theta: number, p: number): number => upperTail(Math.floor(theta * n + 1e-9) + 1, n, p);

/** p, any minute, three disjoint five-minute windows in a row, 15 in a row, 30 in a row, e-process at α 0.1 %; null: below what can be printed. */
type Row = readonly [number, number, number, number, number | null, number];

describe.each<[string, number, readonly Row[]]>([
  [
    'error ratio < 0.1 %',
    0.001,
    [
      [0.0005, 0.9994, 3.6e-7, 5.2e-17, null, 9.6e-10],
      [0.0009, 1, 0.4495, 3.1e-6, 1.1e-13, 1.6e-5],
      [0.0012, 1, 0.9999, 0.0078, 1.1e-6, 0.6005],
      [0.002, 1, 1, 0.9946, 0.5483, 1],
      [0.005, 1, 1, 1, 1, 1],
    ],
  ],
  [
    'p95 < 50 ms as exceedances',
    0.05,
    [
      [0.045, 0.9994, 6.8e-10, 5e-17, null, 3.9e-9],
      [0.0475, 1, 0.0021, 1.1e-8, 1.2e-18, 3.9e-7],
      [0.055, 1, 1, 0.996, 0.5826, 1],
      [0.06, 1, 1, 1, 1, 1],
      [0.1, 1, 1, 1, 1, 1],
    ],
  ],
])('readings of "%s" (§18.2)', (_, theta, rows) => {
  const bounds = boundaries('up', N, theta, 0.001, 120);

  it.each(rows)('true ratio %f', (p, any, five, fifteen, thirty, process) => {
    const q = over(N, theta, p);
    printed(1 - (1 - q) ** 120, any);
    printed(runProbability(24, 3, over(5 * N, theta, p)), five);
    printed(runProbability(120, 15, q), fifteen);
    if (thirty === null) expect(runProbability(120, 30, q)).toBeLessThan(1e-30);
    else printed(runProbability(120, 30, q), thirty);
    printed(sum(alarmWithin('up', N, p, bounds)), process);
  });
});

/** Of an e-process against 0.1 % at α 0.1 %, two hours. */
const alarmsUp = (n: number, p: number): number[] => alarmWithin('up', n, p, boundaries('up', n, 0.001, 0.001, 120));

describe('readings of "error ratio < 0.1 %" at other shares of the traffic (§18.2)', () => {
  it('at 833 a minute a healthy 0.05 %', () => {
    printed(runProbability(24, 3, over(5 * 833, 0.001, 0.0005)), 0.0046);
    printed(sum(alarmsUp(833, 0.0005)), 4.6e-8);
  });

  it('at 20,833 a minute 0.09 % and 0.12 %', () => {
    printed(sum(alarmsUp(20_833, 0.0009)), 3.6e-6);
    printed(runProbability(120, 15, over(20_833, 0.001, 0.0012)), 0.6642);
    const found = alarmsUp(20_833, 0.0012);
    printed(sum(found), 1);
    expect(quantileOfAlarms(found, 0.5)).toBe(22);
  });
});

/** Probability within two hours, median and 90 % of the minutes. */
type Passed = readonly [probability: number, median: number, ninety: number];

describe('time to pass by evidence, α 5 % (§18.7)', () => {
  it.each<[number, number, readonly (Passed | null)[]]>([
    [
      0.001,
      0.0002,
      [
        [1, 8, 15],
        [1, 2, 4],
        [1, 1, 1],
      ],
    ],
    [
      0.001,
      0.0005,
      [
        [0.9987, 23, 57],
        [1, 6, 12],
        [1, 2, 3],
      ],
    ],
    [
      0.001,
      0.0008,
      [
        [0.3029, 50, 106],
        [0.9448, 43, 91],
        [1, 10, 22],
      ],
    ],
    [0.05, 0.03, [[1, 2, 3], [1, 1, 1], null]],
    [
      0.05,
      0.045,
      [
        [1, 23, 48],
        [1, 5, 10],
        [1, 2, 3],
      ],
    ],
  ])('θ %f, true ratio %f', { timeout: 60_000 }, (theta, p, columns) => {
    for (const [i, column] of columns.entries()) {
      if (column === null) continue;
      const n = [833, 4167, 20_833][i]!;
      // Nobody has to wait two hours where all have passed within one.
      const looks = column[0] === 1 && column[2] < 40 ? 60 : 120;
      const alarms = alarmWithin('down', n, p, boundaries('down', n, theta, 0.05, looks));
      printed(sum(alarms), column[0]);
      expect([quantileOfAlarms(alarms, 0.5), quantileOfAlarms(alarms, 0.9)], `${n} a minute`).toEqual(column.slice(1));
    }
  });

  it('half an hour at 1 % proves a 0.05 % candidate below 0.1 % in 62 % of the rollouts only', () => {
    const alarms = alarmWithin('down', 833, 0.0005, boundaries('down', 833, 0.001, 0.05, 30));
    expect(sum(alarms)).toBeCloseTo(0.62, 2);
  });
});
