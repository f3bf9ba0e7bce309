/** Formulas of queueing theory (docs: validation). μ = 1/mean service, a = λ/μ, ρ = a/c; waits exclude service. */

/** x with f(x) = 0 between low and high, where f changes its sign once. */
export function root(f: (x: number) => number, low: number, high: number): number {
  const rising = f(low) < 0;
  let [a, b] = [low, high];
  for (let i = 0; i < 200; i++) {
    const middle = (a + b) / 2;
    if (f(middle) < 0 === rising) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}

/** P(all c servers busy) without waiting places. */
export function erlangB(a: number, c: number): number {
  let b = 1;
  for (let k = 1; k <= c; k++) b = (a * b) / (k + a * b);
  return b;
}

/** P(wait) with unlimited waiting places. */
export function erlangC(a: number, c: number): number {
  const b = erlangB(a, c);
  return b / (1 - (a / c) * (1 - b));
}

export interface Mmc {
  readonly pWait: number;
  readonly wq: number;
  readonly wqVariance: number;
  readonly l: number;
  /** P(R > t). */
  readonly responseTail: (t: number) => number;
  /** Wait and response exceeded with probability v. */
  readonly waitQuantile: (v: number) => number;
  readonly responseQuantile: (v: number) => number;
}

export function mmc(lambda: number, mu: number, c: number): Mmc {
  const pWait = erlangC(lambda / mu, c);
  const theta = c * mu - lambda;
  const wq = pWait / theta;
  const responseTail = (t: number): number =>
    Math.abs(theta - mu) < 1e-12
      ? Math.exp(-mu * t) * (1 + pWait * mu * t)
      : (1 - pWait) * Math.exp(-mu * t) +
        (pWait * (theta * Math.exp(-mu * t) - mu * Math.exp(-theta * t))) / (theta - mu);
  return {
    pWait,
    wq,
    wqVariance: (2 * pWait) / theta ** 2 - wq * wq,
    l: lambda * wq + lambda / mu,
    responseTail,
    waitQuantile: (v) => Math.log(pWait / v) / theta,
    responseQuantile: (v) => root((t) => responseTail(t) - v, 0, 1000 / Math.min(theta, mu)),
  };
}

/** M/G/1 by Pollaczek and Khinchine, from the moments of the service time. */
export function mg1(lambda: number, s1: number, s2: number, s3: number): { wq: number; wq2: number; l: number } {
  const rho = lambda * s1;
  const wq = (lambda * s2) / (2 * (1 - rho));
  return { wq, wq2: 2 * wq * wq + (lambda * s3) / (3 * (1 - rho)), l: lambda * wq + rho };
}

/** P(Wq ≤ t) of M/D/1 with service 1. The series alternates: good to t ≈ 15 in double precision. */
export function md1WaitCdf(lambda: number, t: number): number {
  let sum = 0;
  for (let k = 0; k <= Math.floor(t); k++) {
    const x = lambda * (k - t);
    let term = Math.exp(-x);
    for (let i = 1; i <= k; i++) term *= x / i;
    sum += term;
  }
  return (1 - lambda) * sum;
}

/** M/D/c with service 1: stationary law of N(t+1) = max(N(t) − c, 0) + Poisson(λ), by iteration. */
export function mdc(lambda: number, c: number): { pWait: number; wq: number } {
  const size = 12 * c;
  const poisson = [Math.exp(-lambda)];
  for (let k = 1; k < size; k++) poisson.push((poisson[k - 1]! * lambda) / k);
  let p = poisson;
  for (let change = 1; change > 1e-15; ) {
    const start = Array.from({ length: size }, () => 0);
    for (const [n, mass] of p.entries()) start[Math.max(n - c, 0)]! += mass;
    const next = start.map((_, n) => {
      let sum = 0;
      for (let k = 0; k <= n; k++) sum += start[k]! * poisson[n - k]!;
      return sum;
    });
    change = Math.max(...next.map((mass, n) => Math.abs(mass - p[n]!)));
    p = next;
  }
  const waiting = p.reduce((sum, mass, n) => sum + Math.max(n - c, 0) * mass, 0);
  return { pWait: p.slice(c).reduce((x, y) => x + y, 0), wq: waiting / lambda };
}

/** G/M/1 with μ = 1, from the Laplace transform of the gap: σ = A*(1 − σ) is P(wait) seen by arrivals. */
export function gm1(transform: (s: number) => number): { sigma: number; wq: number } {
  const sigma = root((x) => transform(1 - x) - x, 1e-9, 1 - 1e-9);
  return { sigma, wq: sigma / (1 - sigma) };
}

/** M/M/c/K: P(lost), mean number and mean time in the system of those let in. */
export function mmck(lambda: number, mu: number, c: number, k: number): { pLost: number; l: number; w: number } {
  const weights = [1];
  for (let n = 1; n <= k; n++) weights.push((weights[n - 1]! * lambda) / (mu * Math.min(n, c)));
  const total = weights.reduce((x, y) => x + y, 0);
  const l = weights.reduce((sum, weight, n) => sum + n * weight, 0) / total;
  const pLost = weights[k]! / total;
  return { pLost, l, w: l / (lambda * (1 - pLost)) };
}

/** M/M/c+D, μ = 1: who would wait longer than τ leaves unserved. */
export function mmcd(
  lambda: number,
  c: number,
  tau: number,
): { pWait: number; pLeave: number; wqServed: number; utilisation: number } {
  const idle = [1];
  for (let j = 1; j < c; j++) idle.push((idle[j - 1]! * lambda) / j);
  const last = lambda * idle[c - 1]!;
  const theta = c - lambda;
  // Density of the offered wait: last·e^{−θx} up to τ, from there falling at rate c.
  const below = (last * (1 - Math.exp(-theta * tau))) / theta;
  const above = (last * Math.exp(-theta * tau)) / c;
  const total = idle.reduce((x, y) => x + y, 0) + below + above;
  const pLeave = above / total;
  const waited = (last * (1 - Math.exp(-theta * tau) * (1 + theta * tau))) / theta ** 2 / total;
  return {
    pWait: (below + above) / total,
    pLeave,
    wqServed: waited / (1 - pLeave),
    utilisation: (lambda * (1 - pLeave)) / c,
  };
}

/** Mean response with d choices among very many one-slot replicas, μ = 1. */
export function powerOfD(rho: number, d: number): number {
  let sum = 0;
  for (let i = 1; i < 12; i++) sum += rho ** ((d ** i - d) / (d - 1));
  return sum;
}

/** Popularities of `count` keys, Zipf with the exponent. */
export function zipf(count: number, exponent: number): number[] {
  const weights = Array.from({ length: count }, (_, i) => (i + 1) ** -exponent);
  const total = weights.reduce((x, y) => x + y, 0);
  return weights.map((weight) => weight / total);
}

/** Hit ratio of a cache whose entries live for `ttl` from the fill, or (renewed) from the latest use. */
export const ttlHits = (p: readonly number[], rate: number, ttl: number, renewed: boolean): number =>
  p.reduce((sum, q) => {
    const x = q * rate * ttl;
    return sum + q * (renewed ? 1 - Math.exp(-x) : x / (1 + x));
  }, 0);

/** Hit ratio of LRU with `capacity` places under independent references: over all orders of distinct keys. */
export function lruHits(p: readonly number[], capacity: number): number {
  const visit = (taken: readonly number[], probability: number, left: number): number => {
    if (taken.length === capacity) return probability * taken.reduce((sum, i) => sum + p[i]!, 0);
    return p.reduce(
      (sum, q, i) => (taken.includes(i) ? sum : sum + visit([...taken, i], (probability * q) / left, left - q)),
      0,
    );
  };
  return visit([], 1, 1);
}

/** Hit ratio of FIFO eviction: stationary law of the set held is ∝ the product of its keys' popularities. */
export function fifoHits(p: readonly number[], capacity: number): number {
  let total = 0;
  let hits = 0;
  const visit = (from: number, held: number, product: number, mass: number): void => {
    if (held === capacity) {
      total += product;
      hits += product * mass;
      return;
    }
    for (let i = from; i < p.length; i++) visit(i + 1, held + 1, product * p[i]!, mass + p[i]!);
  };
  visit(0, 0, 1, 0);
  return hits / total;
}

type Pair = readonly [number, number];

/** MMPP-2/M/1 with μ = 1, by the matrix-geometric method: mean wait, and P(busy) as arrivals and as time see it. */
export function mmpp2m1(rates: Pair, leave: Pair): { wq: number; busySeen: number; busy: number } {
  // R = (A0 + R² A2)·(−A1)^{-1} with A0 = Λ, A2 = I, A1 = Q − Λ − I.
  const a1 = [
    [-(leave[0] + rates[0] + 1), leave[0]],
    [leave[1], -(leave[1] + rates[1] + 1)],
  ] as const;
  const det = a1[0][0] * a1[1][1] - a1[0][1] * a1[1][0];
  const inverse = [
    [-a1[1][1] / det, a1[0][1] / det],
    [a1[1][0] / det, -a1[0][0] / det],
  ];
  let r = [
    [0, 0],
    [0, 0],
  ];
  for (let i = 0; i < 20_000; i++) {
    const square = product(r, r);
    r = product(
      square.map((row, k) => row.map((value, m) => value + (k === m ? rates[k as 0 | 1] : 0))),
      inverse,
    );
  }
  // P(idle, state) = stationary(state) · (I − R), since levels n ≥ 1 are π0 R^n.
  const share = [leave[1] / (leave[0] + leave[1]), leave[0] / (leave[0] + leave[1])];
  const idle = [0, 1].map((j) => share[j]! - share[0]! * r[0]![j]! - share[1]! * r[1]![j]!);
  const arrivals = share[0]! * rates[0] + share[1]! * rates[1];
  // L = π0 R (I − R)^{−2} 1 = share · R (I − R)^{−1} 1.
  const d = (1 - r[0]![0]!) * (1 - r[1]![1]!) - r[0]![1]! * r[1]![0]!;
  const ones = [(1 - r[1]![1]! + r[0]![1]!) / d, (1 - r[0]![0]! + r[1]![0]!) / d];
  const l = [0, 1].reduce((sum, i) => sum + share[i]! * (r[i]![0]! * ones[0]! + r[i]![1]! * ones[1]!), 0);
  return {
    wq: l / arrivals - 1,
    busySeen: 1 - (idle[0]! * rates[0] + idle[1]! * rates[1]) / arrivals,
    busy: 1 - idle[0]! - idle[1]!,
  };
}

const product = (x: readonly (readonly number[])[], y: readonly (readonly number[])[]): number[][] =>
  x.map((row) => [0, 1].map((j) => row[0]! * y[0]![j]! + row[1]! * y[1]![j]!));

/** Index of dispersion of MMPP-2 counts over a time t (Infinity: the limit). */
export function dispersion(rates: Pair, leave: Pair, t: number): number {
  const r = leave[0] + leave[1];
  const limit =
    1 + (2 * (rates[0] - rates[1]) ** 2 * leave[0] * leave[1]) / (r ** 2 * (rates[0] * leave[1] + rates[1] * leave[0]));
  return t === Number.POSITIVE_INFINITY ? limit : 1 + (limit - 1) * (1 - (1 - Math.exp(-r * t)) / (r * t));
}

/** Daley 1968: N·Var(mean Wq over N requests) of M/M/1, μ = 1. */
export const daley = (rho: number): number => (rho * (2 + 5 * rho - 4 * rho ** 2 + rho ** 3)) / (1 - rho) ** 4;
