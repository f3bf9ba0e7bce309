/**
 * How far an empirical distribution function may be from the true one, at every number of values n ≥ 1 and every point at once,
 * with probability at least 1 − α. Source: Howard and Ramdas, Sequential estimation of quantiles, Bernoulli 2022.
 */

const A = 0.85;
/** The largest η of the bound, 2A². */
const ETA_END = 2 * A * A;

/** What the bound with constant C leaves to chance: min over η in (1, 2A²) of 4 e^{−γC} (1 + 1/((γ−1) ln η)). */
function chanceLeft(c: number): number {
  const at = (eta: number): number => {
    const root = A - Math.sqrt((2 * (eta - 1)) / c);
    const gamma = (2 / eta) * root * root;
    return root > 0 && gamma > 1 ? 4 * Math.exp(-gamma * c) * (1 + 1 / ((gamma - 1) * Math.log(eta))) : Infinity;
  };
  return at(minimise(at, 1, ETA_END));
}

/** Where a function with one minimum has it; Infinity beyond the ends is allowed. A grid first, then golden sections. */
function minimise(of: (x: number) => number, from: number, to: number): number {
  const steps = 400;
  const grid = (i: number): number => from + ((to - from) * i) / steps;
  let best = 1;
  for (let i = 2; i < steps; i++) if (of(grid(i)) < of(grid(best))) best = i;
  let [low, high] = [grid(best - 1), grid(best + 1)];
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let i = 0; i < 60; i++) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (of(left) < of(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

const known = new Map<number, number>();

/** The smallest C whose chance is α; found once per α. */
export function cdfConstant(alpha: number): number {
  const found = known.get(alpha);
  if (found !== undefined) return found;
  let low = 1;
  let high = closedConstant(alpha);
  for (let i = 0; i < 100 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2;
    if (chanceLeft(middle) > alpha) low = middle;
    else high = middle;
  }
  known.set(alpha, high);
  return high;
}

/** A constant that is large enough, in closed form: C = 0.8 ln(1612/α). */
export const closedConstant = (alpha: number): number => 0.8 * Math.log(1612 / alpha);

/** r(n) = 0.85 √((ln(1 + ln n) + C)/n); n ≥ 1 and not necessarily whole. */
export const cdfRadius = (n: number, constant: number): number =>
  n < 1 ? 1 : A * Math.sqrt((Math.log1p(Math.log(n)) + constant) / n);
