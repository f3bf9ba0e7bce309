/** Exact probabilities that guards are held against (statistics §3–§5), beside the runs of statistics/run-length.ts. */

/** P(Bin(n, p) = x) for x = 0 … n, by the ratio of neighbours, in logarithms. */
export function binomial(n: number, p: number): Float64Array {
  const pmf = new Float64Array(n + 1);
  let log = n * Math.log1p(-p);
  pmf[0] = Math.exp(log);
  for (let x = 0; x < n; x++) {
    log += Math.log(((n - x) / (x + 1)) * (p / (1 - p)));
    pmf[x + 1] = Math.exp(log);
  }
  return pmf;
}

/** P(Bin(n, p) ≥ from). */
export function tail(n: number, p: number, from: number): number {
  const pmf = binomial(n, p);
  let sum = 0;
  for (let x = n; x >= from; x--) sum += pmf[x]!;
  return sum;
}

/** P(trailing sum of W windows of n breaches within T windows), by the counts of the last W − 1 windows (§3). */
export function trailingProbability(
  n: number,
  p: number,
  W: number,
  T: number,
  breaks: (x: number) => boolean,
): number {
  let cut = 0;
  while (!breaks(cut)) cut++;
  const pmf = Array.from(binomial(n, p).subarray(0, cut));
  const rest = 1 - pmf.reduce((sum, each) => sum + each, 0);
  let alive = new Map<string, number>([['', 1]]);
  let hit = 0;
  for (let t = 0; t < T; t++) {
    const next = new Map<string, number>();
    for (const [key, mass] of alive) {
      const last = key === '' ? [] : key.split(',').map(Number);
      const sum = last.reduce((total, each) => total + each, 0);
      const full = last.length === W - 1;
      const put = (x: number, probability: number): void => {
        if (full && sum + x >= cut) hit += mass * probability;
        else {
          const state = [...last, Math.min(x, cut)].slice(full ? 1 : 0).join(',');
          next.set(state, (next.get(state) ?? 0) + mass * probability);
        }
      };
      for (const [x, probability] of pmf.entries()) put(x, probability);
      put(cut, rest);
    }
    alive = next;
  }
  return hit;
}

/**
 * P(run of k overs within n windows) when a window is over with probability p01 after one under and p11 after one over, the first being stationary:
 * by where runs begin. A run that begins at t is shorter than k and ends, or is a hit.
 */
export function markovRunByRenewal(n: number, k: number, p01: number, p11: number): number {
  const stationary = p01 / (1 + p01 - p11);
  const over = new Float64Array(n + 1);
  const under = new Float64Array(n + 1);
  over[0] = stationary;
  under[0] = 1 - stationary;
  let hit = 0;
  for (let t = 0; t < n; t++) {
    for (let length = 1; t + length <= n; length++) {
      if (length < k) under[t + length]! += over[t]! * p11 ** (length - 1) * (1 - p11);
      over[t + length]! += under[t]! * (1 - p01) ** (length - 1) * p01;
    }
    if (t + k <= n) hit += over[t]! * p11 ** (k - 1);
  }
  return hit;
}
