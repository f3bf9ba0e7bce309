import { QuantileTable } from '../../sim/quantile-table.ts';
import type { TimeDistribution } from '../../scenarios/scenario.ts';
import { hashText, mix32 } from '../../split.ts';

/**
 * Random numbers of a live run: a pure function of seed, purpose and request number. The same request is slow, fails or misses its
 * features whichever replica serves it, in whatever order, in every run. (The simulator draws from streams in order of dispatch,
 * which no set of processes could agree on.)
 */
export class Draw {
  private readonly salt: number;

  constructor(seed: number, purpose: string) {
    this.salt = hashText(`${seed}/live/${purpose}`);
  }

  /** A number in [0, 1), a multiple of 2⁻³². */
  uniform(number: number): number {
    return mix32(mix32(number) ^ this.salt) / 2 ** 32;
  }
}

/** Times of one distribution, ms, by request number; the simulator's quantile tables. */
export class TimesByNumber {
  private readonly table: QuantileTable;
  private readonly draw: Draw;

  constructor(distribution: TimeDistribution, seed: number, purpose: string) {
    this.table = new QuantileTable(distribution);
    this.draw = new Draw(seed, purpose);
  }

  at(number: number): number {
    return this.table.at(this.draw.uniform(number));
  }
}
