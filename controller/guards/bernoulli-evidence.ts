/**
 * Evidence about the probability of an event from x events in n requests, valid at every look.
 * Under "p ≤ p0 at every request" E_up is a supermartingale that starts at 1, so P(ever E_up ≥ 1/α) ≤ α (Ville 1939): look as
 * often as you like. E_down is the same for "p ≥ p0", so it proves health as E_up proves harm. Counts need not be whole: those
 * divided by a variance inflation are not. All values are natural logarithms, never below −700.
 */
import { logBetaTails } from '../../statistics/beta.ts';
import { logBeta } from '../../statistics/gamma.ts';

/** What is against the null: events that are too many, or too few. */
export type Side = 'up' | 'down';

const LOWEST = -700;

/**
 * ln E = lnB(a+x, b+n−x) + ln S(p0; a+x, b+n−x) − lnB(a, b) − ln S(p0; a, b) − x ln p0 − (n−x) ln(1−p0), with the prior
 * Beta(a = 1, b = 1/p0) cut to (p0, 1) and S = 1 − I_{p0}; for `down` it is cut to (0, p0) and S = I_{p0}. 0 < p0 < 1.
 */
export function logEvidence(side: Side, x: number, n: number, p0: number): number {
  const a = 1;
  const b = 1 / p0;
  const after = logBetaTails(p0, a + x, b + n - x);
  const before = logBetaTails(p0, a, b);
  const cut = side === 'up' ? after.upper - before.upper : after.lower - before.lower;
  const value = logBeta(a + x, b + n - x) - logBeta(a, b) + cut - x * Math.log(p0) - (n - x) * Math.log1p(-p0);
  return Math.max(LOWEST, value);
}

/** KL(p‖p0) = p ln(p/p0) + (1−p) ln((1−p)/(1−p0)), nats: how much a request of rate p weighs against p0 on average. */
export function divergence(p: number, p0: number): number {
  return weighed(p, p0) + weighed(1 - p, 1 - p0);
}

const weighed = (x: number, y: number): number => (x === 0 ? 0 : x * Math.log(x / y));

/** ln(1/α): the evidence that is enough. */
export const needed = (alpha: number): number => -Math.log(alpha);

/**
 * The count that is enough among n requests: the least x with E_up ≥ 1/α, or for `down` the greatest with E_down ≥ 1/α.
 * Null when no count is. With it a judge needs one comparison of whole numbers per look.
 */
export function countBoundary(side: Side, n: number, p0: number, alpha: number): number | null {
  const enough = (x: number): boolean => logEvidence(side, x, n, p0) >= needed(alpha);
  const end = side === 'up' ? n : 0;
  if (!enough(end)) return null;
  // At the expected count there is no evidence either way; from there to the end it only grows.
  let not = side === 'up' ? Math.floor(n * p0) - 1 : Math.ceil(n * p0) + 1;
  let yes = end;
  while (Math.abs(yes - not) > 1) {
    const middle = Math.floor((yes + not) / 2);
    if (enough(middle)) yes = middle;
    else not = middle;
  }
  return yes;
}

/**
 * The restart sum for harm that begins late: S_t = Σ_{j≤t} E_{j:t}, with E_{j:t} of the windows j … t alone. A process
 * that began with the stage must first pay back what the good past has cost it. S_t − t is a supermartingale under the null, so
 * ln S_t ≥ ln(T/α) happens within T looks with probability at most α. Shin, Ramdas and Rinaldo 2022.
 */
export function logRestartSum(side: Side, windows: readonly (readonly [x: number, n: number])[], p0: number): number {
  let x = 0;
  let n = 0;
  const logs: number[] = [];
  for (const [events, requests] of windows.toReversed()) {
    x += events;
    n += requests;
    logs.push(logEvidence(side, x, n, p0));
  }
  const most = Math.max(LOWEST, ...logs);
  return most + Math.log(logs.reduce((sum, each) => sum + Math.exp(each - most), 0));
}
