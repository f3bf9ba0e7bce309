/** One guard over one stretch of time: over its bound, under it, or not known. */
import type { Arm, WindowHeader } from '../../telemetry/window.ts';
import type { Bound, Guard, Stage } from '../policy.ts';
import type { Tally } from '../tally.ts';
import { whole } from '../words.ts';
import { quantileBreaks } from './latency.ts';
import { comparesPairs, type Measurement, measure, measurePairs } from './measure.ts';
import { compareRatio, holds, rational } from './rational.ts';
import { changeBreaks, changeOf, ratioChangeBreaks } from './relative.ts';

export interface Judgement {
  /** Null: too little is known; `lacking` says what. */
  readonly over: boolean | null;
  readonly lacking: string | null;
  /** Every arm has the guard's minimum of samples and positives. */
  readonly isEnough: boolean;
  readonly value: number | null;
  readonly reference: number | null;
  /** What the change is divided by, where it is not the reference; null there. */
  readonly scale: number | null;
  readonly samples: number;
  /** Of the reference arm; null for absolute bounds. */
  readonly referenceSamples: number | null;
  /** Requests beyond a latency bound, of `samples`; null for other guards. */
  readonly exceeding: number | null;
}

/** The tally of an arm over the stretch that is judged. */
export type Tallies = (arm: Arm) => Tally;

/** `arm` is the one that is held to the bound: the candidate, or the baseline when a rollback is verified. */
export function judge(guard: Guard, arm: Arm, tallies: Tallies, stage: Stage, header: WindowHeader): Judgement {
  const { bound, metric } = guard;
  const pairs = comparesPairs(guard, stage);
  const own = pairs
    ? measurePairs(guard, tallies('candidate'), 'candidate', header)
    : measure(guard, tallies(arm), header);
  const reference = bound?.kind !== 'relative' ? null : referenceOf(guard, bound, tallies, pairs, header);
  const lacking = lackOf(guard, own, reference);
  const over = lacking === null && bound !== null ? compare(guard, bound, own, reference) : null;
  return {
    over,
    lacking: lacking ?? (bound !== null && over === null ? 'nothing to compare with' : null),
    isEnough: lacking === null,
    value: finite(own.value),
    reference: finite(reference?.value ?? null),
    scale: reference?.scale ?? null,
    samples: own.samples,
    referenceSamples: reference?.samples ?? null,
    exceeding: metric.kind === 'latency' ? (own.count?.events ?? null) : null,
  };
}

type Relative = Extract<Bound, { kind: 'relative' }>;

const referenceOf = (guard: Guard, bound: Relative, tallies: Tallies, pairs: boolean, header: WindowHeader) =>
  pairs ? measurePairs(guard, tallies('candidate'), 'baseline', header) : measure(guard, tallies(bound.to), header);

const finite = (value: number | null): number | null => (value === null || !Number.isFinite(value) ? null : value);

/** What keeps the guard from knowing, or null: below the minimum the estimate does not matter. */
function lackOf(guard: Guard, own: Measurement, reference: Measurement | null): string | null {
  const arms: [string, Measurement | null][] = [
    ['', own],
    [guard.bound?.kind === 'relative' ? `${guard.bound.to}: ` : '', reference],
  ];
  for (const [name, arm] of arms) {
    if (arm === null) continue;
    const needed = Math.max(1, guard.minSamples);
    if (arm.samples < needed) return `${name}${whole(arm.samples)} of ${whole(needed)} samples`;
    const events = arm.count?.events ?? Infinity;
    if (guard.bound?.kind === 'relative' && events < guard.minPositives)
      return `${name}${whole(events)} of ${whole(guard.minPositives)} positives`;
  }
  return null;
}

function compare(guard: Guard, bound: Bound, own: Measurement, reference: Measurement | null): boolean | null {
  if (bound.kind === 'relative') {
    if (own.count !== null && reference !== null && reference.count !== null)
      return ratioChangeBreaks(own.count, reference.count, bound);
    const change = changeOf(own.value, reference?.value ?? null, reference?.scale);
    return change === null ? null : changeBreaks(change, bound);
  }
  const { metric } = guard;
  if (own.count === null)
    return own.value === null ? null : holds(Math.sign(own.value - bound.value), bound.breachWhen);
  if (metric.kind === 'latency') return quantileBreaks(own.count, metric.quantile, bound);
  return holds(compareRatio(own.count.events, own.count.samples, rational(bound.value)), bound.breachWhen);
}
