/** Faults aimed at one segment hit its requests at the stated arm, and nobody else's. */
import { describe, expect, test } from 'vitest';
import { loadScenario } from '../../scenarios/load.ts';
import type { Fault } from '../../scenarios/scenario.ts';
import { SimWorld } from '../../sim/world.ts';
import type { ArmWindow } from '../../telemetry/window.ts';
import { CITIES, citiesOf, contentOfCities } from './cities.ts';
import { fault, mirror, sum } from './support.ts';

const SECOND = 1000;
const FEATURES = '{ latency: { kind: constant, value: 4ms } }';
type Of = (rows: readonly ArmWindow[]) => number;

const meanOf =
  (kind: 'latency' | 'featureFetch'): Of =>
  (rows) =>
    sum(rows, (row) => row[kind].sumMs) / sum(rows, (row) => row[kind].count);
const missing: Of = (rows) => sum(rows, (row) => row.featuresMissing) / sum(rows, (row) => row.requests);
const score: Of = (rows) => sum(rows, (row) => row.scores.sum) / sum(rows, (row) => row.scores.count);

/** By arm and city: what `of` says of 20 s in which every request is mirrored and the fault is there for the last ten. */
async function seen(faults: readonly Fault[], of: Of): Promise<Record<string, number[]>> {
  const world = await SimWorld.open(citiesOf({ faults }, FEATURES), { thresholds: [], content: contentOfCities() });
  world.apply(mirror(100));
  const { windows } = await world.advance(20 * SECOND);
  await world.close();
  const during = windows.filter(({ startMs }) => startMs >= 11 * SECOND);
  const rows = (arm: string, segment: string): ArmWindow[] =>
    during.flatMap((window) => window.rows.filter((row) => row.arm === arm && row.segment === segment));
  return Object.fromEntries(['baseline', 'candidate'].map((arm) => [arm, CITIES.map((city) => of(rows(arm, city)))]));
}

const inLax = (kind: Fault['kind'], size: number): Fault => ({
  ...fault(kind, 10 * SECOND, 20 * SECOND, size, 'candidate'),
  segment: 'LAX',
});

describe.each([
  ['feature-delay', 3, meanOf('featureFetch'), 4, 12],
  ['score-skew', 2, score, 101, 202],
  ['feature-missing', 1, missing, 0, 1],
] as const)('%s', (kind, size, of, plain, hit) => {
  test('in Los Angeles', async () => {
    const { baseline, candidate } = await seen([inLax(kind, size)], of);
    expect(candidate![0]).toBeCloseTo(plain, 2);
    expect(candidate![1]).toBeCloseTo(hit, 2);
    expect(candidate![2]).toBeCloseTo(plain, 2);
    expect(new Set(baseline!.map((value) => Math.round(value))).size).toBe(1);
  });
});

test('upstream-brownout slows their service', async () => {
  const { candidate } = await seen([inLax('upstream-brownout', 5)], meanOf('latency'));
  const [atl, lax, phx] = candidate!;
  expect(lax! - atl!).toBeGreaterThan(35);
  expect(Math.abs(atl! - phx!)).toBeLessThan(5);
});

test('faults on a segment and on everybody multiply', async () => {
  const { candidate } = await seen(
    [inLax('score-skew', 2), { ...fault('score-skew', 0, 30 * SECOND, 3, 'candidate'), name: 'all' }],
    score,
  );
  expect(candidate!.map(Math.round)).toEqual([303, 606, 303]);
});

const withFault = (fields: string): string => `name: t
traffic: { requests: 1k, rate: 10/s, segments: [ATL, LAX] }
arms:
  baseline: { service: { kind: constant, value: 1ms }, replicas: 1 }
  candidate: { service: { kind: constant, value: 1ms }, replicas: 1 }
faults:
  - { at: 0s, for: 1m, ${fields} }
`;

const load = (fields: string) => () => loadScenario('t.yaml', { text: withFault(fields) });

test('a segment nobody belongs to, or a fault that knows no segments, is refused with its place', () => {
  expect(load('kind: score-skew, size: 2, segment: LXA')).toThrow(
    /faults\.0\.segment: got 'LXA', expected one of the segments: ATL, LAX/,
  );
  expect(load('kind: error-burst, size: 2%, segment: LAX')).toThrow(/segment: .*expected none: error-burst hits every/);
  expect(load('kind: traffic-spike, size: 2, segment: LAX')).toThrow(/expected none: traffic-spike hits every/);
});
