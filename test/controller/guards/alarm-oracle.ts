/** Exact operating characteristics of a count boundary (statistics §7.3), by dynamic programming over the cumulative count. */
import { countBoundary, type Side } from '../../../controller/guards/bernoulli-evidence.ts';
import { binomial } from '../oracles.ts';

/** The count that is an alarm at look 1 … T, null where none is. */
export const boundaries = (side: Side, n: number, p0: number, alpha: number, looks: number): (number | null)[] =>
  Array.from({ length: looks }, (_, t) => countBoundary(side, n * (t + 1), p0, alpha));

/** P(first alarm at look t), t = 1 … T, of windows of n independent requests. */
export const alarmWithin = (side: Side, n: number, p: number, bounds: readonly (number | null)[]): number[] =>
  alarmsOfSteps(side, binomial(n, p), bounds);

/** The same of any independent windows: `counts[x]` is the probability of x events; masses below `least` are given up. */
export function alarmsOfSteps(
  side: Side,
  counts: Float64Array,
  bounds: readonly (number | null)[],
  least = 1e-20,
): number[] {
  const step = trimmed(counts, least);
  let low = 0;
  let masses = [1];
  return bounds.map((bound) => {
    const next = new Float64Array(masses.length + step.masses.length - 1);
    for (const [i, mass] of masses.entries())
      for (let j = 0; j < step.masses.length; j++) next[i + j]! += mass * step.masses[j]!;
    low += step.low;
    let alarm = 0;
    for (let i = 0; i < next.length; i++) {
      const count = low + i;
      if (bound === null || (side === 'up' ? count < bound : count > bound)) continue;
      alarm += next[i]!;
      next[i] = 0;
    }
    const kept = trimmed(next, least);
    low += kept.low;
    masses = [...kept.masses];
    return alarm;
  });
}

/** Without the ends that do not matter. */
function trimmed(masses: Float64Array, least: number): { low: number; masses: Float64Array } {
  const matters = (mass: number): boolean => mass > least;
  const low = masses.findIndex(matters);
  return low < 0
    ? { low: 0, masses: masses.subarray(0, 1) }
    : { low, masses: masses.subarray(low, masses.findLastIndex(matters) + 1) };
}

/** The look at which this share of the alarms has been given. */
export function quantileOfAlarms(alarms: readonly number[], share: number): number {
  const total = alarms.reduce((sum, each) => sum + each, 0);
  let sum = 0;
  return 1 + alarms.findIndex((each) => (sum += each) >= share * total);
}
