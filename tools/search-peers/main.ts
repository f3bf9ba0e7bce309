/**
 * `node tools/search-peers/main.ts [SWEEP]`: how good the search of a policy space is. Judges the whole shipped space on the recordings of `npm run tune:seed`, lets
 * our searches and those of others (PyPI's pymoo and Optuna) look policies up in it, and writes what each has found into docs/tuning.md. Takes Python and half an hour; `--write` writes.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/package-root.ts';
import { Stream } from '../../sim/random.ts';
import { writeFileAtomic } from '../../storage/files.ts';
import { pythonWith } from '../../test/bench/python.ts';
import { jobsOf } from '../../tuning/plan.ts';
import { Explorer } from '../../tuning/search/explore.ts';
import { OBJECTIVES } from '../../tuning/search/front.ts';
import type { Method } from '../../tuning/search/methods.ts';
import { PolicyBench } from '../../tuning/search/policy-bench.ts';
import { seedParts } from '../../tuning/search/seed-parts.ts';
import type { Space } from '../../tuning/search/space.ts';
import { SweepFiles } from '../../tuning/sweep-files.ts';
import { withPart } from '../document.ts';
import { type Measured, tableOf } from './table.ts';
import { LookUp, wholeSpace } from './whole-space.ts';

const DOCUMENT = join(packageRoot, 'docs', 'tuning.md');
const [BEGIN, END] = ['<!-- search-peers: written by tools/search-peers/main.ts -->', '<!-- /search-peers -->'];
const OUT = join(packageRoot, 'runs', 'search-peers');
const BUDGETS = [300, 1000, 3000];
/** Optuna goes through all its trials, or fits a model to them, for every policy: it takes minutes for a thousand. */
const MOST = { 'Optuna NSGA-II': 1000, 'Optuna TPE': 300 };
const SEEDS = [1, 2, 3];

/** Every policy's objectives, judged once: the same recordings give the same. */
async function judged(sweep: string): Promise<{ readonly space: Space; readonly table: Float64Array }> {
  const files = new SweepFiles(sweep);
  const { plan } = files.planned();
  const { space } = plan;
  if (space === null)
    throw new RangeError(`got ${sweep} without a policy space, expected a sweep of npm run tune:seed`);
  const file = join(OUT, `${space.hash.replace(':', '-')}.f64`);
  if (!existsSync(file)) {
    const results = jobsOf(plan).map((job) => files.read(job)!);
    const parts = seedParts(Array.from({ length: plan.replications }, (_, r) => r));
    const table = wholeSpace(space, await PolicyBench.open(plan, files, results, space, parts), plan);
    mkdirSync(OUT, { recursive: true });
    writeFileAtomic(file, new Uint8Array(table.buffer));
  }
  return { space, table: new Float64Array(new Uint8Array(readFileSync(file)).buffer) };
}

type Found = Record<string, Record<string, readonly (readonly number[])[]>>;

/** Our ways beside a grid, and the streams they draw from, so that neither draws what the other does. */
const OURS = [
  { name: 'Coalmine, refinement', method: 'refinement', stream: 'search-peers' },
  { name: 'Coalmine, evolution', method: 'evolution', stream: 'search-peers/evolved' },
] as const;

/** Places of the policies that were judged, by search, by budget, by seed. */
async function found(space: Space, table: Float64Array): Promise<Found> {
  const lookUp = new LookUp(space, table);
  const explored = async (method: Method, budget: number, stream: string): Promise<readonly number[]> => {
    const explorer = new Explorer({ ...space, method, budget }, (policies) =>
      policies.map((policy) => lookUp.at(lookUp.placeOf(policy))),
    );
    const { tried } = await explorer.explore(new Stream(stream));
    return tried.slice(0, budget).map(({ policy }) => lookUp.placeOf(policy));
  };
  const all: Found = {};
  for (const { name, method, stream } of OURS) {
    all[name] = {};
    for (const budget of BUDGETS)
      all[name][budget] = await Promise.all(SEEDS.map((seed) => explored(method, budget, `${stream}/${seed}`)));
  }
  return all;
}

const sweep = process.argv.slice(2).find((arg) => !arg.startsWith('--')) ?? join(packageRoot, 'runs', 'tune-seed');
const { space, table } = await judged(sweep);
const python = pythonWith(join(import.meta.dirname, 'requirements.txt'), 'pymoo and Optuna');
if (typeof python !== 'string') throw new Error(python.missing);
const { status, stdout } = spawnSync(python, [join(import.meta.dirname, 'peers.py')], {
  input: JSON.stringify({
    table: join(OUT, `${space.hash.replace(':', '-')}.f64`),
    sizes: space.settings.map(({ values }) => values.length),
    objectives: OBJECTIVES,
    budgets: BUDGETS,
    most: MOST,
    seeds: SEEDS,
    found: await found(space, table),
  }),
  stdio: ['pipe', 'pipe', 'inherit'],
  encoding: 'utf8',
  maxBuffer: 2 ** 28,
});
if (status !== 0) process.exit(status ?? 1);
const finding = tableOf(JSON.parse(stdout) as Measured);
process.stdout.write(`${finding}\n`);
if (process.argv.includes('--write'))
  writeFileAtomic(DOCUMENT, withPart(readFileSync(DOCUMENT, 'utf8'), BEGIN, END, finding));
