import type { ScoreGrid, ScoreHistogram } from './window.ts';

/** Counts predictions on the run's grid between two window ends. */
export class ScoreRecorder {
  private readonly counts: Uint32Array;
  private readonly low: number;
  private readonly perUnit: number;
  private count = 0;
  private sum = 0;
  private lowest: number;
  private highest = -1;

  constructor(grid: ScoreGrid) {
    this.counts = new Uint32Array(grid.bins);
    this.low = grid.low;
    this.perUnit = grid.bins / (grid.high - grid.low);
    this.lowest = grid.bins;
  }

  record(score: number): void {
    let bin = ((score - this.low) * this.perUnit) | 0;
    if (bin < 0) bin = 0;
    else if (bin >= this.counts.length) bin = this.counts.length - 1;
    this.counts[bin]!++;
    if (bin < this.lowest) this.lowest = bin;
    if (bin > this.highest) this.highest = bin;
    this.count++;
    this.sum += score;
  }

  close(): ScoreHistogram {
    const bins: number[] = [];
    const counts: number[] = [];
    for (let i = this.lowest; i <= this.highest; i++) {
      if (this.counts[i]! === 0) continue;
      bins.push(i);
      counts.push(this.counts[i]!);
      this.counts[i] = 0;
    }
    const closed = { count: this.count, sum: this.sum, bins: Uint32Array.from(bins), counts: Uint32Array.from(counts) };
    this.count = this.sum = 0;
    this.lowest = this.counts.length;
    this.highest = -1;
    return closed;
  }
}

export const NO_SCORES: ScoreHistogram = { count: 0, sum: 0, bins: new Uint32Array(0), counts: new Uint32Array(0) };
