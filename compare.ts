/** A simulated and a live run directory, compared. */
import { dirname, join } from 'node:path';
import { BadInput, fileIssue } from './config/issues.ts';
import { compareRuns } from './comparison/compare.ts';
import type { Comparison } from './comparison/comparison.ts';
import { type ComparedRun, refusals } from './comparison/refusals.ts';
import { shifted } from './comparison/shifted.ts';
import { errorsOf, factorsOf, sensitivityOf } from './comparison/sensitivity.ts';
import type { RunData } from './reports/run-data.ts';
import { readRun, RECORDING } from './run-directory.ts';
import { histogramsReady } from './telemetry/histogram.ts';
import { readProvenance } from './telemetry/recording.ts';
import { type FullJudgement, judge } from './tuning/judge.ts';

/** Throws BadInput when one of them is no run, or when the two cannot be compared: with every reason. */
export async function compareDirectories(simPath: string, livePath: string): Promise<Comparison> {
  await histogramsReady();
  const [sim, live] = await Promise.all([readRun(simPath), readRun(livePath)]);
  const found = refusals(named(simPath, sim), named(livePath, live));
  if (found.length > 0) throw new BadInput(found.map(({ path, why }) => fileIssue(path, why)));
  return compareRuns(sim, live, await sensitivity(simPath, sim, live));
}

const named = (path: string, { outcome, header }: RunData): ComparedRun => ({ path, outcome, header });

/** What the simulated run would have decided if its answers had been as much faster or slower as nobody knows better. */
async function sensitivity(path: string, sim: RunData, live: RunData): Promise<Comparison['sensitivity']> {
  const errors = errorsOf(sim.outcome, live.outcome);
  const provenance = await readProvenance(join(path, RECORDING));
  if (provenance === null)
    throw new BadInput([
      fileIssue(
        dirname(join(path, RECORDING)),
        'got a recording that does not say what stands behind it, expected one of this version',
      ),
    ]);
  const { header, windows, policy, outcome } = sim;
  const judged = (sign: -1 | 0 | 1): FullJudgement =>
    judge(policy, { header, windows: shifted(windows, header, factorsOf(errors, outcome, sign)), provenance });
  return sensitivityOf(errors, outcome, { faster: judged(-1), stated: judged(0), slower: judged(1) });
}
