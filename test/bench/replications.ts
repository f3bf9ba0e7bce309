import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RUNTIME } from '../../models/runtime.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import type { Guard } from '../../controller/policy.ts';
import { rehearse } from '../../rehearse.ts';
import { SimWorld } from '../../sim/world.ts';
import { contentFor, scoreContents, type SharedContent } from '../../tuning/contents.ts';
import { runJob } from '../../tuning/job.ts';
import { policyOn } from '../../policy-for.ts';
import { jobsOf, type Plan, thresholdsOfAll } from '../../tuning/plan.ts';
import { scheduleController } from '../../tuning/schedule.ts';
import { SweepFiles } from '../../tuning/sweep-files.ts';
import { ThreadPool } from '../../tuning/thread-pool.ts';
import { type Bench, median } from './bench.ts';

export const replications: Bench = {
  name: 'replications',
  about:
    'a sweep of the default scenario under its own policy: one worker against two, and a job against its bare simulation',
  async run({ small }) {
    const folder = mkdtempSync(join(tmpdir(), 'coalmine-bench-'));
    try {
      const [requests, whole] = small ? [20_000, 20_000] : [1_000_000, undefined];
      const plan = planOf(requests, small ? 2 : 4);
      const contents = await scoreContents(plan, () => Promise.resolve(RUNTIME));
      const jobs = jobsOf(plan);
      const one: number[] = [];
      const two: number[] = [];
      const pools = [1, 2].map((size) => {
        const files = new SweepFiles(join(folder, `workers-${size}`));
        files.begin({ plan, shard: null });
        return new ThreadPool({ plan, directory: files.path, contents }, size);
      });
      const perMinute = async (pool: ThreadPool): Promise<number> => {
        const startMs = performance.now();
        await Promise.all(jobs.map((job) => pool.run(job)));
        return (jobs.length * 60_000) / (performance.now() - startMs);
      };
      if (!small) for (const pool of pools) await perMinute(pool);
      const rounds = small ? 1 : 2;
      for (let round = 0; round < rounds; round++) {
        one.push(await perMinute(pools[0]!));
        two.push(await perMinute(pools[1]!));
      }
      await Promise.all(pools.map((pool) => pool.close()));
      const recording = join(folder, 'recording.parquet');
      // Once unmeasured: the first round of all would count the compiling of what both sides do as the bare one's.
      if (!small) await overheadOf(plan, contents, recording, 1);
      const few = await overheadOf(plan, contents, recording, small ? 1 : 5);
      const own = await overheadOf(planOf(whole, 1), contents, recording, small ? 1 : 3);
      return {
        figures: [
          { what: 'one worker', unit: '/min', values: one },
          {
            what: 'two workers',
            unit: '/min',
            values: two,
            ratio: { times: median(two) / median(one), to: 'one worker' },
            target: { on: 'ratio', atLeast: 1.8 },
          },
          { what: 'digest and judging, of the simulation', unit: '%', values: few.judged },
          { what: 'the same with the recording written', unit: '%', values: few.written },
          {
            what: "at the scenario's own size: digest and judging",
            unit: '%',
            values: own.judged,
            target: { below: 5 },
          },
          {
            what: "at the scenario's own size, with the recording written",
            unit: '%',
            values: own.written,
            target: { below: 5 },
          },
        ],
        notes: [
          `${requests / 1e6}M requests in shadow, 3.25 times as many in all; the scenario's own size is ${small ? requests / 1e6 : 10}M, which is what a sweep rehearses unless it is told otherwise`,
          'bare: the same seed led through the same schedule, its windows produced and dropped; a job also checks and keeps them, hashes them and judges the policy on them, and writes its recording where that is said',
          'overhead by processor time of the whole process, which counts collector, compiler and writer threads on both sides',
        ],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** The default scenario under a policy whose bounds a healthy candidate never breaks at any size: no rollout leaves the schedule, so that nothing is rehearsed. */
function planOf(requests: number | undefined, seeds: number): Plan {
  const { scenario } = loadScenario(join(packageRoot, 'scenarios/seed-healthy.yaml'), { requests });
  const seed = loadPolicy('policies/seed.yaml');
  return {
    schemaVersion: 1,
    coalmine: 'bench',
    code: 'bench',
    scenarios: [{ scenario, family: scenario.name, variation: null, policies: [0] }],
    policies: [{ ...seed, guards: seed.guards.map(calm) }],
    replications: seeds,
    confirm: 0,
    keepRecordings: true,
    space: null,
    stop: null,
    thresholds: [],
  };
}

/** What a job costs beyond its bare simulation, %, by round. */
async function overheadOf(
  plan: Plan,
  contents: readonly SharedContent[],
  recording: string,
  rounds: number,
): Promise<{ readonly judged: readonly number[]; readonly written: readonly number[] }> {
  const { scenario } = plan.scenarios[0]!;
  const own = policyOn(plan.policies[0]!, scenario);
  const bare = async (): Promise<void> => {
    const world = await SimWorld.open(scenario, {
      thresholds: thresholdsOfAll([own]),
      content: contentFor(scenario, contents),
    });
    await rehearse(world, scheduleController, own, { schemaIssues: [] }, {});
    await world.close();
  };
  const job = { ...jobsOf(plan)[0]!, confirm: false };
  const judged: number[] = [];
  const written: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const base = await cpuMs(bare);
    judged.push(percent((await cpuMs(() => runJob(plan, job, { recording: null, contents }))) / base - 1));
    written.push(percent((await cpuMs(() => runJob(plan, job, { recording, contents }))) / base - 1));
  }
  return { judged, written };
}

function calm(guard: Guard): Guard {
  const { bound, metric } = guard;
  const wide: Guard['bound'] =
    bound === null
      ? null
      : bound.kind === 'relative'
        ? { ...bound, by: 0.9 }
        : metric.kind === 'error-ratio'
          ? { ...bound, value: 0.9 }
          : bound;
  const requiredToAdvance = guard.requiredToAdvance && metric.kind !== 'outcome-ratio';
  return { ...guard, bound: wide, minSamples: 1, minPositives: 0, requiredToAdvance };
}

const percent = (fraction: number): number => fraction * 100;

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
