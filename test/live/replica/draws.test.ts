/** Random numbers by request number: uniform, independent between purposes, the same in every process. */
import { expect, test } from 'vitest';
import { Draw, TimesByNumber } from '../../../live/replica/draws.ts';
import { meanOf } from '../../../sim/distribution.ts';

const N = 100_000;
const drawn = (purpose: string, seed = 1): Float64Array => {
  const draw = new Draw(seed, purpose);
  return Float64Array.from({ length: N }, (_, i) => draw.uniform(i));
};

test('a request draws the same number whoever asks, and another for another purpose or seed', () => {
  expect(new Draw(1, 'service/candidate').uniform(77)).toBe(new Draw(1, 'service/candidate').uniform(77));
  expect(new Draw(1, 'service/candidate').uniform(77)).not.toBe(new Draw(1, 'service/baseline').uniform(77));
  expect(new Draw(1, 'service/candidate').uniform(77)).not.toBe(new Draw(2, 'service/candidate').uniform(77));
});

test('consecutive requests draw uniformly: every hundredth of the unit interval gets its share', () => {
  const counts = new Float64Array(100);
  for (const u of drawn('service/candidate')) counts[Math.floor(u * 100)]!++;
  const chi2 = counts.reduce((sum, n) => sum + (n - N / 100) ** 2 / (N / 100), 0);
  // 99 degrees of freedom: mean 99, standard deviation 14.
  expect(chi2).toBeLessThan(99 + 5 * 14);
  expect(chi2).toBeGreaterThan(99 - 5 * 14);
});

test.each([
  ['of two purposes', 'service/baseline', 'service/candidate', 0],
  ['of neighbours in number', 'service/candidate', 'service/candidate', 1],
])('draws %s are not correlated', (_, one, other, lag) => {
  const [a, b] = [drawn(one), drawn(other)];
  let sum = 0;
  for (let i = 0; i + lag < N; i++) sum += (a[i]! - 0.5) * (b[i + lag]! - 0.5);
  // The product's standard deviation is 1/12.
  expect(Math.abs(sum / N) * 12 * Math.sqrt(N)).toBeLessThan(5);
});

test('times have the distribution of the simulator’s tables', () => {
  const lognormal = { kind: 'lognormal', medianMs: 20, sigma: 0.35 } as const;
  const times = new TimesByNumber(lognormal, 3, 'service/candidate');
  const all = Float64Array.from({ length: N }, (_, i) => times.at(i)).sort();
  expect(all.reduce((a, b) => a + b) / N / meanOf(lognormal)).toBeCloseTo(1, 2);
  expect(all[N / 2]! / 20).toBeCloseTo(1, 2);
  expect(all[0.95 * N]! / (20 * Math.exp(0.35 * 1.6449))).toBeCloseTo(1, 1);
});
