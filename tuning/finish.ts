/** The end of a sweep: result.json and manifest.json appear when every job is done. */
import type { Host } from '../host.ts';
import type { JobResult } from './job.ts';
import { jobsOf, type Plan, planHash } from './plan.ts';
import { resultOf, resultText, type SweepResult } from './result.ts';
import type { SearchResult } from './search/search-result.ts';
import { cutShort } from './stop.ts';
import { MANIFEST, type Planned, RECOMMENDED, RESULT, SEARCH, type SweepFiles } from './sweep-files.ts';

export interface Finished {
  readonly result: SweepResult;
  /** Null without a policy space. */
  readonly search: SearchResult | null;
}

/**
 * Writes the result of a whole sweep, and searches its policy space; a shard has none and gets its manifest alone. What was done beyond the seed
 * at which a question was answered is removed: a directory is the same whoever filled it.
 */
export async function finish(
  files: SweepFiles,
  planned: Planned,
  all: readonly JobResult[],
  host: Host,
): Promise<Finished | null> {
  const { plan, shard } = planned;
  const isStopped = plan.stop !== null && shard === null;
  const results = isStopped ? cutShort(plan, plan.stop, all).kept : all;
  if (isStopped) {
    const kept = new Set(results.map(({ key }) => key));
    for (const job of jobsOf(plan)) if (!kept.has(job.key)) files.forget(job);
  }
  const result = shard === null ? resultOf(plan, results) : null;
  if (result !== null) files.write(RESULT, resultText(result));
  const search = result === null || plan.space === null ? null : await finishSearch(plan, files, results);
  files.write(MANIFEST, `${JSON.stringify(manifestOf(plan, planned, results, host), null, 2)}\n`);
  return result === null ? null : { result, search };
}

async function finishSearch(plan: Plan, files: SweepFiles, results: readonly JobResult[]): Promise<SearchResult> {
  const { runSearch } = await import('./search/run-search.ts');
  const { result, recommended } = await runSearch(plan, files, results);
  files.write(SEARCH, `${JSON.stringify(result, null, 1)}\n`);
  if (recommended === null) files.remove(RECOMMENDED);
  else files.write(RECOMMENDED, recommended);
  return result;
}

const manifestOf = (plan: Plan, { shard }: Planned, results: readonly JobResult[], host: Host): object => ({
  schemaVersion: 1,
  coalmine: plan.coalmine,
  node: process.version,
  plan: planHash(plan),
  code: plan.code,
  shard,
  jobs: results.length,
  requests: results.reduce((sum, { requests }) => sum + requests, 0),
  host,
});
