/** Stages about some segments: their requests are shared out and mirrored, all others stay with the baseline. */
import { describe, expect, test } from 'vitest';
import { SimWorld } from '../../sim/world.ts';
import { InvariantViolation, WindowChecker } from '../../telemetry/invariants.ts';
import type { ArmWindow, Window } from '../../telemetry/window.ts';
import type { Action } from '../../world.ts';
import { CITIES, citiesOf, contentOfCities } from './cities.ts';
import { sum } from './support.ts';

const SECOND = 1000;

const weight = (weightPercent: number, segments?: readonly string[]): Action => ({
  kind: 'set-weight',
  weightPercent,
  ...(segments === undefined ? {} : { segments }),
  stage: `${weightPercent}-${segments?.join('+') ?? 'all'}`,
});

/** Every window, checked against what the actions said. */
async function windowsOf(steps: readonly (readonly [number, ...Action[]])[], endMs: number): Promise<Window[]> {
  const world = await SimWorld.open(citiesOf(), { thresholds: [], content: contentOfCities() });
  const checker = new WindowChecker();
  const windows: Window[] = [];
  const advance = async (untilMs: number): Promise<void> => {
    for (const window of (await world.advance(untilMs)).windows) {
      checker.check(window);
      windows.push(window);
    }
  };
  for (const [atMs, ...actions] of steps) {
    await advance(atMs);
    for (const action of actions) world.apply(action);
    checker.acted(actions, atMs);
  }
  await advance(endMs);
  await world.close();
  return windows;
}

const rowsIn = (windows: readonly Window[], arm: string, segment: string): ArmWindow[] =>
  windows.flatMap(({ rows }) => rows.filter((row) => row.arm === arm && row.segment === segment));
const arrived = (windows: readonly Window[], arm: string, segment: string): number =>
  sum(rowsIn(windows, arm, segment), (row) => row.arrived);

describe('a weight for some segments', () => {
  test('gives the candidate its share of their requests, and none of the others', async () => {
    const windows = await windowsOf([[0, weight(20, ['LAX'])]], 30 * SECOND);
    // 3,000 requests of each city; a share of 20 % has a standard deviation of 22.
    expect(Math.abs(arrived(windows, 'candidate', 'LAX') - 600)).toBeLessThan(100);
    expect(arrived(windows, 'candidate', 'ATL')).toBe(0);
    expect(arrived(windows, 'candidate', 'PHX')).toBe(0);
    const shares = rowsIn(windows, 'baseline', 'ATL').map((row) => row.weightPercent);
    expect(new Set(shares)).toEqual(new Set([100]));
    expect(rowsIn(windows, 'candidate', 'LAX')[0]!.weightPercent).toBe(20);
    expect(rowsIn(windows, 'candidate', 'all')[0]!.weightPercent).toBe(20);
  });

  test('whoever sees the candidate in one city goes on seeing it when others follow', async () => {
    const one = await windowsOf([[0, weight(20, ['LAX'])]], 30 * SECOND);
    const two = await windowsOf([[0, weight(20, ['ATL', 'LAX'])]], 30 * SECOND);
    const all = await windowsOf([[0, weight(20)]], 30 * SECOND);
    for (const windows of [two, all])
      expect(arrived(windows, 'candidate', 'LAX')).toBe(arrived(one, 'candidate', 'LAX'));
    expect(arrived(two, 'candidate', 'ATL')).toBe(arrived(all, 'candidate', 'ATL'));
  });

  test('mirrors their requests alone', async () => {
    const mirror: Action = { kind: 'mirror', percent: 100, stage: 'shadow' };
    const windows = await windowsOf([[0, mirror, weight(0, ['PHX'])]], 10 * SECOND);
    const copies = CITIES.map((city) => sum(rowsIn(windows, 'candidate', city), (row) => row.arrivedMirrored));
    expect(copies.slice(0, 2)).toEqual([0, 0]);
    expect(copies[2]).toBe(arrived(windows, 'baseline', 'PHX'));
  });

  test('names all of them or fails: a city that is not there has no weight', async () => {
    const world = await SimWorld.open(citiesOf(), { thresholds: [], content: contentOfCities() });
    expect(() => world.apply(weight(5, ['JFK']))).toThrow("got segment 'JFK', expected one of: ATL, LAX, PHX");
    await world.close();
  });

  test('all of one city does not unload the baseline; all of everything does', async () => {
    const keepLoaded = { ...citiesOf().arms.baseline, keepLoaded: false };
    const scenario = citiesOf();
    const world = await SimWorld.open(
      { ...scenario, arms: { ...scenario.arms, baseline: keepLoaded } },
      { thresholds: [], content: contentOfCities() },
    );
    const loaded = async (atMs: number): Promise<boolean> =>
      (await world.advance(atMs)).arms.find(({ arm }) => arm === 'baseline')!.loaded;
    world.apply(weight(100, ['LAX']));
    expect(await loaded(SECOND)).toBe(true);
    world.apply(weight(100));
    expect(await loaded(2 * SECOND)).toBe(false);
    await world.close();
  });
});

test('INV-9 a request to the candidate outside the segments that were opened breaks it', async () => {
  const windows = await windowsOf([[0, weight(20)]], 2 * SECOND);
  const checker = new WindowChecker();
  checker.acted([weight(20, ['LAX'])], 0);
  const [first] = windows;
  expect(() => checker.check(first!)).toThrow(InvariantViolation);
  const claimed = first!.rows.map((row) => ({
    ...row,
    weightPercent: ['all', 'LAX'].includes(row.segment) ? row.weightPercent : row.arm === 'baseline' ? 100 : 0,
  }));
  const again = new WindowChecker();
  again.acted([weight(20, ['LAX'])], 0);
  expect(() => again.check({ ...first!, rows: claimed })).toThrow(
    /candidate\/ATL: \d+ requests, expected none: the controller opened only LAX/,
  );
});
