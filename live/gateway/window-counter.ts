import { Cell } from '../../telemetry/cell.ts';
import { ALL_SEGMENTS, type ArmWindow } from '../../telemetry/window.ts';
import { FROM_CACHE, FROM_STORE, MISSING, scoreOf, timingOf } from './answer-headers.ts';
import { COMPLETED, type Exchange, FAILED, type Outcome, REJECTED } from './exchange.ts';
import { type Labeller, labellerOf } from './labels.ts';
import type { WindowParts } from './messages.ts';
import { CANDIDATE, GATEWAY_ARMS, type GatewayOptions } from './options.ts';
import { COMPARABLE, LOST, type Pair } from './pair.ts';
import { isOpen, type RoutingTable } from './routing.ts';
import { Samples } from './samples.ts';

/** Cells closed before the first real one: the first few closings take milliseconds, later ones a fraction of one. */
const PRACTICE = 20;

/**
 * Counts what happens in each arm and segment, window by window. A window ends at its exact instant however late the event loop is:
 * whatever happens asks first whether the window it believes to be in is over, so the timer only has to end windows in which nothing follows.
 */
export class WindowCounter {
  private readonly windowMs: number;
  private readonly segments: number;
  /** By arm and segment. */
  private readonly cells: readonly Cell[];
  private readonly inFlight: Int32Array;
  private readonly labelOf: Labeller;
  private readonly tolerance: GatewayOptions['shadowTolerance'];
  private readonly table: () => RoutingTable;
  private readonly deliver: (window: WindowParts) => void;
  private readonly samples: Samples | null;
  /** performance.now() at rehearsal time 0; NaN before `begin`. */
  private originMs = Number.NaN;
  /** Number of the current window, −1 before the rehearsal, and when it ends (rehearsal ms). */
  private index = -1;
  private endMs = 0;
  private timer: NodeJS.Timeout | null = null;

  /** `table` is asked for the split at a window's end. histogramsReady() must have been awaited. */
  constructor(options: GatewayOptions, table: () => RoutingTable, deliver: (window: WindowParts) => void) {
    const names = options.segments.length === 0 ? [ALL_SEGMENTS] : options.segments;
    this.windowMs = options.windowMs;
    this.segments = names.length;
    const newCell = (arm: number, segment: string): Cell => new Cell(GATEWAY_ARMS[arm as 0 | 1], segment, cellOptions);
    const cellOptions = { ...options, hitMs: 0 };
    this.cells = GATEWAY_ARMS.flatMap((_, arm) => names.map((name) => newCell(arm, name)));
    this.inFlight = new Int32Array(this.cells.length);
    this.labelOf = labellerOf(options);
    this.tolerance = options.shadowTolerance;
    this.table = table;
    this.deliver = deliver;
    this.samples = options.samplesFile === null ? null : new Samples(options.samplesFile);
    const practice = newCell(CANDIDATE, ALL_SEGMENTS);
    for (let i = 0; i < PRACTICE; i++) {
      practice.answered(i, i, false);
      practice.close({ index: i, startMs: i, endMs: i + 1, weightPercent: 0 }, 0, null, true);
    }
  }

  /** Rehearsal time 0 is at `startAtMs` (epoch ms with fraction). */
  begin(startAtMs: number): void {
    this.originMs = startAtMs - performance.timeOrigin;
    this.index = -1;
    this.endMs = 0;
    this.arm();
  }

  /** Rehearsal time at `clockMs` (performance.now()); NaN before `begin`. */
  rehearsalMs(clockMs: number): number {
    return clockMs - this.originMs;
  }

  /** A request or copy reaches an arm. Returns whether it counts: not before the rehearsal's start. */
  arrived(arm: number, segment: number, mirrored: boolean, clockMs: number): boolean {
    this.advance(clockMs);
    if (this.index < 0) return false;
    const at = arm * this.segments + segment;
    const cell = this.cells[at]!;
    cell.arrived++;
    if (mirrored) cell.arrivedMirrored++;
    this.inFlight[at]!++;
    return true;
  }

