import type { TimeDistribution } from '../scenarios/scenario.ts';
import { upperQuantileOf } from './distribution.ts';

/** Equal cells over all probabilities; those of the upper 1/64 are served by the tail instead. */
const BODY_CELLS = 2048;
/** The tail is cut in octaves of the exceedance probability, 2⁻⁶ down to 2⁻³², each in 128 cells. */
const FIRST_OCTAVE = 6;
const LAST_OCTAVE = 31;
const CELLS_PER_OCTAVE = 128;
const TAIL_FROM = 2 ** -FIRST_OCTAVE;

/**
 * A distribution of times as a table of exact quantiles, linear in between: one draw, one lookup, no logarithm or
 * exponential in the simulation's loop. Resolves exceedance probabilities down to 2⁻³², the grain of the draws.
 */
export class QuantileTable {
  private readonly body = new Float64Array(BODY_CELLS + 1);
  /** Every cell's beginning, the end of the last one, and a neighbour for it: the draw of exactly 2⁻³² looks that up, too. */
  private readonly tail = new Float64Array((LAST_OCTAVE - FIRST_OCTAVE + 1) * CELLS_PER_OCTAVE + 2);
  /** The value when the distribution is constant, else NaN; lets callers skip the draw. */
  readonly constantMs: number;

  constructor(distribution: TimeDistribution) {
    this.constantMs = distribution.kind === 'constant' ? distribution.valueMs : Number.NaN;
    for (let i = 0; i < BODY_CELLS; i++) this.body[i] = upperQuantileOf(distribution, 1 - i / BODY_CELLS);
    this.body[BODY_CELLS] = upperQuantileOf(distribution, 0.5 / BODY_CELLS);
    for (let i = 0; i < this.tail.length; i++) this.tail[i] = upperQuantileOf(distribution, exceedanceAt(i));
  }

  /** The time, ms, whose probability of being exceeded is 1 − u, for u in [0, 1). */
  at(u: number): number {
    const v = 1 - u;
    if (v >= TAIL_FROM) {
      const x = u * BODY_CELLS;
      const i = x | 0;
      const low = this.body[i]!;
      return low + (this.body[i + 1]! - low) * (x - i);
    }
    const octave = Math.clz32(v * 4294967296);
    // v·2^(octave+1) lies in [1, 2]; counted downwards, since smaller v means larger times.
    const x = (2 - v * 2 ** (octave + 1)) * CELLS_PER_OCTAVE;
    const j = x | 0;
    const i = (octave - FIRST_OCTAVE) * CELLS_PER_OCTAVE + j;
    const low = this.tail[i]!;
    return low + (this.tail[i + 1]! - low) * (x - j);
  }

  /** Replaces uniform numbers by their times. */
  map(values: Float64Array): void {
    const { body } = this;
    for (let k = 0; k < values.length; k++) {
      const u = values[k]!;
      if (1 - u < TAIL_FROM) {
        values[k] = this.at(u);
        continue;
      }
      const x = u * BODY_CELLS;
      const i = x | 0;
      const low = body[i]!;
      values[k] = low + (body[i + 1]! - low) * (x - i);
    }
  }
}

/** Exceedance probability at tail point i: from 2⁻⁶ falling to 2⁻³², linear inside an octave. */
function exceedanceAt(i: number): number {
  const octave = FIRST_OCTAVE + Math.floor(i / CELLS_PER_OCTAVE);
  return (2 - (i % CELLS_PER_OCTAVE) / CELLS_PER_OCTAVE) * 2 ** -(octave + 1);
}
