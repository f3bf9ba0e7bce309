/**
 * Checks of what must hold in every window of every run, kept apart from the code that counts. A broken invariant is a
 * programmer's mistake: it throws InvariantViolation with the place and the numbers.
 */
import type { Action } from '../world.ts';
import { ALL_SEGMENTS, type Arm, type ArmWindow, type Window } from './window.ts';

export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/** What the controller set, from an instant on. `segments` null: for every request. */
interface Shares {
  readonly fromMs: number;
  readonly candidate: number;
  readonly control: number;
  readonly segments: readonly string[] | null;
}

/** The row of all requests shows what is set for those it is set for. */
const isOpen = ({ segments }: Shares, segment: string): boolean =>
  segments === null || segment === ALL_SEGMENTS || segments.includes(segment);

const shareOf = (arm: Arm, { candidate, control }: Pick<Shares, 'candidate' | 'control'>): number =>
  ({ baseline: 100 - candidate - control, candidate, control })[arm];

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

export class WindowChecker {
  private readonly inFlight = new Map<string, number>();
  private endMs = 0;
  private index = 0;
  /** The shares of candidate and control with the instants from which they held, oldest first. */
  private weights: readonly Shares[] = [{ fromMs: Number.NEGATIVE_INFINITY, candidate: 0, control: 0, segments: null }];
  private rollingBack = false;
  private rolledBackAtMs: number | null = null;

  /**
   * The actions the controller took, and when they took effect: all at one instant, or each at its own. Windows that end
   * later must show them; one that ended before may still be on its way here.
   */
  acted(actions: readonly Action[], effectiveMs: number | readonly number[]): void {
    for (const [i, action] of actions.entries()) {
      const fromMs = typeof effectiveMs === 'number' ? effectiveMs : effectiveMs[i]!;
      if (action.kind === 'roll-back') this.rollingBack = true;
      if (action.kind !== 'set-weight') continue;
      this.weights = [
        ...this.weights,
        {
          fromMs,
          candidate: action.weightPercent,
          control: action.controlPercent ?? 0,
          segments: action.segments ?? null,
        },
      ];
      if (this.rollingBack && action.weightPercent === 0) this.rolledBackAtMs = fromMs;
    }
  }

  check(window: Window): void {
    const at = `window ${window.index} (${window.startMs}–${window.endMs} ms)`;
    if (window.index !== this.index || window.startMs !== this.endMs || window.endMs <= window.startMs) {
      throw new InvariantViolation(
        `INV-3 clock: ${at} follows window ${this.index - 1}, which ended at ${this.endMs} ms`,
      );
    }
    this.index = window.index + 1;
    this.endMs = window.endMs;
    for (const row of window.rows) this.checkRow(row, `${at}, ${row.arm}/${row.segment}`);
  }

  private checkRow(row: ArmWindow, at: string): void {
    const key = `${row.arm}/${row.segment}`;
    const before = this.inFlight.get(key) ?? 0;
    this.inFlight.set(key, row.inFlight);
    const known = row.completed + row.failed + row.rejected + row.timedOut;
    if (before + row.arrived !== known + row.inFlight) {
      throw new InvariantViolation(
        `INV-1 conservation: ${at}: ${before} in flight + ${row.arrived} arrived ≠ ${row.completed} completed + ${row.failed} failed` +
          ` + ${row.rejected} rejected + ${row.timedOut} timed out + ${row.inFlight} in flight`,
      );
    }
    if (row.requests !== known || row.latency.count !== row.completed || row.mirrored > row.requests) {
      throw new InvariantViolation(
        `INV-1 conservation: ${at}: ${row.requests} requests, ${known} outcomes, ${row.latency.count} latencies`,
      );
    }
    if (
      row.users !== undefined &&
      (row.impressions !== total(row.users.impressions) || row.outcomes !== total(row.users.outcomes))
    )
      throw new InvariantViolation(`INV-1 conservation: ${at}: labels by user are not those of the arm`);
    const shares = this.weights.findLast(({ fromMs }) => fromMs < row.endMs)!;
    const percent = shareOf(row.arm, isOpen(shares, row.segment) ? shares : { candidate: 0, control: 0 });
    if (row.weightPercent !== percent) {
      throw new InvariantViolation(
        `INV-9 weights: ${at}: the router gives ${row.weightPercent} %, the controller set ${percent} %`,
      );
    }
    if (row.arm !== 'baseline' && row.arrived > 0 && shares.fromMs <= row.startMs && !isOpen(shares, row.segment)) {
      throw new InvariantViolation(
        `INV-9 weights: ${at}: ${row.arrived} requests, expected none: the controller opened only ${shares.segments!.join(', ')}`,
      );
    }
    if (row.arm !== 'candidate') return;
    if (this.rolledBackAtMs !== null && row.startMs >= this.rolledBackAtMs && row.arrived > 0) {
      throw new InvariantViolation(
        `INV-8 rollback: ${at}: ${row.arrived} requests reached the candidate after the rollback at ${this.rolledBackAtMs} ms`,
      );
    }
  }
}
