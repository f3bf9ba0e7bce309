/** Rates of a sweep in words, the same in terminal and page. */
import { trialsFor } from '../statistics/binomial.ts';
import type { Characteristics } from '../tuning/characteristics.ts';
import type { Rate } from '../tuning/distribution.ts';
import type { FalseRollbackRate } from '../tuning/rare/false-rollback.ts';
import { count, NONE, number, percent, plural } from './format.ts';

export const share = ({ events, ratio }: Rate): string => `${events} = ${percent(ratio)}`;

export const interval = ({ low, high }: Rate): string =>
  low === null || high === null ? NONE : `${percent(low)} – ${percent(high)}`;

/** How often each guard fired. */
export const byGuard = (guards: readonly { readonly guard: string; readonly events: number }[]): string =>
  guards.map(({ guard, events }) => `${guard} ${events}`).join(', ') || NONE;

/** A sentence where rollbacks stayed incomplete: the times of the others say nothing about those. */
export function incompleteRollbacks(all: readonly Characteristics[]): readonly string[] {
  const sum = (of: (bound: NonNullable<Characteristics['rollbackBound']>) => number): number =>
    all.reduce((total, { rollbackBound }) => total + (rollbackBound === null ? 0 : of(rollbackBound)), 0);
  const incomplete = sum((bound) => bound.incomplete);
  return incomplete === 0
    ? []
    : [
        `${incomplete} of ${plural(
          sum(({ n }) => n),
          'rollback',
        )} had not finished when the rehearsal ended: times are of the others, and none of them bounds how long a rollback takes.`,
      ];
}

/** Fewer events say too little about a rate to say how many rollouts it would take to know it. */
const FEW = 3;

/** How many replications the rarest error that was seen would take, to be known to a half and to a fifth of itself; none once they are done. */
export function moreNeeded(all: readonly Characteristics[]): readonly string[] {
  const seen = all.flatMap((c) => {
    const [rate, what] =
      c.missedRegression === null ? [c.falseRollback, 'false rollbacks'] : [c.missedRegression, 'missed regressions'];
    return rate.events >= FEW && rate.events < rate.of ? [{ ...c, rate, what, ratio: rate.events / rate.of }] : [];
  });
  const [rarest] = seen.toSorted((a, b) => a.ratio - b.ratio);
  if (rarest === undefined) return [];
  const { scenario, policy, what, ratio, rate } = rarest;
  const takes = [0.5, 0.2].flatMap((relative) => {
    const trials = trialsFor(ratio, relative);
    return trials > rate.of ? [`to ± ${percent(relative)} of itself after about ${count(trials)} replications`] : [];
  });
  const subject = `${what} of ${scenario} under ${policy} (${share(rate)})`;
  return takes.length === 0 ? [] : [`The rarest error seen, ${subject}, would be known ${takes.join(', ')}.`];
}

/** How many independent rollouts a shared one was worth in a comparison. */
export const gainText = (gain: number | null): string => (gain === null ? NONE : `× ${number(gain, 2)}`);

/** "minutes are independent": what a small rate's interval rests on; empty for what was counted. */
const assumed = ({ assumes }: FalseRollbackRate): string =>
  assumes.length === 0 ? '' : ` if ${assumes.map((each) => each.split(' ')[1]).join(' and ')} are independent`;

/** A small rate with what its interval rests on, and what counting says, which rests on nothing. A bound where nothing was seen. */
export function rareRate(rate: FalseRollbackRate): string {
  const { ratio, low, high, events, recordings, assumes, counted } = rate;
  const from = (least: number, most: number): string =>
    events === 0 ? `at most ${small(most)}` : `${small(least)} to ${small(most)}`;
  const seen = `${events} of ${recordings} ${recordings === 1 ? 'recording' : 'recordings'}`;
  const how =
    assumes.length === 0 ? `${seen}, counted` : `${seen}: ${from(counted.low, counted.high)} by counting alone`;
  return `${events === 0 ? '' : `${small(ratio)}, `}${from(low, high)}${assumed(rate)} (${how})`;
}

/** Thousandths as powers of ten, which a percentage would hide behind zeros; three digits of the rest. */
const small = (value: number): string => (value > 0 && value < 1e-3 ? value.toExponential(1) : percent(value));
