import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { BadInput, fileIssue, printIssue } from '../config/issues.ts';
import { loadPolicy } from '../controller/load-policy.ts';
import type { Policy } from '../controller/policy.ts';
import { policyHash } from '../controller/policy-hash.ts';
import { loadScenario, type LoadedScenario } from '../scenarios/load.ts';
import type { JobResult } from '../tuning/job.ts';
import type { Plan, PlannedScenario, Shard, Variation } from '../tuning/plan.ts';
import { Interrupted } from './failure.ts';
import { hostOf } from './host.ts';
import { checkTogether, shipped } from './inputs.ts';
import { countOption, positiveOption, shardOption, wholeOption } from './options.ts';
import { printResult } from './tuning-output.ts';
import { sweepPrinter } from './sweep-progress.ts';
import { version } from '../version.ts';

interface Options {
  readonly policy?: readonly string[];
  readonly vary?: readonly string[];
  readonly replications?: string;
  readonly seed?: string;
  readonly requests?: string;
  readonly timeScale?: string;
  readonly confirm?: string;
  readonly recordings: boolean;
  readonly workers?: string;
  readonly shard?: string;
  readonly queue?: string;
  readonly resume?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const REPLICATIONS = 20;

export async function tuneCommand(scenarios: readonly string[], options: Options): Promise<void> {
  const [{ SweepFiles }, { jobsIn, jobsOf, planHash }] = await Promise.all([
    import('../tuning/sweep-files.ts'),
    import('../tuning/plan.ts'),
  ]);
  const planned =
    options.resume === undefined
      ? { plan: await planOf(scenarios, options), shard: shardOption('--shard', options.shard) }
      : new SweepFiles(resolve(options.resume)).planned();
  const { plan, shard } = planned;
  const files = new SweepFiles(resolve(options.resume ?? options.out ?? placeOf(planHash(plan), shard)));
  files.begin(planned);
  const jobs = jobsIn(jobsOf(plan), shard);
  process.stderr.write(
    `${files.path}: ${jobs.length} replications${shard === null ? '' : ` of shard ${shard.index}/${shard.count}`}\n`,
  );
  const workers = wholeOption('--workers', options.workers) ?? availableParallelism();
  const progress = sweepPrinter(process.stderr, plan, options.quiet === true);
  const [{ sweep }, { openLocal }, { finish }, { findRuntime }] = await Promise.all([
    import('../tuning/executor.ts'),
    import('../tuning/local-executor.ts'),
    import('../tuning/finish.ts'),
    import('../models/find-runtime.ts'),
  ]);
  const abort = new AbortController();
  const stop = (signal: 'SIGINT' | 'SIGTERM'): void => abort.abort(new Interrupted(signal));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const runtime = () => findRuntime({ onFetch: (what) => process.stderr.write(`${what}\n`) });
  const open = async () => {
    if (options.queue === undefined)
      return openLocal(plan, files, { workers: Math.max(1, Math.min(workers, jobs.length)), runtime });
    const { openQueue } = await import('../tuning/queue-executor.ts');
    return openQueue(options.queue, planHash(plan), files);
  };
  try {
    const results = await sweep(files, jobs, open, (now) => progress.show(now), abort.signal);
    progress.end();
    const result = finish(files, planned, results, hostOf());
    if (result === null) process.stdout.write(`shard ${shard!.index}/${shard!.count} is done: ${files.path}\n`);
    else await printResult(result, files.path, options.json === true);
  } catch (error) {
    const { reason } = abort.signal as { reason: unknown };
    if (!(reason instanceof Interrupted)) throw error;
    progress.end();
    if (progress.results().length > 0) await showPartial(plan, progress.results());
    process.stderr.write(`coalmine: interrupted by ${reason.signal}: ${progress.kept()}; the same command goes on\n`);
    process.exitCode = reason.exitCode;
  } finally {
    progress.end();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** The same command finds its own place again. */
const placeOf = (hash: string, shard: Shard | null): string =>
  `runs/tune-${hash.slice(7, 15)}${shard === null ? '' : `-${shard.index}-of-${shard.count}`}`;

async function planOf(names: readonly string[], options: Options): Promise<Plan> {
  const { codeVersion } = await import('../tuning/code-version.ts');
  if (names.length === 0)
    throw new BadInput([fileIssue('tune', 'got no scenario, expected at least one (or --resume DIR)')]);
  const policies: Policy[] = [];
  const placeOfPolicy = (file: string): number => {
    const policy = loadPolicy(file);
    const known = policies.findIndex((each) => policyHash(each) === policyHash(policy));
    return known >= 0 ? known : policies.push(policy) - 1;
  };
  // Those that are named keep their order: comparisons are made with the first.
  const named = (options.policy ?? []).map((file) => ({ file: shipped(file), place: placeOfPolicy(shipped(file)) }));
  const planned = (await scenariosOf(names, options)).map(({ loaded, family, variation }): PlannedScenario => {
    const { scenario } = loaded;
    for (const { file } of named) checkTogether(loaded, file);
    if (named.length === 0) checkTogether(loaded);
    const own = named.length === 0 ? [placeOfPolicy(scenario.policy)] : named.map(({ place }) => place);
    return { scenario, family, variation, policies: [...new Set(own)] };
  });
  const namesakes = policies.filter(({ name }, i) => policies.findIndex((each) => each.name === name) < i);
  if (namesakes.length > 0)
    throw new BadInput(
      namesakes.map(({ name }) => fileIssue('--policy', `got two policies named '${name}', expected different names`)),
    );
  const doubles = planned.filter(
    ({ scenario }, i) => planned.findIndex((each) => each.scenario.name === scenario.name) < i,
  );
  if (doubles.length > 0)
    throw new BadInput(
      doubles.map(({ scenario }) =>
        fileIssue(scenario.file, `got '${scenario.name}' a second time, expected scenarios of different names`),
      ),
    );
  const replications = countOption('--replications', options.replications) ?? REPLICATIONS;
  if (replications < 1) throw new BadInput([fileIssue('--replications', 'got 0, expected at least 1')]);
  return {
    schemaVersion: 1,
    coalmine: version,
    code: codeVersion(),
    scenarios: planned,
    policies,
    replications,
    confirm: options.confirm === 'all' ? replications : (wholeOption('--confirm', options.confirm) ?? 1),
    keepRecordings: options.recordings,
  };
}

interface Found {
  readonly loaded: LoadedScenario;
  readonly family: string;
  readonly variation: Variation | null;
}

/** Every scenario, or in its place every variation of it. */
async function scenariosOf(names: readonly string[], options: Options): Promise<readonly Found[]> {
  const { parseVariations, varied } = await import('../tuning/vary.ts');
  const settings = {
    seed: wholeOption('--seed', options.seed),
    requests: countOption('--requests', options.requests),
    timeScale: positiveOption('--time-scale', options.timeScale),
  };
  const variations = (options.vary ?? []).flatMap(parseVariations);
  return names.map(shipped).flatMap((file): Found[] => {
    const loaded = loadScenario(file, settings);
    for (const warning of loaded.warnings) process.stderr.write(`warning: ${printIssue(warning)}\n`);
    const { name: family } = loaded.scenario;
    if (variations.length === 0) return [{ loaded, family, variation: null }];
    return variations.map((variation) => {
      const document = varied(file, family, variation);
      return { loaded: loadScenario(document.file, { ...settings, text: document.text }), family, variation };
    });
  });
}

/** What is known so far, for whoever has seen enough. */
async function showPartial(plan: Plan, results: readonly JobResult[]): Promise<void> {
  const [{ resultOf }, { sweepTable }] = await Promise.all([
    import('../tuning/result.ts'),
    import('../reports/sweep-table.ts'),
  ]);
  process.stderr.write(`\nSo far:\n${sweepTable(resultOf(plan, results))}\n`);
}
