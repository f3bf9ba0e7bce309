/** What only virtual time can do is refused live by name and with its place, before anything is started. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { liveChoice } from '../../../cli/live-choice.ts';
import { printIssue } from '../../../config/issues.ts';
import { loadPolicy } from '../../../controller/load-policy.ts';
import { liveIssues } from '../../../live/refusals.ts';
import { packageRoot } from '../../../scenarios/files.ts';
import { loadScenario } from '../../../scenarios/load.ts';

const load = (name: string) => loadScenario(join(packageRoot, 'scenarios', `${name}.yaml`));
const refusals = (name: string): string[] => liveIssues(load(name)).map(printIssue);

test('what the shipped live scenario asks for is not refused', () => {
  expect(refusals('live-healthy')).toEqual([]);
});

test('a fault on one segment is refused at its place, since replicas do not know whose request they serve', () => {
  expect(refusals('uber-eta-phx')).toContainEqual(
    expect.stringMatching(/uber-eta-phx\.yaml:\d+:\d+ faults\.0\.segment: got 'PHX', expected none: real replicas/),
  );
});

test('a skew between training and serving is refused at its place, since real stores hold what was trained on', () => {
  expect(refusals('shadow-skew')).toContainEqual(
    expect.stringMatching(/shadow-skew\.yaml:\d+:\d+ arms\.candidate\.servingSkew: got a skew, expected none/),
  );
});

test('a guard that tells users apart is refused with its policy', async () => {
  const loaded = load('live-healthy');
  const policy = loadPolicy(join(packageRoot, 'policies', 'by-user.yaml'));
  await expect(liveChoice({ live: true, load: 'builtin' }, loaded, policy)).rejects.toThrow(
    'got guard outcomes of policy by-user, which tells users apart, expected none with clusterBy',
  );
});

test('users that differ are refused at their place, since gateways draw labels without asking whose they are', () => {
  const text = `
extends: live-healthy.yaml
outcomes: { kind: bernoulli, baseline: 20%, candidate: 20%, betweenUsers: 50% }
`;
  const loaded = loadScenario(join(packageRoot, 'scenarios', 'differing.yaml'), { text });
  expect(liveIssues(loaded).map(printIssue)).toEqual([
    expect.stringMatching(/differing\.yaml:3:\d+ outcomes\.betweenUsers: got users that differ, expected none/),
  ]);
});

test('a control cohort is refused with its policy', async () => {
  const loaded = load('live-healthy');
  const policy = loadPolicy(join(packageRoot, 'policies', 'control.yaml'));
  await expect(liveChoice({ live: true, load: 'builtin' }, loaded, policy)).rejects.toThrow(
    `got policy ${policy.name} with a control cohort, expected one without: real servers have two arms`,
  );
});
