import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { coalmine, namesIn, temporaryFolder } from './process.ts';
import { tinyScenario, writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
writeTiny(cwd);

/** A document on standard input, and every line that must be on stderr. */
const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'nothing but a name',
    'name: a\n',
    ['-:1:1 traffic: got nothing, expected a map', '-:1:1 arms: got nothing, expected a map'],
  ],
  [
    'three mistakes in three places',
    tinyScenario({ name: 'Tiny Three', requests: 'many', more: 'expect: { verdict: promted }\n' }),
    [
      "-:1:7 name: got 'Tiny Three', expected lower-case letters, digits and dashes, such as cold-cache",
      "-:2:22 traffic.requests: got 'many', expected a whole number of at least 1, such as 250, 10_000, 500k or 10M",
      "-:8:20 expect.verdict: got 'promted', expected one of: promoted, rolled-back, paused, refused; did you mean 'promoted'?",
    ],
  ],
  [
    'files that are not there',
    tinyScenario().replace('tiny-policy.yaml', 'gone.yaml'),
    ["-:6:9 policy: got 'gone.yaml', expected a policy: no such file beside this one or in the package"],
  ],
  [
    'a fault that waits for a stage the policy does not have',
    tinyScenario({ more: 'faults:\n  - { kind: cold-cache, at: { on: stage, stage: canary-9 } }\n' }),
    ["-:9:49 faults.0.at.stage: got stage 'canary-9', expected one of the policy's: canary, full"],
  ],
  ['YAML that is none', 'name: [\n', ['-:2:1: got invalid YAML']],
];

test.each(cases)('%s: exit code 2, every issue with its place, no run directory', async (_, document, issues) => {
  const before = namesIn(cwd);
  const { code, stdout, stderr } = await coalmine(['rehearse', '-', '--out', 'run'], { cwd, input: document });
  const lines = stderr.trimEnd().split('\n');
  expect(lines.map((line, i) => line.slice(0, issues[i]?.length))).toEqual(issues);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(namesIn(cwd)).toEqual(before);
});

test('a malformed policy: exit code 2, the issues of the policy file, no run directory', async () => {
  writeFileSync(join(cwd, 'bad-policy.yaml'), 'name: bad\nevaluateEvery: soon\nstages: []\nguards: []\n');
  const before = namesIn(cwd);
  const args = ['rehearse', 'tiny.yaml', '--policy', 'bad-policy.yaml', '--json', '--out', 'run'];
  const { code, stdout, stderr } = await coalmine(args, { cwd });
  const places = stderr
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ', 2).join(' '));
  expect(places).toEqual([
    'bad-policy.yaml:2:16 evaluateEvery:',
    'bad-policy.yaml:3:9 stages:',
    'bad-policy.yaml:4:9 guards:',
  ]);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(namesIn(cwd)).toEqual(before);
});
