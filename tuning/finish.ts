/** The end of a sweep: result.json and manifest.json appear when every job is done. */
import type { JobResult } from './job.ts';
import { type Plan, planHash } from './plan.ts';
import { resultOf, resultText, type SweepResult } from './result.ts';
import { MANIFEST, type Planned, RESULT, type SweepFiles } from './sweep-files.ts';

/** What the host is like; not part of the result. */
export type Host = Readonly<Record<string, unknown>>;

/** Writes the result of a whole sweep; a shard has none and gets its manifest alone. */
export function finish(
  files: SweepFiles,
  planned: Planned,
  results: readonly JobResult[],
  host: Host,
): SweepResult | null {
  const { plan, shard } = planned;
  const result = shard === null ? resultOf(plan, results) : null;
  if (result !== null) files.write(RESULT, resultText(result));
  files.write(MANIFEST, `${JSON.stringify(manifestOf(plan, planned, results, host), null, 2)}\n`);
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