  /** The outcome of an exchange that counts is known. */
  settled(exchange: Exchange, outcome: Outcome, clockMs: number): void {
    this.advance(clockMs);
    const { ask, arm, mirrored, pair } = exchange;
    const at = arm * this.segments + ask.segment;
    const cell = this.cells[at]!;
    this.inFlight[at]!--;
    const timing = timingOf(exchange.timing);
    if (timing !== null) {
      if (timing.features === FROM_CACHE) cell.hit(timing.featureFetchMs);
      else if (timing.features === FROM_STORE || timing.features === MISSING)
        cell.fetched(timing.featureFetchMs, timing.features === FROM_STORE);
    }
    if (outcome !== COMPLETED) {
      cell.unanswered(outcome === FAILED ? 'failed' : outcome === REJECTED ? 'rejected' : 'timedOut', mirrored);
      if (pair?.unanswered() === LOST) this.pairCell(ask.segment).pairs.lost();
      return;
    }
    cell.answered(clockMs - ask.receivedMs, timing?.waitMs ?? 0, mirrored);
    this.samples?.add(exchange, this.rehearsalMs(ask.receivedMs), clockMs - ask.receivedMs);
    const score = scoreOf(exchange.score);
    if (score !== null) cell.scored(score);
    if (!mirrored) {
      const label = this.labelOf(arm, ask.number, ask.row, score);
      if (label !== null) cell.labelled(this.rehearsalMs(clockMs), label);
    }
    if (pair !== null) this.pairAnswered(exchange, pair, score, clockMs);
  }

  private pairAnswered({ arm, ask }: Exchange, pair: Pair, score: number | null, clockMs: number): void {
    const told = pair.answered(arm, score);
    const { pairs } = this.pairCell(ask.segment);
    if (told === LOST) pairs.lost();
    if (told !== COMPARABLE) return;
    pairs.complete(clockMs - ask.receivedMs);
    const { baseline, candidate } = pair;
    if (baseline === null || candidate === null) return;
    const { absolute, relative } = this.tolerance;
    pairs.scored(baseline, candidate, Math.abs(candidate - baseline) > absolute + relative * Math.abs(baseline));
  }

  private pairCell(segment: number): Cell {
    return this.cells[CANDIDATE * this.segments + segment]!;
  }

  /** Ends every window that is over at `clockMs`. */
  advance(clockMs: number): void {
    const nowMs = this.rehearsalMs(clockMs);
    // Also false before `begin`, when now is not a number.
    while (nowMs >= this.endMs) {
      if (this.index >= 0) this.close();
      this.index++;
      this.endMs = (this.index + 1) * this.windowMs;
    }
  }

  /** No more windows; samples that were kept are written. */
  stop(): void {
    this.samples?.write();
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.originMs = Number.NaN;
    this.index = -1;
  }

  private close(): void {
    const { index, endMs } = this;
    const startMs = index * this.windowMs;
    const table = this.table();
    const { weightPercent, mirrorPercent } = table;
    const rows = this.cells.map((cell, at): ArmWindow => {
      const ofCandidate = at >= this.segments;
      const given = isOpen(table, at % this.segments) ? weightPercent : 0;
      const frame = { index, startMs, endMs, weightPercent: ofCandidate ? given : 100 - given };
      return cell.close(frame, this.inFlight[at]!, null, ofCandidate && mirrorPercent > 0);
    });
    this.deliver({ index, startMs, endMs, weightPercent, rows });
  }

  private arm(): void {
    const waitMs = this.endMs - this.rehearsalMs(performance.now());
    this.timer = setTimeout(
      () => {
        this.advance(performance.now());
        this.arm();
      },
      Math.max(1, Math.ceil(waitMs)),
    );
  }
}
