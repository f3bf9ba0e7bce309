/** Two policies on the same replications: only where they differ do they tell anything apart. */
import { lowerTail } from '../statistics/binomial.ts';

export interface Paired {
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
  /** Exact two-sided McNemar p: min(1, 2·P(Bin(b+c, ½) ≤ min(b, c))); 1 when they never differ. */
  readonly p: number;
}

/** Whether an event happened under the first and under the second policy, replication by replication. */
export function mcnemar(pairs: readonly (readonly [first: boolean, second: boolean])[]): Paired {
  const count = (a: boolean, b: boolean): number => pairs.filter(([x, y]) => x === a && y === b).length;
  const onlyFirst = count(true, false);
  const onlySecond = count(false, true);
  return {
    both: count(true, true),
    onlyFirst,
    onlySecond,
    neither: count(false, false),
    p: mcnemarP(onlyFirst, onlySecond),
  };
}

export function mcnemarP(b: number, c: number): number {
  return b + c === 0 ? 1 : Math.min(1, 2 * lowerTail(Math.min(b, c), b + c, 0.5));
}
