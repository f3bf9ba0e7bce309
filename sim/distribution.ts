import type { TimeDistribution } from '../scenarios/scenario.ts';
import { normalTail, normalUpperQuantile } from '../statistics/normal.ts';

type Of<K extends TimeDistribution['kind']> = Extract<TimeDistribution, { kind: K }>;

/** Balanced two-phase hyperexponential (each phase carries half the mean): probability of the fast phase and both means. */
function phases(d: Of<'hyperexponential'>): { p: number; fast: number; slow: number } {
  const p = (1 + Math.sqrt((d.cv2 - 1) / (d.cv2 + 1))) / 2;
  return { p, fast: d.meanMs / (2 * p), slow: d.meanMs / (2 * (1 - p)) };
}

/** P(X > x), x in ms. */
export function tailOf(d: TimeDistribution, x: number): number {
  if (x < 0) return 1;
  switch (d.kind) {
    case 'constant':
      return x < d.valueMs ? 1 : 0;
    case 'exponential':
      return Math.exp(-x / d.meanMs);
    case 'lognormal':
      return x === 0 ? 1 : normalTail(Math.log(x / d.medianMs) / d.sigma);
    case 'erlang': {
      // e^{-y} Σ_{k<stages} y^k/k!, y = x·stages/mean
      const y = (x * d.stages) / d.meanMs;
      let term = Math.exp(-y);
      let sum = term;
      for (let k = 1; k < d.stages; k++) sum += term *= y / k;
      return sum;
    }
    case 'hyperexponential': {
      const { p, fast, slow } = phases(d);
      return p * Math.exp(-x / fast) + (1 - p) * Math.exp(-x / slow);
    }
    case 'uniform':
      return Math.min(1, Math.max(0, (d.highMs - x) / (d.highMs - d.lowMs)));
    case 'empirical':
    case 'measured':
      return 1 - probabilityBelow(d.quantiles, x);
    case 'mixture':
      return d.parts.reduce((sum, part) => sum + part.weight * tailOf(part.of, x), 0);
  }
}

/** x (ms) with P(X > x) = v, 0 < v ≤ 1: closed form where there is one, else bisection on the tail. */
export function upperQuantileOf(d: TimeDistribution, v: number): number {
  switch (d.kind) {
    case 'constant':
      return d.valueMs;
    case 'exponential':
      return -d.meanMs * Math.log(v);
    case 'lognormal':
      return v >= 1 ? 0 : d.medianMs * Math.exp(d.sigma * normalUpperQuantile(v));
    case 'uniform':
      return d.highMs - v * (d.highMs - d.lowMs);
    case 'empirical':
    case 'measured':
      return quantileAt(d.quantiles, 1 - v);
    case 'erlang':
    case 'hyperexponential':
    case 'mixture':
      return bisect(d, v);
  }
}

/** Mean, ms. */
export function meanOf(d: TimeDistribution): number {
  switch (d.kind) {
    case 'constant':
      return d.valueMs;
    case 'exponential':
    case 'erlang':
    case 'hyperexponential':
      return d.meanMs;
    case 'lognormal':
      return d.medianMs * Math.exp((d.sigma * d.sigma) / 2);
    case 'uniform':
      return (d.lowMs + d.highMs) / 2;
    case 'empirical':
    case 'measured': {
      let sum = 0;
      for (let i = 1; i < d.quantiles.length; i++) {
        const [p0, x0] = d.quantiles[i - 1]!;
        const [p1, x1] = d.quantiles[i]!;
        sum += ((p1 - p0) * (x0 + x1)) / 2;
      }
      return sum;
    }
    case 'mixture':
      return d.parts.reduce((sum, part) => sum + part.weight * meanOf(part.of), 0);
  }
}

function bisect(d: TimeDistribution, v: number): number {
  if (v >= 1) return 0;
  let low = 0;
  let high = meanOf(d) + 1e-9;
  while (tailOf(d, high) > v) high *= 2;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (tailOf(d, middle) > v) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

type Quantiles = Of<'empirical'>['quantiles'];

/** Linear between given quantiles. */
function quantileAt(quantiles: Quantiles, p: number): number {
  let i = 1;
  while (i < quantiles.length - 1 && quantiles[i]![0] < p) i++;
  const [p0, x0] = quantiles[i - 1]!;
  const [p1, x1] = quantiles[i]!;
  return p1 === p0 ? x1 : x0 + ((x1 - x0) * (p - p0)) / (p1 - p0);
}

function probabilityBelow(quantiles: Quantiles, x: number): number {
  if (x < quantiles[0]![1]) return 0;
  for (let i = quantiles.length - 1; i > 0; i--) {
    const [p0, x0] = quantiles[i - 1]!;
    const [p1, x1] = quantiles[i]!;
    if (x >= x1) return p1;
    if (x >= x0) return p0 + ((p1 - p0) * (x - x0)) / (x1 - x0);
  }
  return 1;
}
