/** `coalmine calibrate` and what is done with its files: bad options are refused before anything is started. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Outcome } from '../../outcome.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { coalmine, temporaryFolder } from './process.ts';
import { tinyScenario, writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
beforeAll(() => {
  writeTiny(cwd);
  writeFileSync(join(cwd, 'tiny.yaml'), tinyScenario({ name: 'tiny' }));
});

test('every bad option is told at once, and nothing is written', async () => {
  const options = ['--utilisations', '30%,120%,x', '--for', '1s', '--rate', 'many', '--seed', '-1'];
  const { code, stderr } = await coalmine(['calibrate', ...options], { cwd });
  expect(stderr).toMatch(/--utilisations.*got '120%'/);
  expect(stderr).toMatch(/--utilisations.*got 'x'/);
  expect(stderr).toMatch(/--for.*got '1s', expected at least 5s/);
  expect(stderr).toMatch(/--rate.*got 'many'/);
  expect(stderr).toMatch(/--seed.*got '-1'/);
  expect(code).toBe(2);
  expect(existsSync(join(cwd, 'models'))).toBe(false);
});

test('a scenario that real servers cannot play is refused with its place', async () => {
  const { code, stderr } = await coalmine(['calibrate', 'tiny.yaml'], { cwd });
  expect(stderr).toMatch(/tiny\.yaml:\d+:\d+ traffic.*expected a content table/);
  expect(code).toBe(2);
});

test('a calibration and real servers are one too many, and a calibration that is none is refused', async () => {
  const calibration = join(packageRoot, 'models/calibration/live-healthy.json');
  const both = await coalmine(['rehearse', 'tiny.yaml', '--live', '--calibration', calibration], { cwd });
  expect(both.stderr).toMatch(/--calibration.*with --live/);
  const none = await coalmine(['rehearse', 'tiny.yaml', '--calibration', 'tiny.yaml'], { cwd });
  expect(none.stderr).toMatch(/tiny\.yaml:\d+:\d+ .*schemaVersion/);
  expect([both.code, none.code]).toEqual([2, 2]);
});

test('a calibrated simulation says so, is slower than a declared one, and has the same scenario hash', async () => {
  const calibration = join(packageRoot, 'models/calibration/live-healthy.json');
  const rehearse = ['rehearse', 'tiny.yaml', '--quiet', '--out'];
  await coalmine([...rehearse, 'declared'], { cwd });
  const { stdout } = await coalmine([...rehearse, 'calibrated', '--calibration', calibration], { cwd });
  const [declared, calibrated] = ['declared', 'calibrated'].map(
    (name) => JSON.parse(readFileSync(join(cwd, name, 'outcome.json'), 'utf8')) as Outcome,
  ) as [Outcome, Outcome];
  expect(stdout).toContain('calibrated');
  expect(calibrated.scenario.hash).toBe(declared.scenario.hash);
  expect(calibrated.calibration).toMatchObject({ name: 'live-healthy', uncertainty: { baseline: expect.any(Number) } });
  expect(declared.calibration).toBeUndefined();
  expect(calibrated.latencyMs.baseline.mean!).toBeGreaterThan(declared.latencyMs.baseline.mean!);
});
