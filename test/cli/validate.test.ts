import { readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Issue } from '../../config/issues.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { coalmine, temporaryFolder } from './process.ts';
import { tinyScenario, writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
writeTiny(cwd);

const yamlIn = (folder: string): string[] =>
  readdirSync(join(packageRoot, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${folder}/${name}`);

test('every shipped scenario and policy is valid, also by its short name from another folder', async () => {
  const files = [...yamlIn('scenarios'), ...yamlIn('policies')];
  expect(files.length).toBeGreaterThanOrEqual(14);
  const { code, stdout } = await coalmine(['validate', ...files], { cwd });
  expect(code).toBe(0);
  expect(stdout).toBe(`${files.length} valid\n`);
});

test('broken files end it with 2, after all issues of all of them', async () => {
  writeFileSync(join(cwd, 'a.yaml'), tinyScenario({ name: 'A B', requests: '0' }));
  writeFileSync(join(cwd, 'b.yaml'), 'name: b\nstages:\n  - { name: x, weight: 200%, hold: 1 }\nguards: []\n');
  const { code, stdout, stderr } = await coalmine(['validate', 'a.yaml', 'tiny.yaml', 'b.yaml', 'c.yaml'], { cwd });
  const places = stderr
    .trimEnd()
    .split('\n')
    .map((line) => line.split(': ')[0]);
  expect(places).toEqual([
    'a.yaml:1:7 name',
    'a.yaml:2:22 traffic.requests',
    'b.yaml:3:24 stages.0.weight',
    'b.yaml:3:36 stages.0.hold',
    'b.yaml:4:9 guards',
    'c.yaml:1:1',
  ]);
  expect(code).toBe(2);
  expect(stdout).toBe('');
});

test('a document is a policy or a scenario by what it is together with all it extends', async () => {
  writeFileSync(join(cwd, 'my-policy.yaml'), 'extends: policies/quick.yaml\nname: mine\n');
  writeFileSync(join(cwd, 'my-scenario.yaml'), 'extends: seed-healthy.yaml\nname: mine\npolicy: my-policy.yaml\n');
  writeFileSync(join(cwd, 'my-windows.yaml'), 'extends: quick.yaml\nname: mine\nevaluateEvery: 7s\n');
  const good = await coalmine(['validate', 'my-policy.yaml', 'my-scenario.yaml'], { cwd });
  expect([good.stderr, good.stdout, good.code]).toEqual(['', '2 valid\n', 0]);
  const bad = await coalmine(['validate', 'my-windows.yaml'], { cwd });
  expect(bad.stderr).toContain('sustained.for: got 3m, expected a multiple of evaluateEvery, 7s');
  expect(bad.stderr).not.toContain('traffic');
  expect(bad.code).toBe(2);
});

test('what scenario and policy do not know of each other is bad input, with its place', async () => {
  const guard =
    '  - { name: other, metric: error-ratio, breachWhen: "> 1%", sustained: { for: 2s, reading: pooled }, action: alert, segment: nowhere }\n';
  const tiny = readFileSync(join(cwd, 'tiny-policy.yaml'), 'utf8');
  const partial = tiny.replace('{ name: canary,', '{ name: canary, segments: [ATL],');
  writeFileSync(join(cwd, 'nowhere-policy.yaml'), partial + guard);
  const more = 'expect: { verdict: promoted, guard: erors }\n';
  const own = tinyScenario({ more }).replace('tiny-policy.yaml', 'nowhere-policy.yaml');
  writeFileSync(join(cwd, 'nowhere.yaml'), own);
  const issues = [
    "nowhere.yaml:8:37 expect.guard: got 'erors', expected one of the policy's guards: errors, other; did you mean 'errors'?",
    "nowhere-policy.yaml:4:32 stages.0.segments.0: got 'ATL', expected no segments: tiny has none",
    "nowhere-policy.yaml:14:126 guards.1.segment: got 'nowhere', expected one of the segments of tiny: all",
  ];
  for (const command of ['validate', 'rehearse']) {
    const { code, stderr } = await coalmine([command, 'nowhere.yaml'], { cwd });
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.replaceAll(`${realpathSync(cwd)}/`, '').replaceAll(`${cwd}/`, ''));
    expect([command, code, lines]).toEqual([command, 2, issues]);
  }
  // Another policy need not have the guard that the scenario expects of its own.
  writeFileSync(
    join(cwd, 'expecting.yaml'),
    tinyScenario({ more: 'expect: { verdict: promoted, guard: p95-gate }\n' }),
  );
  const over = await coalmine(['rehearse', 'expecting.yaml', '--policy', 'tiny-policy.yaml', '--quiet'], { cwd });
  expect(over.stderr).not.toContain('expect.guard');
});

test('--json gives the issues as data, and reads a document from standard input', async () => {
  const input = tinyScenario({ more: 'truth: { candidate: healthy, onset: 5s }\n' });
  const { code, stdout } = await coalmine(['validate', '-', '--json'], { cwd, input });
  expect(code).toBe(2);
  const { schemaVersion, issues, warnings } = JSON.parse(stdout) as Record<string, unknown> & { issues: Issue[] };
  expect([schemaVersion, warnings]).toEqual([1, []]);
  expect(issues).toMatchObject([{ file: '-', line: 8, path: 'truth.onset' }]);
});

test('what is allowed but surprising is a warning on stderr, and no failure', async () => {
  const { code, stdout, stderr } = await coalmine(['validate', 'scenarios/small-fleet.yaml'], { cwd });
  expect(stderr).toMatch(/^warning: .*small-fleet\.yaml:\d+:\d+ arms/);
  expect(stdout).toBe('1 valid\n');
  expect(code).toBe(0);
});

test('a stage too small for its guards is a warning at the guard, with the time and the traffic it would take', async () => {
  const { code, stderr } = await coalmine(['validate', 'scenarios/canary-too-small.yaml'], { cwd });
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /^warning: .*policies\/sequential\.yaml:\d+:\d+ guards\.2: got about 144 samples in 1h of stage canary-1, guard 'errors' takes about [\d,]+: \d+h\d+m, or \d+ times the traffic$/m,
  );
  const healthy = await coalmine(['validate', 'scenarios/seed-healthy.yaml'], { cwd });
  expect(healthy.stderr).toBe('');
});

/** A stage of 5 % held for that long, waiting for half an hour in a row. */
const waiting = (hold: string): string => `
name: waits
stages:
  - { name: canary, weight: 5%, hold: ${hold} }
  - { name: full, weight: 100%, hold: 0s }
guards:
  - { name: errors, metric: error-ratio, breachWhen: "> 0.1%", sustained: { for: 30m, reading: every }, action: hold, requiredToAdvance: true }
`;

test('a stage that is often too short for the streak a guard waits for is told of a policy, with how often', async () => {
  const short = await coalmine(['validate', '-'], { cwd, input: waiting('60m') });
  expect(short.stderr).toContain(
    'errors waits for 30 consecutive minutes under its bound: with 5 % of them over that takes 1h13m11s on average, and stage canary is long enough in 73.9 % of the rollouts',
  );
  expect([short.stdout, short.code]).toEqual(['1 valid\n', 0]);
  const long = await coalmine(['validate', '-'], { cwd, input: waiting('300m') });
  expect(long.stderr).toBe('');
});
