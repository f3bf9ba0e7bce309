/** What a guard found, in one clause with its numbers. */
import type { Bound, Guard, SustainedGuard } from '../policy.ts';
import { duration, metricWords, share, streakWords, valueWords, whole } from '../words.ts';
import type { Every } from './every.ts';
import type { Judgement } from './judge.ts';
import type { Pooled } from './pooled.ts';
import { changeOf } from './relative.ts';

const OPPOSITE = { '>': '≤', '>=': '<', '<': '≥', '<=': '>' } as const;

/**
 * `latency p95 61.2 ms > 50 ms (7.1 % beyond it)`, `outcome ratio 3.1 %, 38 % below the baseline's 5.02 % (more than 2 %)`; the value alone,
 * or beside the other arm's, when nobody knows whether it is over.
 */
export function finding({ metric, bound }: Guard, judgement: Judgement): string {
  const { value, reference, scale, over } = judgement;
  const shown = value === null ? 'beyond every answer' : valueWords(metric, value);
  const name = `${metricWords(metric)} ${shown}`;
  if (bound === null) return name;
  if (bound.kind === 'absolute') {
    // What is not known is not compared.
    if (over === null) return name;
    const operator = over ? bound.breachWhen : OPPOSITE[bound.breachWhen];
    return `${name} ${operator} ${valueWords(metric, bound.value)}${beyond(judgement)}`;
  }
  const change = changeOf(value, reference, scale);
  if (change === null || reference === null) return `${name}, nothing to relate it to`;
  const side = change < 0 ? 'below' : 'above';
  const limit = over === null ? '' : ` (${over ? 'more' : 'not more'} than ${share(bound.by)})`;
  const of = scale === null ? '' : ' of the interquartile range';
  return `${name}, ${share(Math.abs(change))}${of} ${side} the ${referenceWords(bound)} ${valueWords(metric, reference)}${limit}`;
}

/** `baseline's`, `baseline's earlier`: whose value it is. */
export const referenceWords = ({ to, earlier }: Extract<Bound, { kind: 'relative' }>): string =>
  `${to}'s${earlier === true ? ' earlier' : ''}`;

const beyond = ({ exceeding, samples }: Judgement): string =>
  exceeding === null || samples === 0 ? '' : ` (${share(exceeding / samples)} beyond it)`;

export function pooledClause(guard: SustainedGuard, { judgement, lacking }: Pooled): string {
  if (lacking !== null && guard.bound !== null) return lacking;
  if (judgement.samples === 0) return 'no samples';
  return `${finding(guard, judgement)} over the last ${duration(guard.sustained.forMs)}, n = ${whole(judgement.samples)}`;
}

export function everyClause(
  guard: SustainedGuard,
  { verdict, streak, judgement, needed }: Every,
  everyMs: number,
): string {
  if (guard.bound === null) return judgement.samples === 0 ? 'no samples' : finding(guard, judgement);
  if (verdict !== 'inconclusive') {
    const count = verdict === 'breach' ? streak.trip : streak.hold;
    return `${finding(guard, judgement)} in each of ${streakWords(count, everyMs)}, n = ${whole(streak.samples)}`;
  }
  if (judgement.over === null) return judgement.lacking ?? 'no samples';
  const [side, count] = judgement.over ? ['over', streak.trip] : ['under', streak.hold];
  return `${finding(guard, judgement)}, ${side} in ${count} of ${streakWords(needed, everyMs)}`;
}
