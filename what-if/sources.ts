/** Recordings by their files. */
import { basename } from 'node:path';
import { BadInput, fileIssue, type Issue, refuse } from '../config/issues.ts';
import { misfits } from '../controller/misfits.ts';
import type { Policy } from '../controller/policy.ts';
import { thresholdsOf } from '../controller/thresholds.ts';
import { readProvenance } from '../telemetry/recording.ts';
import { withCounters } from '../tuning/derive-counters.ts';
import { readJudged } from '../tuning/read-judged.ts';
import type { Source } from './pack.ts';
import { scaledFor } from './rejudge.ts';

/** What stands behind each file; the windows are read when they are asked for. Throws BadInput for a file that is no recording. */
export async function sourcesOf(files: readonly string[], policy: Policy): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for (const file of files) {
    const provenance = await readProvenance(file);
    if (provenance === null)
      throw new BadInput([
        fileIssue(
          file,
          'got a recording that does not say what stands behind it, expected one written by this version',
        ),
      ]);
    sources.push({ name: basename(file), provenance, read: () => readFitting(file, policy) });
  }
  return sources;
}

async function readFitting(file: string, policy: Policy): ReturnType<typeof readJudged> {
  const recording = await readJudged(file);
  const scaled = scaledFor(policy, recording);
  const counted = withCounters(recording, thresholdsOf(scaled));
  refuse(misfits(scaled, counted.header).map((sentence): Issue => fileIssue(file, sentence)));
  return counted;
}
