/** INV-10 where users are told apart, and what that is for: few users with many impressions each, end to end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RatioSequence } from '../../controller/guard-tests.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import { policyText } from '../../controller/policy-text.ts';
import type { Guard, Policy } from '../../controller/policy.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { clopperPearsonLower } from '../../statistics/binomial.ts';
import { readRecording } from '../../telemetry/recording.ts';
import { rehearseFully } from '../../tuning/full-rehearsal.ts';
import { judge } from '../../tuning/judge.ts';
import { record } from '../../tuning/record.ts';
import { decode, encode } from '../../what-if/codec.ts';
import { thin } from '../../what-if/thin.ts';
import { guardOf, policyOf, stageOf } from '../controller/support.ts';
import { scenarioOf } from '../sim/support.ts';

const SECOND = 1000;
const home = mkdtempSync(join(tmpdir(), 'coalmine-users-'));
afterAll(() => rmSync(home, { recursive: true }));

const sequence: RatioSequence = {
  method: 'ratio-sequence',
  alpha: 0.05,
  passAlpha: 0.05,
  passBy: 'estimate',
  inflation: 1,
  sharpestMs: 30 * SECOND,
};
const clicks = (
  method: RatioSequence,
  action: Guard['action'],
  direction: 'drop' | 'either' = 'either',
  by = 0,
): Guard =>
  guardOf({
    name: 'clusterBy' in method ? 'by user' : 'by impression',
    metric: { kind: 'outcome-ratio' },
    bound: { kind: 'relative', to: 'baseline', direction, by },
    sustained: null,
    test: method,
    action,
    requiredToAdvance: action === 'roll-back',
    minPositives: 50,
  });
const policy = (guards: readonly Guard[]): Policy =>
  policyOf({
    evaluateEveryMs: 5 * SECOND,
    stages: [
      stageOf('canary', 50, { holdMs: 50 * SECOND, extendMs: 0 }),
      stageOf('full', 100, { holdMs: 0, extendMs: 0 }),
    ],
    guards,
    rollback: { deadlineMs: 120 * SECOND, preWarm: false, verifyMs: 0 },
  });

const world = (seed: number, candidate = '50%'): Scenario =>
  scenarioOf({
    traffic: '{ requests: 120k, rate: 2000/s, users: 1500 }',
    arm: 'replicas: 40',
    outcomes: `{ kind: bernoulli, baseline: 50%, candidate: ${candidate}, betweenUsers: 100%, labelDelay: 1s }`,
    seed,
  });

const BY_USER: RatioSequence = { ...sequence, clusterBy: 'user' };

test.each([
  [1, '50%'],
  [2, '30%'],
])('seed %i, candidate at %s: a recording judged is the rehearsal', async (seed, candidate) => {
  const scenario = world(seed, candidate);
  const own = policy([clicks(BY_USER, 'roll-back', 'drop', 0.1)]);
  const file = join(home, `${seed}.parquet`);
  const recorded = await record(scenario, own, { thresholds: [], users: true, content: null, file });
  const read = { ...(await readRecording(file)), provenance: recorded.provenance };
  expect(read.header.userClusters).toBe(1000);
  const judged = judge(own, read);
  expect(judge(own, recorded).verdicts).toEqual(judged.verdicts);
  const { verdict, decidedAtMs, guard } = await rehearseFully(scenario, own, null);
  expect({ verdict, decidedAtMs, guard }).toEqual({
    verdict: judged.verdict,
    decidedAtMs: judged.decidedAtMs,
    guard: judged.guard,
  });
  expect(verdict, judged.explanation).toBe(candidate === '30%' ? 'rolled-back' : 'promoted');
  // What the what-if page keeps says the same.
  const { head, bytes } = encode(thin(read, own, [], true));
  expect(judge(own, decode(head, bytes)).verdicts).toEqual(judged.verdicts);
});

test('of healthy rollouts with few users a guard by impression stops most, a guard by user hardly any', async () => {
  const both = policy([clicks(sequence, 'alert'), clicks(BY_USER, 'alert')]);
  const seeds = 16;
  const alarms = { 'by impression': 0, 'by user': 0 };
  for (let seed = 0; seed < seeds; seed++) {
    const recording = await record(world(100 + seed), both, { thresholds: [], users: true, content: null, file: null });
    const { verdicts } = judge(both, recording);
    for (const name of ['by impression', 'by user'] as const)
      if (verdicts.some(({ guard, verdict }) => guard === name && verdict === 'breach')) alarms[name]++;
  }
  expect(clopperPearsonLower(alarms['by impression'], seeds), JSON.stringify(alarms)).toBeGreaterThan(0.1);
  expect(clopperPearsonLower(alarms['by user'], seeds), JSON.stringify(alarms)).toBeLessThan(0.05);
});

test('a policy that tells users apart is the same after it was written and read', () => {
  const text = `
name: by user
stages: [{ name: canary, weight: 50%, hold: 30m }, { name: full, weight: 100%, hold: 0 }]
guards:
  - name: clicks
    metric: outcome-ratio
    breachWhen: { drop: 2%, relativeTo: baseline }
    test: { method: ratio-sequence, alpha: 1%, clusterBy: user }
    action: roll-back
    requiredToAdvance: true
`;
  const loaded = loadPolicy('policy.yaml', text);
  expect(loaded.guards[0]!.test).toMatchObject({ clusterBy: 'user' });
  expect(loadPolicy('policy.yaml', policyText(loaded))).toEqual(loaded);
});
