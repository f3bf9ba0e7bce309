/** What both arms' requests had of the run's measures, added up over its windows. */
import type { MeasureOutcome, PairMeasureOutcome } from './outcome.ts';
import { meanInterval, pairedMeanChange, sideOf, Z95 } from './statistics/means.ts';
import {
  addMeasures,
  addPairs,
  type MeasureInfo,
  type MeasureSums,
  NO_PAIRS,
  type PairSums,
} from './telemetry/measures.ts';
import type { ArmWindow, WindowHeader } from './telemetry/window.ts';

export class MeasureLedger {
  private readonly measures: readonly MeasureInfo[] | null;
  private readonly pairMeasures: readonly MeasureInfo[];
  /** While users saw both arms, and over the whole run. */
  private readonly shared: Record<'baseline' | 'candidate', MeasureSums> = { baseline: {}, candidate: {} };
  private readonly all: Record<'baseline' | 'candidate', MeasureSums> = { baseline: {}, candidate: {} };
  private pairs: PairSums = {};
  private own: MeasureSums = {};

  constructor({ measures, pairMeasures }: WindowHeader) {
    this.measures = measures ?? null;
    this.pairMeasures = pairMeasures ?? [];
  }

  add(baseline: ArmWindow, candidate: ArmWindow, isShared: boolean): void {
    if (this.measures === null) return;
    for (const row of [baseline, candidate]) {
      const arm = row.arm as 'baseline' | 'candidate';
      this.all[arm] = addMeasures(this.all[arm], row.measures ?? {});
      if (isShared) this.shared[arm] = addMeasures(this.shared[arm], row.measures ?? {});
    }
    this.pairs = addPairs(this.pairs, candidate.shadow?.measures ?? {});
    this.own = addMeasures(this.own, candidate.shadow?.pairMeasures ?? {});
  }

  /** Null for a run that measures nothing. */
  close(): { readonly measures: MeasureOutcome[]; readonly pairMeasures: PairMeasureOutcome[] } | null {
    if (this.measures === null) return null;
    return {
      measures: this.measures.map((info) => this.outcomeOf(info)),
      pairMeasures: this.pairMeasures.flatMap((info): PairMeasureOutcome[] => {
        const interval = meanInterval(this.own[info.name], info.step);
        return interval === null ? [] : [{ name: info.name, description: info.description, ...interval }];
      }),
    };
  }

  private outcomeOf({ name, description, step }: MeasureInfo): MeasureOutcome {
    const hasShared = (this.shared.candidate[name]?.count ?? 0) > 0;
    const { baseline, candidate } = hasShared ? this.shared : this.all;
    const pairs = this.pairs[name] ?? NO_PAIRS;
    const change = pairedMeanChange(pairs);
    const mean = (side: 'baseline' | 'candidate'): number => (step * sideOf(pairs, side).sum) / pairs.count;
    const end = (sign: number): number | null =>
      change === null ? null : Math.expm1(change.value + sign * Z95 * change.standardError);
    return {
      name,
      description,
      baseline: meanInterval(baseline[name], step),
      candidate: meanInterval(candidate[name], step),
      paired:
        pairs.count === 0
          ? null
          : {
              pairs: pairs.count,
              baseline: mean('baseline'),
              candidate: mean('candidate'),
              change: change === null ? null : Math.expm1(change.value),
              low: end(-1),
              high: end(1),
            },
    };
  }
}
