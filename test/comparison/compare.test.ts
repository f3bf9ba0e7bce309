/** Two runs side by side: alike where they are, different where they differ, and silent where nobody can tell. */
import { beforeAll, expect, test } from 'vitest';
import type { Figure } from '../../comparison/comparison.ts';
import { inconclusiveBy, unsure } from '../../comparison/compare.ts';
import { armFigures, ratioFigures } from '../../comparison/figures.ts';
import { pair, type PairedArm } from '../../comparison/pairing.ts';
import { shifted } from '../../comparison/shifted.ts';
import type { Window, WindowHeader } from '../../telemetry/window.ts';
import { run, scenarioOf, setWeight } from '../sim/support.ts';

const SERVICE = 'kind: lognormal, sigma: 0.35';
const THRESHOLDS = [{ thresholdMs: 40, operator: '>' }] as const;
let header: WindowHeader;
let stated: readonly Window[];
let again: readonly Window[];
let slower: readonly Window[];
let brief: readonly Window[];

const armOf = (ms: number): string => `service: { ${SERVICE}, mean: ${ms}ms }, slots: 8`;

async function windowsOf(mean: number, seed: number, seconds = 60): Promise<readonly Window[]> {
  const scenario = scenarioOf({
    traffic: '{ requests: 1k, rate: 200/s }',
    baseline: armOf(20),
    candidate: armOf(mean),
    seed,
  });
  const result = await run(scenario, seconds * 1000, [[0, setWeight(40)]]);
  header = { ...result.world.header, thresholds: THRESHOLDS };
  // Counted from the histograms, since this world was given no thresholds.
  const none = result.windows.map((window) => ({ ...window, rows: window.rows.map((row) => ({ ...row, over: [0] })) }));
  return shifted(
    none,
    { ...header, thresholds: [{ thresholdMs: 1e9, operator: '>' }] },
    { baseline: 1e9 / 40, candidate: 1e9 / 40 },
  );
}

beforeAll(async () => {
  [stated, again, slower, brief] = await Promise.all([
    windowsOf(20, 1),
    windowsOf(20, 2),
    windowsOf(30, 2),
    windowsOf(20, 2, 5),
  ]);
});

const named = (figures: readonly Figure[]): Map<string, Figure> => new Map(figures.map((each) => [each.name, each]));

function figuresOf(
  sim: readonly Window[],
  live: readonly Window[],
): Record<'baseline' | 'candidate' | 'ratios', Map<string, Figure>> {
  const pairing = pair(sim, live);
  const [baseline, candidate] = pairing.arms as [PairedArm, PairedArm];
  const figures = {
    baseline: named(armFigures(baseline, header)),
    candidate: named(armFigures(candidate, header)),
    ratios: named(ratioFigures(baseline, candidate, header)),
  };
  pairing.destroy();
  return figures;
}

test('the same service under other draws agrees in mean, p50 and p95, and nothing differs', () => {
  const { baseline, candidate, ratios } = figuresOf(stated, again);
  for (const arm of [baseline, candidate]) {
    for (const name of ['latency mean', 'latency p50', 'latency p95', 'errors'])
      expect(arm.get(name)!.status, name).toBe('agrees');
    expect([...arm.values()].filter(({ status }) => status === 'differs')).toEqual([]);
  }
  expect(ratios.get('latency mean, candidate/baseline')!.status).toBe('agrees');
});

test('a candidate that is half as slow again differs, and its baseline does not', () => {
  const { baseline, candidate, ratios } = figuresOf(stated, slower);
  expect(baseline.get('latency mean')!.status).toBe('agrees');
  for (const name of ['latency mean', 'latency p50', 'latency p95', 'latency > 40 ms'])
    expect(candidate.get(name)!.status, name).toBe('differs');
  expect(candidate.get('latency mean')!.difference).toBeCloseTo(0.5, 1);
  const ratio = ratios.get('latency mean, candidate/baseline')!;
  expect(ratio.status).toBe('differs');
  expect([ratio.sim, ratio.live].map((each) => Math.round(each! * 10))).toEqual([10, 15]);
  expect(ratios.get('share > 40 ms, candidate − baseline')!.status).toBe('differs');
});

test('what was seen for seconds is too little for a p99.9, and says so', () => {
  const { candidate } = figuresOf(stated, brief);
  expect(candidate.get('latency p99.9')!.status).toBe('too few samples');
  expect(candidate.get('latency p99')!.status).toBe('too few samples');
});

test('only windows in which both worlds led the traffic alike are compared', () => {
  const otherwise = again.map((window, i) => ({
    ...window,
    rows: window.rows.map((row) => ({ ...row, weightPercent: i < 20 ? row.weightPercent : row.weightPercent + 1 })),
  }));
  const pairing = pair(stated, otherwise);
  expect([pairing.windows, pairing.ofWindows]).toEqual([20, 60]);
  const [baseline] = pairing.arms;
  const requests = otherwise.slice(0, 20).flatMap(({ rows }) => rows.filter(({ arm }) => arm === 'baseline'));
  expect(baseline!.whole.live.requests).toBe(requests.reduce((sum, row) => sum + row.requests, 0));
  expect(baseline!.blocks.reduce((sum, { live }) => sum + live.requests, 0)).toBe(baseline!.whole.live.requests);
  pairing.destroy();
});

const counted = (windows: readonly Window[]): number =>
  windows
    .flatMap(({ rows }) => rows.filter(({ arm }) => arm === 'candidate'))
    .reduce((sum, { over }) => sum + over[0]!, 0);

test('latencies times a factor are over a bound as often as they were over the bound by that factor', () => {
  expect(counted(shifted(stated, header, { candidate: 1 }))).toBe(counted(stated));
  expect(counted(shifted(stated, header, { candidate: 1.2 }))).toBeGreaterThan(counted(stated));
  expect(counted(shifted(stated, header, { candidate: 0.8 }))).toBeLessThan(counted(stated));
  // A bound of 40 for latencies half as long again is a bound of 40/1.5 for those there are.
  const direct = shifted(stated, { ...header, thresholds: [{ thresholdMs: 40, operator: '>' }] }, { candidate: 1.5 });
  expect(counted(direct) / counted(slower)).toBeCloseTo(1, 1);
});

const sensitivity = (error: number): Parameters<typeof unsure>[1] => ({
  error: { baseline: error, candidate: error },
  source: 'calibration',
  verdicts: { faster: '', stated: '', slower: '' },
  flips: [],
});

test('beyond a busy share of 80 % an error of more than 2 % of the service time is told, since no p95 can be judged by it', () => {
  const pairing = pair(stated, again);
  const [baseline] = pairing.arms as [PairedArm, PairedArm];
  expect(unsure(baseline, sensitivity(0.1))).toEqual([]);
  baseline.whole.sim.busyMs = 0.9 * baseline.whole.sim.capacityMs;
  expect(unsure(baseline, sensitivity(0.01))).toEqual([]);
  expect(unsure(baseline, sensitivity(0.1))).toEqual([expect.stringContaining('90 % busy')]);
  pairing.destroy();
});

test('agreement that the error of the service times could have changed is inconclusive, by the calibration', () => {
  const verdicts = { faster: 'promoted', stated: 'promoted', slower: 'promoted' };
  const known = { ...sensitivity(0.01), verdicts };
  expect(inconclusiveBy([], known)).toBe(null);
  expect(inconclusiveBy(['the baseline is too busy'], known)).toBe('calibration');
  for (const moved of ['faster', 'slower'])
    expect(inconclusiveBy([], { ...known, verdicts: { ...verdicts, [moved]: 'rolled-back' } })).toBe('calibration');
});
