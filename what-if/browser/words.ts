/** Judgements in words and symbols: colour is never the only difference. */
import { formatDuration } from '../../config/units.ts';
import type { Judged, Judgement } from '../../tuning/judge.ts';
import { type Ended, endedOf } from '../figures.ts';

export const SYMBOLS: Readonly<Record<Ended, string>> = { right: '✓', wrong: '✗', paused: '‖', unknown: '?' };
export const ENDED: Readonly<Record<Ended, string>> = {
  right: 'right',
  wrong: 'wrong',
  paused: 'paused for a person',
  unknown: 'only a rehearsal can tell',
};

export const time = (ms: number): string => formatDuration(Math.round(ms / 100) * 100);

/** "slow-tail, seed 42: rolled back at 2h15m in canary-1 by p95-sustained; right". */
export function sentenceOf({ provenance }: Judged, judgement: Judgement): string {
  const { scenario, seed, truth } = provenance;
  const ended = ENDED[endedOf({ provenance }, judgement)];
  return `${scenario.name} (${truth.candidate}), seed ${seed}: ${verdictOf(judgement)}; ${ended}`;
}

export function verdictOf({ verdict, decidedAtMs, stage, guard }: Judgement): string {
  if (verdict === 'recording-over') return 'still watching when the recording ends';
  const where = stage === null ? '' : ` in ${stage}`;
  const when = decidedAtMs === null ? '' : ` at ${time(decidedAtMs)}${where}`;
  const who = guard === null ? '' : ` by ${guard}`;
  return verdict === 'off-schedule'
    ? `extends ${stage ?? 'a stage'}${when.replace(where, '')}, so it leaves the recorded traffic`
    : `${verdict.replace('-', ' ')}${when}${who}`;
}
