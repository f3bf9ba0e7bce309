import type { TimeDistribution } from '../scenarios/scenario.ts';
import { QuantileTable } from './quantile-table.ts';
import type { Stream } from './random.ts';

const BLOCK = 128;

/** Independent times of one distribution, ms, drawn from one stream and looked up in blocks. */
export class DrawnTimes {
  private readonly table: QuantileTable;
  private readonly stream: Stream;
  private readonly block = new Float64Array(BLOCK);
  private at = BLOCK;

  constructor(distribution: TimeDistribution, stream: Stream) {
    this.table = new QuantileTable(distribution);
    this.stream = stream;
  }

  next(): number {
    if (this.at === BLOCK) {
      this.stream.fill(this.block);
      this.table.map(this.block);
      this.at = 0;
    }
    return this.block[this.at++]!;
  }
}
