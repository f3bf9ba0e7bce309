/** Two policies on the same replications: only where they differ do they tell anything apart. */
import { lowerTail } from '../statistics/binomial.ts';

export interface Paired {
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
  /** Exact two-sided McNemar p: min(1, 2·P(Bin(b+c, ½) ≤ min(b, c))); 1 when they never differ. */
  readonly p: number;
  /**
   * What sharing the replications was worth: so many times as many rollouts of each, were they independent, would tell the difference of
   * both rates as precisely, (p₁q₁ + p₂q₂)/(p₁ + p₂ − 2p₁₂ − (p₁ − p₂)²), p₁₂ the share in which both erred. Below 1 where one
   * tends to err when the other does not; null when they never differ.
   */
  readonly gain: number | null;
}

/** Whether an event happened under the first and under the second policy, replication by replication. */
export function mcnemar(pairs: readonly (readonly [first: boolean, second: boolean])[]): Paired {
  const count = (a: boolean, b: boolean): number => pairs.filter(([x, y]) => x === a && y === b).length;
  const both = count(true, true);
  const onlyFirst = count(true, false);
  const onlySecond = count(false, true);
  return {
    both,
    onlyFirst,
    onlySecond,
    neither: count(false, false),
    p: mcnemarP(onlyFirst, onlySecond),
    gain: gainOf([both + onlyFirst, both + onlySecond, both], pairs.length),
  };
}

export function mcnemarP(b: number, c: number): number {
  return b + c === 0 ? 1 : Math.min(1, 2 * lowerTail(Math.min(b, c), b + c, 0.5));
}

function gainOf(counts: readonly [first: number, second: number, both: number], n: number): number | null {
  const [p1, p2, p12] = counts.map((count) => count / n) as [number, number, number];
  const paired = p1 + p2 - 2 * p12 - (p1 - p2) ** 2;
  // One that always errs where the other never does differs without any scatter.
  return n === 0 || paired < 1e-12 ? null : (p1 * (1 - p1) + p2 * (1 - p2)) / paired;
}
