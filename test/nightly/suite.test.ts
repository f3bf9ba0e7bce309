/** What a suite's file says, and what it may not say. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkRehearsals } from '../../cli/inputs.ts';
import { BadInput } from '../../config/issues.ts';
import { loadSuite } from '../../nightly/suite.ts';
import { packageRoot } from '../../scenarios/files.ts';

const suite = (rehearsals: string, more = ''): ReturnType<typeof loadSuite> =>
  loadSuite('suite.yaml', `name: mine\n${more}rehearsals:\n${rehearsals}`);

function issuesOf(load: () => unknown): string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof BadInput) return error.issues.map(({ line, path, message }) => `${line} ${path}: ${message}`);
    throw error;
  }
  return [];
}

const keyOf = (rehearsal: string): string => suite(`  - { ${rehearsal}, seeds: 1 }\n`).rehearsals[0]!.key;

const expected = (policy: string): unknown =>
  suite(`  - { scenario: slow-tail.yaml, seeds: 1${policy} }\n`).rehearsals[0]!.loaded.scenario.expect;

test('every shipped suite loads, and its scenarios and policies fit', () => {
  const files = readdirSync(join(packageRoot, 'suites'));
  expect(files).toContain('nightly.yaml');
  for (const file of files) checkRehearsals(loadSuite(join(packageRoot, 'suites', file)));
});

test('seeds follow each other from the scenario’s on, and each is a rehearsal of its own', () => {
  const { rehearsals } = suite(
    '  - { scenario: slow-tail.yaml, seeds: 2 }\n  - scenario: ctr-drop.yaml\n',
    'seeds: 3\n',
  );
  expect(rehearsals.map(({ folder }) => folder)).toEqual([
    'slow-tail-42',
    'slow-tail-43',
    'ctr-drop-42',
    'ctr-drop-43',
    'ctr-drop-44',
  ]);
  expect(new Set(rehearsals.map(({ key }) => key)).size).toBe(5);
});

test('the key is the same for the same rehearsal, and another for another policy, size or world', () => {
  const key = keyOf('scenario: live-healthy.yaml');
  expect(keyOf('scenario: live-healthy.yaml, name: renamed')).toBe(key);
  for (const other of ['policy: quick.yaml', 'requests: 5k', 'live: true'])
    expect(keyOf(`scenario: live-healthy.yaml, ${other}`)).not.toBe(key);
});

test('a scenario expects something of its own policy alone', () => {
  expect(expected('')).not.toBeNull();
  expect(expected(', policy: seed.yaml')).not.toBeNull();
  expect(expected(', policy: sequential.yaml')).toBeNull();
});

describe('refused, all at once and with their places', () => {
  test('files that are not there, names that are taken, figures nobody has', () => {
    expect(
      issuesOf(() =>
        suite(
          '  - scenario: nowhere.yaml\n  - scenario: slow-tail.yaml\n  - scenario: slow-tail.yaml\n  - { scenario: ctr-drop.yaml, policy: none.yaml }\n',
        ),
      ),
    ).toEqual([
      "3 rehearsals.0.scenario: got 'nowhere.yaml', expected a file beside this one or in scenarios/ of the package",
      "5 rehearsals.2: got 'slow-tail' again, as rehearsals.1; expected a name of its own (name: …)",
      "6 rehearsals.3.policy: got 'none.yaml', expected a file beside this one or in policies/ of the package",
    ]);
    expect(issuesOf(() => suite('  - scenario: slow-tail.yaml\n', 'tolerances: { sped: 5% }\n'))[0]).toMatch(
      /^2 tolerances.*speed/,
    );
  });

  test('intervals that hold always, or never', () => {
    for (const alpha of ['0%', '100%'])
      expect(issuesOf(() => suite('  - scenario: slow-tail.yaml\n', `alpha: ${alpha}\n`))[0]).toMatch(
        /^2 alpha: got .*expected a share above 0 and below 100 %/,
      );
  });

  test('no rehearsal at all, and names that are no folders', () => {
    expect(issuesOf(() => loadSuite('suite.yaml', 'name: mine\nrehearsals: []\n'))[0]).toMatch(/^2 rehearsals: /);
    expect(issuesOf(() => suite('  - { scenario: slow-tail.yaml, name: ../out }\n'))[0]).toContain('it names a folder');
  });
});
