/**
 * Bets on the windows' shares of events against a bound: f_j of window j in [0, 1], p0 the bound as a share,
 * K = mean over λ of Π_j (1 + λ(f_j − p0)), twelve λ spaced evenly in ln between 0.02/p0 and 0.9/p0. As long as a window's share is at most p0 on
 * average, whatever came before, each product is a supermartingale that starts at 1, and so is their mean: P(ever K ≥ 1/α) ≤ α (Ville
 * 1939; Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting, 2024). Inside a window requests may depend on each
 * other as they like, so nothing is divided by a variance inflation; but a window is one observation however many requests it holds,
 * which makes it slow. Health is proven by the same bets on what is no event: 1 − f against 1 − p0.
 */
import type { Betting } from '../guard-tests.ts';
import { boundShare } from './e-process.ts';
import { type Case, passesByEstimate, type Tested, unknown, weighed } from './test-case.ts';

const BETS = 12;
const LOWEST = 0.02;
const HIGHEST = 0.9;

/** ln K of these shares, 0 < p0 < 1. */
export function logBets(shares: readonly number[], p0: number): number {
  const logs = Array.from({ length: BETS }, (_, i) => {
    const bet = (LOWEST * (HIGHEST / LOWEST) ** (i / (BETS - 1))) / p0;
    return shares.reduce((sum, share) => sum + Math.log1p(bet * (share - p0)), 0);
  });
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, each) => sum + Math.exp(each - most), 0) / BETS);
}

export function betting(c: Case<Betting>): Tested {
  const { guard, memory } = c;
  const p0 = boundShare(guard);
  if (p0 === null || guard.bound?.kind !== 'absolute') return unknown('no count to test');
  const shares = memory.windows.flatMap(([events, samples]) => (samples > 0 ? [events / samples] : []));
  const above = logBets(shares, p0);
  const below = logBets(
    shares.map((share) => 1 - share),
    1 - p0,
  );
  const [against, inFavour] = guard.bound.breachWhen.startsWith('>') ? [above, below] : [below, above];
  return weighed(c, against + memory.carried, inFavour, passesByEstimate(c));
}
