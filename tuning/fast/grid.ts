/**
 * A recording on the grid of a policy's evaluations: everything that guards count as prefix sums, so that any trailing window is one
 * subtraction. Evaluation window t covers what `bucketIndex` puts there; prefix[t] is the sum over windows before t.
 */
import { bucketIndex } from '../../controller/fold.ts';
import { ROUNDING_MS } from '../../controller/state.ts';
import type { ArmWindow } from '../../telemetry/window.ts';
import type { Judged } from '../judge.ts';
import type { Channel, Counter } from './channel.ts';
import { type Quantiles, type QuantileSeries, quantilesOf } from './quantiles.ts';
import { type Answers, type SteppedGuard, stepThrough } from './stepped.ts';

/** What the fast judge reads of a rollout, recorded or drawn. */
export interface Grid {
  /** Evaluations that were recorded. */
  readonly evaluations: number;
  /** When the recorded rollout ended, and whether it did for want of traffic. */
  readonly endMs: number;
  readonly trafficEnded: boolean;
  /** The models' feature schemas differ. */
  readonly incompatible: boolean;
  /** Users among whom the arms were shared out, where they are few. */
  readonly users?: number | undefined;
  /** [evaluations + 1], ascending whole numbers. */
  prefix(channel: Channel): Float64Array;
  /** Quantiles of histograms, which do not add up: worked out once per series. */
  quantiles(series: QuantileSeries): Quantiles;
  /** What guards say that sums do not tell, in their order; `firsts` as in `stepThrough`. Not of rollouts of which nothing but sums is there. */
  stepped?(guards: readonly SteppedGuard[], firsts: readonly number[]): readonly Answers[];
}

export class RecordedGrid implements Grid {
  readonly evaluations: number;
  readonly endMs: number;
  readonly trafficEnded: boolean;
  readonly incompatible: boolean;
  readonly users: number | undefined;
  private recording: Judged | null;
  /** Rows by arm and segment, and the evaluation window each belongs to. */
  private readonly rows = new Map<string, { row: ArmWindow; t: number }[]>();
  /** By number of the channel. */
  private readonly prefixes: (Float64Array | undefined)[] = [];
  private readonly series = new Map<string, Quantiles>();
  private readonly answers = new Map<string, Answers>();

  constructor(recording: Judged, everyMs: number) {
    const { provenance, windows } = recording;
    this.recording = recording;
    this.endMs = provenance.stages.at(-1)?.endMs ?? 0;
    this.trafficEnded = provenance.trafficEnded && this.endMs >= provenance.endMs - ROUNDING_MS;
    this.users = recording.header.users;
    this.incompatible = provenance.schemaIssues.length > 0;
    this.evaluations = Math.floor((this.endMs + ROUNDING_MS) / everyMs);
    for (const window of windows) {
      const t = bucketIndex(window.endMs, everyMs);
      if (t >= this.evaluations) break;
      for (const row of window.rows) {
        const cell = `${row.arm}/${row.segment}`;
        const rows = this.rows.get(cell);
        if (rows === undefined) this.rows.set(cell, [{ row, t }]);
        else rows.push({ row, t });
      }
    }
  }

  prefix(channel: Channel): Float64Array {
    return (this.prefixes[channel.id] ??= this.sum(channel));
  }

  quantiles(series: QuantileSeries): Quantiles {
    const key = JSON.stringify(series);
    const known = this.series.get(key);
    if (known !== undefined) return known;
    const { evaluations } = this;
    const recording = this.remembered();
    const found = quantilesOf(series, recording.header, evaluations, (arm) => this.rowsOf(arm, series.segment));
    this.series.set(key, found);
    return found;
  }

  stepped(guards: readonly SteppedGuard[], firsts: readonly number[]): readonly Answers[] {
    const unknown = guards.filter(({ key }) => !this.answers.has(key));
    if (unknown.length > 0) {
      const found = stepThrough(unknown, this.remembered(), firsts, this.evaluations);
      for (const [i, { key }] of unknown.entries()) this.answers.set(key, found[i]!);
    }
    return guards.map(({ key }) => this.answers.get(key)!);
  }

  /** Lets go of the recording: what has been summed up stays, anything else can no longer be asked for. */
  forget(): void {
    this.recording = null;
    this.rows.clear();
  }

  private remembered(): Judged {
    if (this.recording === null)
      throw new RangeError('got a question that was not asked before the recording was let go');
    return this.recording;
  }

  private sum({ arm, segment, counter }: Channel): Float64Array {
    this.remembered();
    const of = this.reader(counter);
    const sums = new Float64Array(this.evaluations + 1);
    for (const { row, t } of this.rowsOf(arm, segment)) sums[t + 1]! += of(row);
    for (let t = 0; t < this.evaluations; t++) sums[t + 1]! += sums[t]!;
    return sums;
  }

  private rowsOf(arm: string, segment: string): readonly { readonly row: ArmWindow; readonly t: number }[] {
    return this.rows.get(`${arm}/${segment}`) ?? [];
  }

  private reader(counter: Counter): (row: ArmWindow) => number {
    if (typeof counter !== 'string') {
      const { thresholdMs, operator } = counter;
      const { thresholds } = this.remembered().header;
      const k = thresholds.findIndex((each) => each.thresholdMs === thresholdMs && each.operator === operator);
      if (k < 0) throw new RangeError(`got no counter for ${operator} ${thresholdMs} ms, expected one`);
      return (row) => row.over[k] ?? 0;
    }
    switch (counter) {
      case 'compared':
        return (row) => row.shadow?.compared ?? 0;
      case 'mismatches':
        return (row) => row.shadow?.mismatches ?? 0;
      case 'pairs':
        return (row) => row.shadow?.candidateScores.count ?? 0;
      case 'predictions':
        return (row) => row.scores.count;
      case 'featureFetches':
        return (row) => row.featureFetch.count;
      default:
        return (row) => row[counter];
    }
  }
}
