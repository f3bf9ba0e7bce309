import { expect, test } from 'vitest';
import { mismatchOf, shadowTables } from '../../reports/html/shadow-tables.ts';
import { SimWorld } from '../../sim/world.ts';
import { citiesOf, contentOfCities } from '../sim/cities.ts';
import { fault, mirror, setWeight } from '../sim/support.ts';
import { fixture } from './fixture.ts';
import { MINUTE } from './fixture-policy.ts';

const SECOND = 1000;
const FEATURES = '{ latency: { kind: constant, value: 4ms }, slots: 4 }';

/** Ten seconds in which a tenth of the requests is mirrored, ten in which all are, and a candidate half of whose fetches are empty. */
async function shadowed() {
  const missing = fault('feature-missing', 0, Infinity, 0.5, 'candidate');
  const scenario = citiesOf({ faults: [missing], shadowTolerance: { absolute: 5, relative: 0 } }, FEATURES);
  const world = await SimWorld.open(scenario, { thresholds: [], content: contentOfCities() });
  world.apply(mirror(10));
  const windows = [...(await world.advance(10 * SECOND)).windows];
  world.apply(mirror(100));
  windows.push(...(await world.advance(20 * SECOND)).windows);
  world.apply(setWeight(10));
  const last = (await world.advance(21 * SECOND)).windows;
  await world.close();
  return { header: world.header, windows, last };
}

test('half of the answers stand on means, so half of the pairs differ; the interval says how sure that is', async () => {
  const { windows } = await shadowed();
  const { compared, ratio, interval, meanDifference } = mismatchOf(windows);
  expect(compared).toBeGreaterThan(3000);
  // 101 against 100 with features, 90 against 100 without; four standard errors of a share of n pairs.
  expect(Math.abs(ratio! - 0.5)).toBeLessThan(2 / Math.sqrt(compared));
  expect(meanDifference!).toBeCloseTo(1 + 9 * ratio!, 6);
  expect(interval![0]).toBeLessThan(ratio!);
  expect(interval![1]).toBeGreaterThan(ratio!);
});

test('the page tells arms, costs and the shared store; windows in which users saw the candidate are no shadow', async () => {
  const { header, windows, last } = await shadowed();
  const run = await fixture('promoted', 10 * MINUTE);
  const stage = { weightPercent: 0, requests: 1 };
  const own = {
    ...run,
    header,
    windows: [...windows, ...last],
    outcome: {
      ...run.outcome,
      stages: [
        { ...stage, name: 'some', startMs: 0, endMs: 10 * SECOND },
        { ...stage, name: 'every', startMs: 10 * SECOND, endMs: 20 * SECOND },
      ],
      featureStore: { slots: 4, stages: [{ name: 'every', utilisation: 0.6 }] },
    },
  };
  const { text } = shadowTables(own);
  expect(text).toContain('pairs that differ beyond the tolerance');
  expect(text).toContain('The shared feature store by stage, 4 slots');
  expect(text).toContain('60 %');
  const copies = windows.flatMap(({ rows }) =>
    rows.filter(({ arm, segment }) => arm === 'candidate' && segment === 'all').map(({ mirrored }) => mirrored),
  );
  const extra = copies.reduce((a, b) => a + b, 0).toLocaleString('en-US');
  expect(text).toContain(`extra inferences</th><td>${extra}</td>`);
});

test('a rollout without a shadow has nothing to tell', async () => {
  const run = await fixture('promoted', 10 * MINUTE);
  const without = run.windows.map((window) => ({
    ...window,
    rows: window.rows.map((row) => ({ ...row, shadow: null })),
  }));
  expect(shadowTables({ ...run, windows: without }).text).toBe('');
});
