import { fileIssue, type Issue, refuse } from '../config/issues.ts';
import { formatDuration } from '../config/units.ts';
import { loadPolicy } from '../controller/load-policy.ts';
import { misfits } from '../controller/misfits.ts';
import { perSegment } from '../controller/per-segment.ts';
import { scalePolicy } from '../controller/scale-policy.ts';
import { thresholdsOf } from '../controller/thresholds.ts';
import { withCounters } from '../tuning/derive-counters.ts';
import { type FullJudgement, judge } from '../tuning/judge.ts';
import { readJudged, recordingsAt } from '../tuning/read-judged.ts';
import { shipped } from './inputs.ts';

interface Options {
  readonly policy: readonly string[];
  readonly json?: boolean;
}

/** What each policy would have decided on each recording. */
export async function judgeCommand(paths: readonly string[], options: Options): Promise<void> {
  const policies = options.policy.map((file) => loadPolicy(shipped(file)));
  const judgements: ({ recording: string; policy: string } & FullJudgement)[] = [];
  for (const file of paths.flatMap(recordingsAt)) {
    const recording = await readJudged(file);
    for (const policy of policies) {
      const own = perSegment(policy, recording.header.segments.slice(1));
      const scaled = scalePolicy(own, recording.provenance.scenario.timeScale);
      const counted = withCounters(recording, thresholdsOf(scaled));
      refuse(misfits(scaled, counted.header).map((sentence): Issue => fileIssue(file, sentence)));
      judgements.push({ recording: file, policy: policy.name, ...judge(scaled, counted) });
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
