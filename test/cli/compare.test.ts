/** `coalmine compare`: two run directories in, one page and one document out. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Comparison } from '../../comparison/comparison.ts';
import type { Outcome } from '../../outcome.ts';
import { coalmine, temporaryFolder } from './process.ts';
import { tinyScenario, writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
const LIVE = { valid: true, reasons: [], deviations: [], load: { generator: 'builtin' } };

/** What a live world would have left, had it seen what the simulator did. */
function asLive(name: string, change: (outcome: Outcome) => object = () => ({}), from = 'sim'): string {
  cpSync(join(cwd, from), join(cwd, name), { recursive: true });
  const file = join(cwd, name, 'outcome.json');
  const outcome = JSON.parse(readFileSync(file, 'utf8')) as Outcome;
  const times = { intendedMs: null, heldMs: null, modelRunMs: null };
  const live = { ...LIVE, service: { baseline: times, candidate: times } };
  writeFileSync(file, JSON.stringify({ ...outcome, world: 'live', live, ...change(outcome) }));
  return name;
}

beforeAll(async () => {
  writeTiny(cwd);
  writeFileSync(join(cwd, 'tiny.yaml'), tinyScenario({ name: 'tiny' }));
  expect((await coalmine(['rehearse', 'tiny.yaml', '--out', 'sim', '--quiet'], { cwd })).stderr).toContain('seed');
});

test('equal runs agree throughout: exit 0, one document, one page with its charts', async () => {
  const { code, stdout } = await coalmine(['compare', 'sim', asLive('same'), '--json', '--out', 'compared'], { cwd });
  const comparison = JSON.parse(stdout) as Comparison;
  expect(comparison).toMatchObject({ schemaVersion: 1, kind: 'comparison', agreement: { verdict: true, guard: true } });
  expect(comparison.agreement.figures.differs).toBe(0);
  expect(comparison.agreement.figures.agrees).toBeGreaterThan(3);
  expect(comparison.arms[0]!.quantiles.every(([, sim, live]) => sim === live)).toBe(true);
  for (const file of [
    'comparison.json',
    'report.html',
    'specs/qq-baseline.vl.json',
    'specs/quantile-differences.vl.json',
  ])
    expect(existsSync(join(cwd, 'compared', file)), file).toBe(true);
  const page = readFileSync(join(cwd, 'compared/report.html'), 'utf8');
  expect(page).toContain('Same verdict');
  expect(page).not.toMatch(/(src|href)="https?:/);
  expect(code).toBe(0);
});

test('another verdict is exit 3', async () => {
  const other = asLive('other', () => ({ verdict: 'rolled-back' }));
  const { code, stdout } = await coalmine(['compare', 'sim', other, '--out', 'different'], { cwd });
  expect(stdout).toContain('VERDICTS DIFFER');
  expect(code).toBe(3);
});

test('the same verdict that slower answers would have changed is exit 5, and the document says why', async () => {
  const guard = { name: 'slow', metric: 'latency p95', breachWhen: '> 50ms', action: 'roll-back' };
  const more = JSON.stringify({ ...guard, sustained: { for: '2s', reading: 'pooled' } });
  writeFileSync(join(cwd, 'timed-policy.yaml'), `${readFileSync(join(cwd, 'tiny-policy.yaml'), 'utf8')}  - ${more}\n`);
  await coalmine(['rehearse', 'tiny.yaml', '--policy', 'timed-policy.yaml', '--out', 'timed', '--quiet'], { cwd });
  const held = { intendedMs: { mean: 1 }, heldMs: { mean: 1000 }, modelRunMs: null };
  const doubtful = asLive(
    'doubtful',
    () => ({ live: { ...LIVE, service: { baseline: held, candidate: held } } }),
    'timed',
  );
  const { code, stdout, stderr } = await coalmine(['compare', 'timed', doubtful, '--json', '--out', 'unsure'], { cwd });
  const { agreement, sensitivity } = JSON.parse(stdout) as Comparison;
  expect(sensitivity.verdicts.slower).not.toBe(sensitivity.verdicts.stated);
  expect(agreement).toMatchObject({ verdict: true, inconclusive: 'calibration' });
  expect(stderr).toContain('SAME VERDICT, INCONCLUSIVE: CALIBRATION');
  expect(code).toBe(5);
});

test('runs that cannot be compared are exit 2 with every reason, and nothing is written', async () => {
  const invalid = asLive('invalid', () => ({ seed: 99, live: { ...LIVE, valid: false, reasons: ['load: late'] } }));
  const { code, stderr } = await coalmine(['compare', 'sim', invalid, '--out', 'refused'], { cwd });
  expect(stderr).toMatch(/got seed 99, expected \d+/);
  expect(stderr).toMatch(/no measurement \(load: late\)/);
  expect(existsSync(join(cwd, 'refused'))).toBe(false);
  expect(code).toBe(2);
});
