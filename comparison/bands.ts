import type { Figure, Status } from './comparison.ts';

/** Up to this busy share of the slots the bands hold as stated. */
const STATED_UP_TO = 0.6;
const BUSIEST = 0.95;
/** Times this close are alike whatever share of them it is: the grain of clocks and timers; waits begin and end with one each. */
export const GRAIN_MS = { latency: 0.1, wait: 0.5, featureFetch: 0.1 } as const;
/** Two-sided 95 % points of the t distribution with 1 to 9 degrees of freedom. */
const T_975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];
/** Blocks from which a spread is taken. */
const FEWEST_BLOCKS = 4;

/**
 * How much wider a band is when the slots are this busy. An error of the service time moves response times by 1/(1 − ρ) as much, so
 * bands grow likewise above 60 %: (1 − 0.6)/(1 − ρ), which is 2 at 80 %.
 */
export const widening = (utilisation: number): number =>
  utilisation <= STATED_UP_TO ? 1 : (1 - STATED_UP_TO) / (1 - Math.min(BUSIEST, utilisation));

/** Half of the 95 % interval of the mean of these differences, which stand for independent ones: t·s/√n. Null with fewer than four. */
export function halfWidthOf(differences: readonly number[]): number | null {
  const n = differences.length;
  if (n < FEWEST_BLOCKS) return null;
  const mean = differences.reduce((sum, each) => sum + each, 0) / n;
  const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (n - 1);
  return T_975[Math.min(n - 1, T_975.length) - 1]! * Math.sqrt(variance / n);
}

export function statusOf(difference: number | null, halfWidth: number | null, band: number): Status {
  if (difference === null || halfWidth === null) return 'too few samples';
  const size = Math.abs(difference);
  if (size - halfWidth > band) return 'differs';
  return size <= band && halfWidth <= band ? 'agrees' : 'too few samples';
}

/** A figure with its status. `enough`: both worlds have the samples that it takes. */
export function judged(figure: Omit<Figure, 'status'> & { readonly band: number }, enough: boolean): Figure {
  const { difference, halfWidth, band } = figure;
  return { ...figure, status: enough ? statusOf(difference, halfWidth, band) : 'too few samples' };
}
