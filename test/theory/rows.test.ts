/** The simulator reproduces queueing theory: every row of the specification, at the gate of its §3. */
import { afterAll, describe, expect, test } from 'vitest';
import { wait } from './batch.ts';
import { REQUESTS, type RowResult, tier } from './gate.ts';
import { daley } from './formulas.ts';
import { jointly } from './joint.ts';
import { measureAll } from './pool.ts';
import { EXPONENTIAL } from './queue.ts';
import { textTable } from './report.ts';
import { ROWS } from './rows.ts';
import { measure } from './stationary.ts';
import { ksTest, seedOf, studentCdf, T_39 } from './stats.ts';

const TIMEOUT = tier === 'full' ? 3_600_000 : 300_000;
const requests = REQUESTS[tier];
const measured = measureAll(
  ROWS.map(({ id }) => id),
  requests,
  // Half a minute needs no telling, minutes do.
  tier === 'full' ? (line) => void process.stderr.write(`${line}\n`) : undefined,
);
const all = (): Promise<RowResult[]> => Promise.all(measured.values());
const failure = (result: RowResult): string =>
  [
    `seed ${result.seed}, N ${requests}`,
    ...result.comparisons.flatMap(({ issues }) => issues),
    ...result.again.map((issues, k) => `run again ${k + 1}: ${issues.join('; ') || 'green'}`),
  ].join('\n');

describe('the simulator agrees with theory on', () => {
  test.each(ROWS.map(({ id, title }) => [id, title] as const))(
    '%s, %s',
    async (id) => {
      const result = await measured.get(id)!;
      expect(result.red, failure(result)).toBe(false);
    },
    TIMEOUT,
  );
});

test(
  'all core rows together show no common bias: Σz² and the number of positive z are those of chance',
  async () => {
    const joint = jointly(await all());
    expect(joint.rows).toBe(32);
    expect(joint.green, JSON.stringify(joint)).toBe(true);
  },
  TIMEOUT,
);

test.each([
  ['Q1', 0.8],
  ['Q2', 0.9],
] as const)(
  "the interval of %s's mean wait is as wide as Daley's asymptotic variance says at ρ = %d",
  async (id, rho) => {
    const { comparisons } = await measured.get(id)!;
    const wq = comparisons.find(({ metric }) => metric === 'Wq')!;
    const predicted = T_39 * Math.sqrt(daley(rho) / wq.requests);
    expect(wq.halfWidth / predicted).toBeGreaterThan(0.6);
    expect(wq.halfWidth / predicted).toBeLessThan(1.6);
  },
  TIMEOUT,
);

test("the interval of the mean wait is as wide as Daley's asymptotic variance says at ρ = 0.5", async () => {
  const [wq] = await measure(
    {
      id: 'daley',
      title: 'M/M/1, λ 0.5',
      unitMs: 10,
      queue: { rate: 50, service: EXPONENTIAL, windowMs: 100_000 },
      metrics: () => [{ name: 'Wq', exact: 1, h: 0.0043, terms: wait }],
    },
    5e5,
    seedOf('daley'),
  );
  expect(wq!.issues).toEqual([]);
  const ratio = wq!.halfWidth / (T_39 * Math.sqrt(daley(0.5) / 5e5));
  expect(ratio).toBeGreaterThan(0.6);
  expect(ratio).toBeLessThan(1.6);
});

test('twenty seeds give twenty different runs, whose z are spread as chance spreads them', async () => {
  const zs: number[] = [];
  for (let k = 0; k < 20; k++) {
    const [wq] = await measure(
      {
        id: 'seeds',
        title: 'M/M/16, λ 12.8',
        unitMs: 10,
        queue: { rate: 1280, service: EXPONENTIAL, slots: 16, windowMs: 10_000 },
        metrics: () => [{ name: 'Wq', exact: 0.0952762228, h: null, terms: wait }],
        relaxation: 72,
      },
      2e5,
      seedOf(`seeds/${k}`),
    );
    zs.push(wq!.z);
  }
  expect(new Set(zs).size).toBe(20);
  expect(ksTest(Float64Array.from(zs), studentCdf), `z ${zs.map((z) => z.toFixed(2)).join(' ')}`).toBeGreaterThan(1e-3);
});

afterAll(async () => {
  const settled = await Promise.allSettled(measured.values());
  const results = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  console.log(`\n${tier} tier, N = ${requests}\n${textTable(results)}`);
  const joint = jointly(results);
  console.log(
    `Σz² = ${joint.sumOfSquares.toFixed(1)} < ${joint.limit.toFixed(1)}, ${joint.positive} positive of ${joint.rows}`,
  );
}, TIMEOUT);
