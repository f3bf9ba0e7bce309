/** Calibration files: read with all their issues, interpolated, and put where a scenario says `measured`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BadInput, printIssue } from '../../config/issues.ts';
import { type Calibration, readCalibration, tableAt } from '../../scenarios/calibration.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { REFERENCE } from '../../scenarios/schema/distribution.ts';
import { temporaryFolder } from '../cli/process.ts';

const home = temporaryFolder();
afterAll(home.remove);
const reference = join(packageRoot, REFERENCE);
const shipped = readCalibration(reference).calibration;

/** Writes a calibration with some text replaced, and a scenario that uses it. */
function written(change: (calibration: Calibration) => unknown): string {
  const file = join(home.path, 'mine.json');
  writeFileSync(file, JSON.stringify(change(structuredClone(shipped)), null, 1));
  return file;
}

function issuesOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof BadInput) return error.issues.map(printIssue);
    throw error;
  }
  return [];
}

const scenarioWith = (yaml: string): ReturnType<typeof loadScenario> =>
  loadScenario(join(home.path, 'mine.yaml'), {
    text: `extends: ${JSON.stringify(join(packageRoot, 'scenarios/live-healthy.yaml'))}\n${yaml}`,
  });

test('the shipped calibration is whole: three utilisations, tables to the thousandth, and who measured it', () => {
  expect(shipped.points.length).toBeGreaterThanOrEqual(3);
  expect(shipped.probabilities).toContain(0.999);
  expect(Object.keys(shipped.provenance)).toEqual(
    expect.arrayContaining(['date', 'cpu', 'node', 'onnxruntime', 'load', 'sessionOptions', 'models', 'code']),
  );
});

test('every issue of a calibration file is told with its place', () => {
  const file = written(({ points, probabilities, ...rest }) => ({
    ...rest,
    probabilities: probabilities.toSpliced(3, 1, 2),
    points: points.map((point, i) => (i === 0 ? { ...point, seconds: -1, extra: 1 } : point)),
  }));
  const issues = issuesOf(() => readCalibration(file));
  expect(issues.length).toBeGreaterThanOrEqual(3);
  expect(issues.every((issue) => /mine\.json:\d+:\d+ /.test(issue))).toBe(true);
  expect(issues.join('\n')).toMatch(/probabilities\.3: got 2/);
  expect(issues.join('\n')).toMatch(/points\.0\.seconds: got -1/);
  expect(issues.join('\n')).toMatch(/points\.0.*extra/);
});

test('a table of the wrong length and points out of order are refused', () => {
  const file = written((all) => ({
    ...all,
    points: all.points
      .toReversed()
      .map((point, i) =>
        i === 0
          ? { ...point, features: { ...point.features, hit: { ...point.features.hit!, quantiles: [0, 1] } } }
          : point,
      ),
  }));
  const issues = issuesOf(() => readCalibration(file)).join('\n');
  expect(issues).toMatch(/points\.0\.features\.hit\.quantiles: got 2 quantiles/);
  expect(issues).toMatch(/points\.1\.requestsPerSecond: .*expected more than the point before/);
});

test('tables are linear between points, constant beyond them, and averaged without a place', () => {
  const quantiles = (factor: number): number[] => shipped.probabilities.map((p) => p * factor);
  const calibration: Calibration = {
    ...shipped,
    points: [1, 2, 4].map((factor, i) => ({
      ...shipped.points[0]!,
      requestsPerSecond: [100, 200, 400][i]!,
      features: {
        hit: { samples: 1, mean: 0, interval: null, quantiles: quantiles(factor) },
        miss: null,
        missError: null,
      },
    })),
  };
  const maximumAt = (x: number | null): number =>
    tableAt(
      calibration,
      ({ features }) => features.hit,
      ({ requestsPerSecond }) => requestsPerSecond,
      x,
    )!.at(-1)![1];
  expect([50, 100, 150, 200, 300, 400, 999].map(maximumAt)).toEqual([1, 1, 1.5, 2, 3, 4, 4]);
  expect(maximumAt(null)).toBeCloseTo(7 / 3, 12);
  expect(
    tableAt(
      calibration,
      ({ features }) => features.miss,
      () => 1,
      null,
    ),
  ).toBeNull();
});

test('`measured` takes the tables of the arm and of the store, and keeps what was declared for real servers', () => {
  const { scenario } = scenarioWith(
    'arms: { baseline: { service: measured }, candidate: { service: { kind: measured, arm: baseline }, overhead: measured } }\nfeatures: { latency: measured }',
  );
  const { baseline, candidate } = scenario.arms;
  expect(baseline.service).toMatchObject({ kind: 'measured', declared: shipped.declared.baseline });
  expect(candidate.service).toEqual(baseline.service);
  expect(candidate.overhead).toMatchObject({ kind: 'empirical' });
  expect(baseline.overhead).toBeUndefined();
  expect(scenario.features.latency).toMatchObject({ kind: 'measured', declared: shipped.declared.features });
});

test('the hash covers what the calibration file says, not where it lies', () => {
  const text = 'arms: { baseline: { service: { kind: measured, file: mine.json } } }';
  const hash = (change: (calibration: Calibration) => unknown): string => {
    written(change);
    return scenarioWith(text).scenario.hash;
  };
  const same = hash((all) => all);
  expect(same).toBe(scenarioWith('arms: { baseline: { service: measured } }').scenario.hash);
  const slower = hash((all) => ({
    ...all,
    points: all.points.map((point) => ({
      ...point,
      arms: {
        ...point.arms,
        baseline: {
          ...point.arms.baseline,
          service: {
            ...point.arms.baseline.service,
            quantiles: point.arms.baseline.service.quantiles.map((q) => q + 1),
          },
        },
      },
    })),
  }));
  expect(slower).not.toBe(same);
});

test('a calibration that is not there is an issue of the scenario', () => {
  const issues = issuesOf(() => scenarioWith('arms: { candidate: { overhead: { kind: measured, file: none.json } } }'));
  expect(issues.join('\n')).toMatch(/arms\.candidate\.overhead\.file: got 'none\.json', expected a calibration/);
  expect(readFileSync(reference, 'utf8')).not.toContain('none.json');
});
