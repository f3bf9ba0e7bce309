/**
 * Is a rate above or below p0? Stopping as soon as it is clear, without cheating: Robbins 1970; Ding, Gandy and Hahn 2020.
 * The error is at most ε however often one looks.
 */
import { logChoose } from './binomial.ts';

/** Enough for all digits of a double between 0 and 1 that matter. */
const BISECTIONS = 80;

/** −ln[(n+1)·C(n,s)·p0^s·(1−p0)^(n−s)]: ln of an e-value against "the rate is p0", with a uniform prior. */
export const robbinsLogEvidence = (s: number, n: number, p0: number): number =>
  -(Math.log(n + 1) + logChoose(n, s) + s * Math.log(p0) + (n - s) * Math.log1p(-p0));

/** On which side of p0 the rate is, once that is clear; null while it is not. */
export function sideOf(s: number, n: number, p0: number, epsilon: number): 'below' | 'above' | null {
  if (n === 0 || robbinsLogEvidence(s, n, p0) < -Math.log(epsilon)) return null;
  return s / n < p0 ? 'below' : 'above';
}

/** Fewest trials after which a rate can be told to be below p0: those without a single event, (n+1)·(1−p0)^n ≤ ε. */
export function fewestToTellBelow(p0: number, epsilon: number): number {
  // It grows up to n = 1/p0 − 1 and falls from there.
  let unclear = Math.ceil(1 / p0);
  let clear = unclear;
  while (sideOf(0, clear, p0, epsilon) === null) clear *= 2;
  if (clear === unclear) unclear = 0;
  while (clear - unclear > 1) {
    const middle = Math.floor((unclear + clear) / 2);
    if (sideOf(0, middle, p0, epsilon) === null) unclear = middle;
    else clear = middle;
  }
  return clear;
}

/**
 * The rates that are not ruled out at this look: they hold the true one at every look at once with probability 1 − ε, so also at the one at
 * which somebody stopped, which an interval for a fixed number of trials does not.
 */
export function robbinsInterval(s: number, n: number, epsilon: number): readonly [low: number, high: number] {
  const isOut = (p: number): boolean => robbinsLogEvidence(s, n, p) >= -Math.log(epsilon);
  const edge = (outside: number): number => {
    let [out, within] = [outside, s / n];
    for (let i = 0; i < BISECTIONS; i++) {
      const middle = (out + within) / 2;
      if (isOut(middle)) out = middle;
      else within = middle;
    }
    return out;
  };
  return [s === 0 ? 0 : edge(0), s === n ? 1 : edge(1)];
}
