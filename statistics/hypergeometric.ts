/** The hypergeometric distribution: how many of `drawn` balls are marked, of a population of which `marked` are. */
import { logChoose } from './binomial.ts';

/** Parameters, all whole: marked ≤ population, drawn ≤ population. */
export interface Urn {
  readonly population: number;
  readonly marked: number;
  readonly drawn: number;
}

/** P(k of the drawn are marked) = C(marked, k)·C(population − marked, drawn − k)/C(population, drawn). */
export function hypergeometricMass({ population, marked, drawn }: Urn, k: number): number {
  if (k < Math.max(0, drawn + marked - population) || k > Math.min(drawn, marked)) return 0;
  return Math.exp(logChoose(marked, k) + logChoose(population - marked, drawn - k) - logChoose(population, drawn));
}

/**
 * A draw from a number u in [0, 1): values are taken from the mode outwards, the likelier side first, until their masses have used u up. Takes
 * about as many steps as the standard deviation is large.
 */
export function hypergeometricAt(u: number, urn: Urn): number {
  const { population, marked, drawn } = urn;
  const least = Math.max(0, drawn + marked - population);
  const most = Math.min(drawn, marked);
  const mode = Math.min(most, Math.max(least, Math.floor(((drawn + 1) * (marked + 1)) / (population + 2))));
  // Ratios of neighbours, by the definition above.
  const up = (k: number): number => ((marked - k) * (drawn - k)) / ((k + 1) * (population - marked - drawn + k + 1));
  const down = (k: number): number => (k * (population - marked - drawn + k)) / ((marked - k + 1) * (drawn - k + 1));
  const atMode = hypergeometricMass(urn, mode);
  let left = u - atMode;
  if (left < 0) return mode;
  let [below, above] = [mode, mode];
  let massBelow = below > least ? atMode * down(below) : 0;
  let massAbove = above < most ? atMode * up(above) : 0;
  while (massBelow > 0 || massAbove > 0) {
    if (massBelow >= massAbove) {
      below -= 1;
      left -= massBelow;
      if (left < 0) return below;
      massBelow = below > least ? massBelow * down(below) : 0;
    } else {
      above += 1;
      left -= massAbove;
      if (left < 0) return above;
      massAbove = above < most ? massAbove * up(above) : 0;
    }
  }
  // Rounding has left a little of u.
  return mode;
}
