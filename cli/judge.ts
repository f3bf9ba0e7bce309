import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput, fileIssue, type Issue, refuse } from '../config/issues.ts';
import { formatDuration } from '../config/units.ts';
import { loadPolicy } from '../controller/load-policy.ts';
import { misfits } from '../controller/misfits.ts';
import { perSegment } from '../controller/per-segment.ts';
import { scalePolicy } from '../controller/scale-policy.ts';
import { readProvenance, readRecording } from '../telemetry/recording.ts';
import { type FullJudgement, judge, type Judged } from '../tuning/judge.ts';
import { shipped } from './inputs.ts';

interface Options {
  readonly policy: readonly string[];
  readonly json?: boolean;
}

/** Places in which recordings are kept: of a run, of a sweep. */
const RECORDING = 'recording.parquet';
const RECORDINGS = 'recordings';

/** What each policy would have decided on each recording. */
export async function judgeCommand(paths: readonly string[], options: Options): Promise<void> {
  const policies = options.policy.map((file) => loadPolicy(shipped(file)));
  const judgements: ({ recording: string; policy: string } & FullJudgement)[] = [];
  for (const file of paths.flatMap(recordingsAt)) {
    const recording = await read(file);
    for (const policy of policies) {
      const own = perSegment(policy, recording.header.segments.slice(1));
      const scaled = scalePolicy(own, recording.provenance.scenario.timeScale);
      refuse(misfits(scaled, recording.header).map((sentence): Issue => fileIssue(file, sentence)));
      judgements.push({ recording: file, policy: policy.name, ...judge(scaled, recording) });
    }
  }
  if (options.json === true) {
    // Every guard's verdict at every evaluation is more than anybody reads.
    const shown = judgements.map((each) => ({ ...each, verdicts: undefined }));
    process.stdout.write(`${JSON.stringify({ schemaVersion: 1, judgements: shown }, null, 2)}\n`);
    return;
  }
  for (const { recording, policy, verdict, decidedAtMs, stage, explanation } of judgements) {
    const when =
      decidedAtMs === null ? '' : ` at ${formatDuration(decidedAtMs)}${stage === null ? '' : ` in ${stage}`}`;
    process.stdout.write(`${recording}\n  ${policy}: ${verdict}${when}\n    ${explanation}\n`);
  }
}

/** A recording, the one of a run directory, or all of a sweep. */
function recordingsAt(path: string): readonly string[] {
  if (!existsSync(path))
    throw new BadInput([fileIssue(path, 'got no file of this name, expected a recording, a run or a sweep')]);
  if (!statSync(path).isDirectory()) return [path];
  if (existsSync(join(path, RECORDING))) return [join(path, RECORDING)];
  const folder = existsSync(join(path, RECORDINGS)) ? join(path, RECORDINGS) : path;
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.parquet'))
    .toSorted()
    .map((name) => join(folder, name));
  if (found.length === 0)
    throw new BadInput([fileIssue(path, 'got a directory without recordings, expected a run or a sweep')]);
  return found;
}

async function read(file: string): Promise<Judged> {
  const { header, windows } = await readRecording(file);
  const provenance = await readProvenance(file);
  if (provenance === null)
    throw new BadInput([
      fileIssue(file, 'got a recording that does not say what stands behind it, expected one written by this version'),
    ]);
  return { header, windows, provenance };
}
