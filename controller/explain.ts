/** Every decision in one sentence with the numbers a person needs (law L2). */
import type { GuardVerdict, RollbackRecord } from './decision.ts';
import { referenceWords } from './guards/clauses.ts';
import type { Evaluated } from './guards/evaluate.ts';
import { changeOf } from './guards/relative.ts';
import { nameIn } from './per-segment.ts';
import type { Policy, Stage } from './policy.ts';
import { shortfallOf, shortfallWords } from './shortfall.ts';
import { duration, metricWords, percent, share, valueWords, whole } from './words.ts';

const where = ({ guard, segment, stage }: GuardVerdict): string => {
  const isNamed = segment === undefined || guard.endsWith(nameIn('', segment));
  return `(guard ${guard}, ${isNamed ? '' : `segment ${segment}, `}stage ${stage})`;
};

export const rollbackSentence = (verdict: GuardVerdict): string => `rolled back: ${verdict.because} ${where(verdict)}`;

export const pauseSentence = (verdict: GuardVerdict): string => `paused: ${verdict.because} ${where(verdict)}`;

export const alertSentence = (verdict: GuardVerdict): string => `${verdict.because} ${where(verdict)}`;

export function dataLossSentence({ verdict }: Evaluated, policy: Policy): string {
  const lost = duration((policy.maxGap + 1) * policy.evaluateEveryMs);
  return `data-loss: no usable window for ${lost}, streaks start anew: ${verdict.because} ${where(verdict)}`;
}

export function stageSentence(stage: Stage, passed: readonly Evaluated[], before: string | null): string {
  const traffic = `${percent(stage.weightPercent)} of the traffic${inSegments(stage)}`;
  const copies = stage.mirrorPercent > 0 ? ` and copies of ${percent(stage.mirrorPercent)}` : '';
  const hold = stage.holdMs > 0 ? ` for ${duration(stage.holdMs)}` : '';
  const why = before === null ? '' : `: ${countWords(passed.length)} passed in ${before}`;
  return `started ${stage.name}: ${traffic}${copies} to the candidate${hold}${why}`;
}

const inSegments = ({ segments }: Stage): string => (segments === undefined ? '' : ` of ${listed(segments)}`);

/** `ATL`, `ATL and LAX`, `ATL, LAX and PHX`. */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** `all 4 guards`, `the one guard`. */
const countWords = (count: number): string => (count === 1 ? 'the one required guard' : `all ${count} required guards`);

export function promotionSentence(policy: Policy, closest: { readonly words: string } | null): string {
  const required = policy.guards.filter((guard) => guard.requiredToAdvance).length;
  return `promoted: ${countWords(required)} passed in ${required === 1 ? 'its' : 'their'} stages${closest === null ? '' : `; worst: ${closest.words}`}`;
}

/** What keeps a stage from advancing: `errors: 833 of 5,000 samples`. */
export function blockedBy(blockers: readonly Evaluated[]): string {
  if (blockers.length === 0) return 'no guard is required, so nothing can pass';
  return blockers.map(({ verdict }) => `${verdict.guard}: ${verdict.because}`).join('; ');
}

export const extendSentence = (stage: Stage, blockers: readonly Evaluated[]): string =>
  `extended ${stage.name} by up to ${duration(stage.extendMs)}: ${blockedBy(blockers)}`;

export function exhaustedSentence(stage: Stage, blockers: readonly Evaluated[], stageMs: number): string {
  const lacks = ({ guard, verdict }: Evaluated): string => {
    const shortfall = shortfallOf(guard, verdict, stageMs);
    return shortfall === null ? '' : shortfallWords(shortfall);
  };
  const why = blockers.map((each) => `${blockedBy([each])}${lacks(each)}`).join('; ');
  return `paused: ${stage.name} did not pass within ${duration(stage.holdMs + stage.extendMs)}: ${blockers.length === 0 ? blockedBy([]) : why}`;
}

/** `blockers` is null when no evaluation has been done in this stage. */
export function endOfTrafficSentence(stage: Stage, atMs: number, startMs: number, evaluated: boolean): string {
  const seen = `${duration(atMs - startMs)} of ${duration(stage.holdMs)} in ${stage.name}`;
  return `paused: the traffic ended after ${seen}${evaluated ? '' : ', before the first evaluation'}, so the candidate is neither proven nor refuted`;
}

export const refusalSentence = (issues: readonly string[]): string =>
  `refused: the models' feature schemas differ in ${whole(issues.length)} place${issues.length === 1 ? '' : 's'}: ${issues.join('; ')}`;

/** How much of its bound a passing guard used: 0.72 for p95 36.1 ms of 50 ms; null when it has no such measure. */
export function closeness({ guard, verdict }: Evaluated): { readonly share: number; readonly words: string } | null {
  const { bound, metric } = guard;
  const { value, reference } = verdict;
  if (bound === null || value === null) return null;
  if (bound.kind === 'absolute') {
    const ceiling = bound.breachWhen.startsWith('>');
    const used = ceiling ? value / bound.value : bound.value / value;
    if (!Number.isFinite(used)) return null;
    return {
      share: used,
      words: `${metricWords(metric)} ${valueWords(metric, value)} of ${valueWords(metric, bound.value)}`,
    };
  }
  const moved = changeOf(value, reference, verdict.scale);
  if (moved === null || bound.by === 0) return null;
  const bad = bound.direction === 'either' ? Math.abs(moved) : bound.direction === 'rise' ? moved : -moved;
  return {
    share: bad / bound.by,
    words: `${metricWords(metric)} ${share(Math.abs(moved))}${verdict.scale === undefined ? '' : ' of the interquartile range'} off the ${referenceWords(bound)}, of ${share(bound.by)}`,
  };
}

export function stepSentence(name: string, startMs: number, endMs: number): string {
  return endMs === startMs ? `${name} done at once` : `${name} done in ${duration(endMs - startMs)}`;
}

export function completeSentence({ decidedAtMs, deadlineMs }: RollbackRecord, atMs: number): string {
  const took = atMs - decidedAtMs;
  return `rollback complete after ${duration(took)}, ${took <= deadlineMs ? 'within' : 'past'} its deadline of ${duration(deadlineMs)}`;
}

export const overdueSentence = ({ deadlineMs }: RollbackRecord, step: string, waitingFor: string): string =>
  `rollback past its deadline of ${duration(deadlineMs)} in step ${step}: ${waitingFor}`;

export const abandonedSentence = (step: string, waitingFor: string): string =>
  `rollback left incomplete in step ${step}: ${waitingFor}`;
