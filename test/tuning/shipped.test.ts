/** INV-10 on every scenario that comes with Coalmine, real models included: jobs on threads, each judgement confirmed by a rehearsal. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPolicy } from '../../controller/load-policy.ts';
import type { Policy } from '../../controller/policy.ts';
import { RUNTIME } from '../../models/runtime.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { readProvenance, readRecording, RecordingDigest, rowsOf } from '../../telemetry/recording.ts';
import { judge } from '../../tuning/judge.ts';
import type { JobResult } from '../../tuning/job.ts';
import { openLocal } from '../../tuning/local-executor.ts';
import { policyOn } from '../../policy-for.ts';
import { jobsOf, type Plan } from '../../tuning/plan.ts';
import { SweepFiles } from '../../tuning/sweep-files.ts';

// Those sized for real servers know a few thousand requests only, too few for these policies.
const names = readdirSync(join(packageRoot, 'scenarios')).filter((file) => /^(?!live-).*\.yaml$/.test(file));
/** Every scenario of at most so many requests in shadow. A trap about a small service is small as it is. */
const atMost = (requests: number): readonly Scenario[] =>
  names.map((file) => {
    const { scenario } = loadScenario(join(packageRoot, 'scenarios', file));
    return scenario.traffic.requests <= requests ? scenario : loadScenario(scenario.file, { requests }).scenario;
  });
const quick = loadPolicy('policies/quick.yaml');
// Labels come after five minutes, as long as a stage lasts: who waits for them always extends it.
const hasty: Policy = {
  ...quick,
  name: 'hasty',
  guards: quick.guards
    .filter(({ name }) => name !== 'outcome-within')
    .map((guard) => ({ ...guard, minSamples: Math.min(guard.minSamples, 1000) })),
};

/** `scenarios`, each under its list of policies; every judgement is confirmed by a rehearsal. */
function planOf(scenarios: readonly Scenario[], policiesOf: (scenario: Scenario) => readonly Policy[]): Plan {
  const under = scenarios.map(policiesOf);
  const policies = [...new Set(under.flat())];
  return {
    schemaVersion: 1,
    coalmine: 'test',
    code: 'test',
    scenarios: scenarios.map((scenario, s) => ({
      scenario,
      family: scenario.name,
      variation: null,
      policies: under[s]!.map((policy) => policies.indexOf(policy)),
    })),
    policies,
    replications: 1,
    confirm: 1,
    keepRecordings: true,
    space: null,
    stop: null,
    thresholds: [],
  };
}

const PLANS = {
  // 19 minutes of traffic in a quarter of the time, so that some guards must do with fewer samples.
  'two quick policies': planOf(atMost(2.5e6), () => [quick, hasty]),
  // Hours in minutes: many a guard knows too little, and asks for more.
  'its own policy': planOf(atMost(4e5), ({ policy }) => [loadPolicy(policy)]),
};

describe.each(Object.entries(PLANS))('every shipped scenario under %s', (_, plan) => {
  const scenarios = plan.scenarios.map(({ scenario }) => scenario);
  const jobs = jobsOf(plan);
  const results = new Map<string, JobResult>();
  let folder: string;
  let files: SweepFiles;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coalmine-tuning-'));
    files = new SweepFiles(folder);
    files.begin({ plan, shard: null });
    const executor = await openLocal(plan, files, { workers: 2, runtime: () => Promise.resolve(RUNTIME) });
    try {
      await executor.run(
        jobs,
        (result) => results.set(scenarios[result.scenario]!.name, result),
        () => true,
      );
    } finally {
      await executor.close();
    }
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(scenarios.map(({ name }) => name))('%s: judged as rehearsed, and again from the file', async (name) => {
    const { results: own, digest, scenario, key } = results.get(name)!;
    for (const { rehearsed, verdict, decidedAtMs, guard } of own) {
      expect(rehearsed).not.toBeNull();
      // Where the traffic was led otherwise the judge says from when on; nothing may have been decided until then.
      if (verdict === 'off-schedule') expect(rehearsed!.decidedAtMs ?? Infinity).toBeGreaterThanOrEqual(decidedAtMs!);
      else
        expect({ verdict, decidedAtMs, guard }).toEqual({
          verdict: rehearsed!.verdict,
          decidedAtMs: rehearsed!.decidedAtMs,
          guard: rehearsed!.guard,
        });
    }
    const file = files.recording(jobs.find((job) => job.key === key)!);
    const recording = await readRecording(file);
    const provenance = (await readProvenance(file))!;
    for (const { policy, verdict, decidedAtMs, guard } of own) {
      const again = judge(policyOn(plan.policies[policy]!, scenarios[scenario]!), { ...recording, provenance });
      expect([again.verdict, again.decidedAtMs, again.guard]).toEqual([verdict, decidedAtMs, guard]);
    }
    const same = new RecordingDigest(recording.header);
    for (const window of recording.windows) same.add(rowsOf(window));
    expect(same.close()).toBe(digest);
    expect(provenance).toMatchObject({ scenario: { name }, truth: scenarios[scenario]!.truth });
  });

  test('between them they end in every way', () => {
    const verdicts = new Set([...results.values()].flatMap(({ results: own }) => own.map(({ verdict }) => verdict)));
    expect([...verdicts]).toEqual(expect.arrayContaining(['promoted', 'rolled-back', 'refused']));
  });
});
