/**
 * How much more the counts of windows scatter than those of independent requests. A queue makes exceedances come
 * in clumps: a test that takes them for independent breaks its promise. Dividing counts by this factor mends that.
 * It is Pearson's X² over its degrees of freedom (McCullagh and Nelder, Generalized Linear Models, 1989, §4.5).
 */
import { chiSquareQuantile } from '../../statistics/chi-square.ts';
import type { Count } from './ratios.ts';

/** Windows x_t of n_t of one arm, as sums, so that they need not be kept. */
export interface Scatter {
  readonly windows: number;
  readonly events: number;
  readonly samples: number;
  /** Σ x_t²/n_t. */
  readonly squares: number;
}

export const NO_SCATTER: Scatter = { windows: 0, events: 0, samples: 0, squares: 0 };

export const scattered = (before: Scatter, { events, samples }: Count): Scatter =>
  samples === 0
    ? before
    : {
        windows: before.windows + 1,
        events: before.events + events,
        samples: before.samples + samples,
        squares: before.squares + (events * events) / samples,
      };

/**
 * VIF = (1/(m−1)) Σ_t (x_t − n_t p̂)²/(n_t p̂ (1−p̂)), p̂ = Σx/Σn, over m windows of one arm; null when there are fewer than two,
 * or nothing that scatters. With Σ(x_t − n_t p̂)²/n_t = Σ x_t²/n_t − p̂ Σx.
 */
export function varianceInflation({ windows, events, samples, squares }: Scatter): number | null {
  const p = events / samples;
  if (windows < 2 || !(p > 0 && p < 1)) return null;
  return Math.max(0, squares - p * events) / ((windows - 1) * p * (1 - p));
}

/** The upper 95 % bound: (m−1) VIF/χ²_{0.05, m−1}. */
export function inflationBound(scatter: Scatter): number | null {
  const inflation = varianceInflation(scatter);
  const freedom = scatter.windows - 1;
  return inflation === null ? null : (freedom * inflation) / chiSquareQuantile(0.05, freedom);
}

/** Windows that make an estimate; with fewer the bound counts, and at least what small fleets were measured at. */
const ENOUGH = 30;
export const UNKNOWN_INFLATION = 12;
/** Neighbouring windows joined to see whether clumps are longer than a window, and how many such blocks make an estimate. */
export const BLOCK = 10;
const ENOUGH_BLOCKS = 5;

/** Of an arm that only serves: at least 1, and the larger of the windows' and the blocks'. */
export function inflationOf(windows: Scatter, blocks: Scatter): number {
  if (windows.windows < ENOUGH) return Math.max(UNKNOWN_INFLATION, inflationBound(windows) ?? 0);
  const long = blocks.windows < ENOUGH_BLOCKS ? 0 : (varianceInflation(blocks) ?? 0);
  return Math.max(1, varianceInflation(windows) ?? UNKNOWN_INFLATION, long);
}

/**
 * The same from the steps between neighbouring windows, for the arm under test: what is to be found, a change of its level, is one
 * step among many, whereas it would make the scatter around the mean as large as it is itself.
 */
export interface Steps {
  readonly last: Count | null;
  readonly pairs: number;
  /** Σ of the squared steps, each over its variance if requests were independent. */
  readonly sum: number;
}

export const NO_STEPS: Steps = { last: null, pairs: 0, sum: 0 };

/** (x_t/n_t − x_{t−1}/n_{t−1})²/(p̄(1−p̄)(1/n_t + 1/n_{t−1})), p̄ of both windows; 1 on average if independent (von Neumann 1941). */
export function stepped({ last, pairs, sum }: Steps, next: Count): Steps {
  if (next.samples === 0) return { last, pairs, sum };
  const p = last === null ? 0 : (last.events + next.events) / (last.samples + next.samples);
  if (last === null || !(p > 0 && p < 1)) return { last: next, pairs, sum };
  const step = next.events / next.samples - last.events / last.samples;
  const variance = p * (1 - p) * (1 / next.samples + 1 / last.samples);
  return { last: next, pairs: pairs + 1, sum: sum + (step * step) / variance };
}

/** At least 1; with few steps the upper 95 % bound, and at least 12. Neighbouring steps share a window: two thirds of them count. */
export function stepInflation({ pairs, sum }: Steps): number {
  if (pairs === 0) return UNKNOWN_INFLATION;
  if (pairs >= ENOUGH - 1) return Math.max(1, sum / pairs);
  const freedom = Math.max(1, Math.round((2 * pairs) / 3));
  return Math.max(UNKNOWN_INFLATION, ((sum / pairs) * freedom) / chiSquareQuantile(0.05, freedom));
}
