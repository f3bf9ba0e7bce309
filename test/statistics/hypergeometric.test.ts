import { expect, test } from 'vitest';
import { Stream } from '../../sim/random.ts';
import { hypergeometricAt, hypergeometricMass, type Urn } from '../../statistics/hypergeometric.ts';

test('masses are those of counting, and add up to 1', () => {
  const urn: Urn = { population: 10, marked: 4, drawn: 5 };
  // C(4,k)·C(6,5−k)/C(10,5)
  for (const [k, ways] of [6, 60, 120, 60, 6].entries()) expect(hypergeometricMass(urn, k)).toBeCloseTo(ways / 252, 12);
  expect(hypergeometricMass(urn, 5)).toBe(0);
  const large: Urn = { population: 83_000, marked: 4150, drawn: 4150 };
  let sum = 0;
  for (let k = 0; k <= 4150; k++) sum += hypergeometricMass(large, k);
  expect(sum).toBeCloseTo(1, 6);
});

test.each([
  { population: 10, marked: 4, drawn: 5 },
  { population: 12, marked: 9, drawn: 8 },
  { population: 7, marked: 1, drawn: 6 },
])('numbers spread evenly over [0, 1) give every count as often as its mass: %j', (urn) => {
  const times = 20_000;
  const found = new Map<number, number>();
  for (let i = 0; i < times; i++) {
    const k = hypergeometricAt((i + 0.5) / times, urn);
    found.set(k, (found.get(k) ?? 0) + 1);
  }
  for (let k = 0; k <= urn.drawn; k++)
    expect(Math.abs((found.get(k) ?? 0) / times - hypergeometricMass(urn, k))).toBeLessThan(1.5 / times);
});

test('nothing marked, everything marked, nothing drawn and everything drawn leave no choice', () => {
  expect(hypergeometricAt(0.7, { population: 9, marked: 0, drawn: 4 })).toBe(0);
  expect(hypergeometricAt(0.7, { population: 9, marked: 9, drawn: 4 })).toBe(4);
  expect(hypergeometricAt(0.7, { population: 9, marked: 5, drawn: 0 })).toBe(0);
  expect(hypergeometricAt(0.7, { population: 9, marked: 5, drawn: 9 })).toBe(5);
});

test('draws of a large urn have its mean and variance', () => {
  const urn: Urn = { population: 83_000, marked: 4150, drawn: 4150 };
  const random = new Stream('urn');
  const times = 20_000;
  let [sum, squares] = [0, 0];
  for (let i = 0; i < times; i++) {
    const k = hypergeometricAt(random.next(), urn);
    sum += k;
    squares += k * k;
  }
  const mean = sum / times;
  // n·K/N and n·K/N·(1 − K/N)·(N − n)/(N − 1)
  const variance = 207.5 * 0.95 * (78_850 / 82_999);
  expect(Math.abs(mean - 207.5)).toBeLessThan(4 * Math.sqrt(variance / times));
  expect(Math.abs((squares / times - mean * mean) / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / times));
});
