import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BadInput, printIssue } from '../../../config/issues.ts';
import { packageRoot } from '../../../config/package-root.ts';
import { basePolicy, loadSpace, policyAt, sizeOf, spaceWords } from '../../../tuning/search/space.ts';

const FILE = join(packageRoot, 'policies', 'a-space.yaml');
const space = (settings: string, more = ''): string => `name: s\nbase: seed.yaml\n${more}settings:\n${settings}`;

function issuesOf(text: string): readonly string[] {
  try {
    loadSpace(FILE, text);
    return [];
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return error.issues.map((issue) => printIssue(issue).replace(`${FILE}:`, ''));
  }
}

test('the shipped space is one, varies the seed policy, and is searched by refinement since it is too large for a grid', () => {
  const shipped = loadSpace(join(packageRoot, 'policies', 'spaces', 'seed.yaml'));
  expect(basePolicy(shipped).name).toBe('seed');
  expect(shipped.method).toBe('refinement');
  expect(sizeOf(shipped)).toBeGreaterThan(1e5);
});

test('a space within its budget is a grid, what searches it is said in words, and a method nobody has is refused', () => {
  const values = '  guards.errors.action: [alert, pause]\n  guards.errors.minSamples: [100, 200, 300]\n';
  const words = (more: string): string => spaceWords(loadSpace(FILE, space(values, more)));
  expect(words('')).toBe('6 policies, at most 2,000 of them judged by grid: every policy, one after another');
  expect(words('budget: 5\n')).toContain('at most 5 of them judged by refinement: draws, then neighbours');
  expect(words('method: evolution\n')).toContain('by evolution: generations that are crossed and mutated');
  expect(issuesOf(space(values, 'method: evolutions\n'))[0]).toMatch(/^3:9 method: .*grid.*refinement.*evolution/);
});

test('a range is a list of durations, percentages or numbers, in even steps or by even factors', () => {
  const read = loadSpace(
    FILE,
    space(`  guards.errors.sustained.for: { from: 5m, to: 20m, step: 5m }
  guards.errors.minSamples: { from: 100, to: 10000, steps: 3, scale: log }
  coverage: { from: 50%, to: 90%, steps: 3 }
`),
  );
  expect(read.settings.map(({ values }) => values)).toEqual([
    ['5m', '10m', '15m', '20m'],
    [100, 1000, 10000],
    ['50%', '70%', '90%'],
  ]);
  const policy = policyAt(read, [3, -1, 0])!;
  expect(policy.guards.find(({ name }) => name === 'errors')).toMatchObject({
    sustained: { forMs: 1_200_000 },
    minSamples: 5000,
  });
  expect(policy.coverage).toBe(0.5);
});

test('names may hold dots, a setting may be added, taken back, or be a whole guard', () => {
  const read = loadSpace(
    FILE,
    space(`  guards.p99.9.sustained.for: [10m]
  guards.p95-gate.minSamples: [500]
  guards.errors.minSamples: [~]
  guards.slow-copies:
    - { metric: latency p95, breachWhen: "> 80ms", sustained: { for: 10m, reading: every }, action: pause, stages: [shadow] }
`),
  );
  const guards = policyAt(read, [0, 0, 0, 0])!.guards;
  const named = (name: string) => guards.find((guard) => guard.name === name)!;
  expect(named('p99.9').sustained!.forMs).toBe(600_000);
  expect(named('p95-gate').minSamples).toBe(500);
  expect(named('slow-copies')).toMatchObject({ action: 'pause', stages: ['shadow'] });
  expect(named('errors').minSamples).toBe(5000);
  expect(policyAt(read, [-1, -1, -1, -1])!.guards.some(({ name }) => name === 'slow-copies')).toBe(false);
});

const ISSUES: readonly string[] = [
  '4:3 settings.guards.eror.action',
  '5:40 settings.guards.errors.breachWhen.1: guards.2.breachWhen',
  // 90s and 150s are no whole number of evaluation windows; the range stands in one place.
  '6:32 settings.guards.errors.sustained.for: guards.2.sustained.for',
  '6:32 settings.guards.errors.sustained.for: guards.2.sustained.for',
];

test('everything that is wrong with a space is listed, each at its place', () => {
  expect(
    issuesOf(
      space(`  guards.eror.action: [alert]
  guards.errors.breachWhen: ["> 0.1%", "> 0.1 parsecs"]
  guards.errors.sustained.for: { from: 90s, to: 150s, step: 30s }
  stages.canary-5.hold: { from: 1h, to: 30m, step: 5m }
`),
    ),
  ).toEqual([expect.stringMatching(/^7:41 settings\.stages\.canary-5\.hold\.to: got .*expected more than from/)]);
  const issues = issuesOf(
    space(`  guards.eror.action: [alert]
  guards.errors.breachWhen: ["> 0.1%", "> 0.1 parsecs"]
  guards.errors.sustained.for: { from: 90s, to: 150s, step: 30s }
`),
  );
  expect(issues.map((issue) => issue.replace(/: got .*/, ''))).toEqual(ISSUES);
});

test('a space without settings, or of a policy that is not there, is refused', () => {
  expect(issuesOf('name: s\nbase: seed.yaml\nsettings: {}\n')[0]).toContain('got no setting, expected at least one');
  expect(issuesOf('name: s\nbase: sead.yaml\nsettings: { coverage: [50%] }\n')[0]).toMatch(
    /^2:7 base: got .*sead\.yaml/,
  );
});
