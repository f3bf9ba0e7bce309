import type { FaultSpan } from '../outcome.ts';
import type { Fault, FaultKind, FaultTrigger } from '../scenarios/scenario.ts';
import { type Calendar, RANK_FAULT } from './timeline.ts';

/**
 * The faults of a scenario in any world: which begin when, and what those that are active add up to. Several of one kind multiply
 * (factors) or combine as independent events (shares), since every setting is recomputed from the faults that are active.
 */
export class ActiveFaults {
  /** What has happened so far, for the report. */
  readonly spans: FaultSpan[] = [];
  private readonly faults: readonly Fault[];
  private readonly calendar: Calendar;
  private readonly begins: (fault: Fault, nowMs: number) => void;
  private readonly active = new Set<{ fault: Fault; span: number }>();

  /** `begins` makes a fault happen; one that lasts calls `last`. */
  constructor(faults: readonly Fault[], calendar: Calendar, begins: (fault: Fault, nowMs: number) => void) {
    this.faults = faults;
    this.calendar = calendar;
    this.begins = begins;
    for (const fault of faults) {
      if (fault.trigger.on === 'time') this.schedule(fault, fault.trigger.atMs);
    }
  }

  /** The controller has changed the weight at `nowMs`. */
  weightChanged(nowMs: number): void {
    this.trigger(nowMs, (t) => t.on === 'weight-change');
  }

  /** A stage of this name has begun. */
  stageBegan(stage: string, nowMs: number): void {
    this.trigger(nowMs, (t) => t.on === 'stage' && t.stage === stage);
  }

  /** The fault is active from `nowMs` until it ends; `changed` is called now and then. */
  last(fault: Fault, nowMs: number, changed: () => void): void {
    const running = { fault, span: this.spans.length - 1 };
    this.active.add(running);
    changed();
    this.calendar.add(nowMs + fault.forMs, RANK_FAULT, () => {
      if (this.active.delete(running)) changed();
    });
  }

  /** Ends every fault that is active: their spans end now. */
  endAll(nowMs: number): void {
    for (const { span } of this.active) this.spans[span] = { ...this.spans[span]!, endMs: nowMs };
    this.active.clear();
  }

  /**
   * What the active faults of this kind make of a factor. `arm` null: whichever arm they hit. `segment`: those aimed at it; left out:
   * those that hit every request.
   */
  factor(kind: FaultKind, arm: string | null, segment?: string): number {
    return this.sizes(kind, arm, segment).reduce((a, b) => a * b, 1);
  }

  /** Share of the requests that no active fault of this kind hits; `segment` as above. */
  survival(kind: FaultKind, arm: string, segment?: string): number {
    return this.sizes(kind, arm, segment).reduce((a, share) => a * (1 - share), 1);
  }

  private trigger(nowMs: number, matches: (trigger: FaultTrigger) => boolean): void {
    for (const fault of this.faults) {
      if (fault.trigger.on !== 'time' && matches(fault.trigger)) this.schedule(fault, nowMs + fault.trigger.afterMs);
    }
  }

  private schedule(fault: Fault, atMs: number): void {
    this.calendar.add(atMs, RANK_FAULT, (nowMs) => {
      this.spans.push({
        name: fault.name,
        kind: fault.kind,
        arm: fault.arm,
        ...(fault.segment === undefined ? {} : { segment: fault.segment }),
        startMs: nowMs,
        endMs: nowMs + fault.forMs,
      });
      this.begins(fault, nowMs);
    });
  }

  private sizes(kind: FaultKind, arm: string | null, segment: string | undefined): number[] {
    return [...this.active]
      .filter(({ fault }) => fault.kind === kind && fault.segment === segment && (arm === null || hits(fault, arm)))
      .map(({ fault }) => fault.size);
  }
}

/** Whether a fault is aimed at an arm. */
export const hits = (fault: Fault, arm: string): boolean =>
  fault.arm === null || fault.arm === arm || (arm === 'control' && befallsFreshFleets(fault));

/** What happens to the candidate because it has just been rolled out happens to the control cohort, rolled out beside it, as well. */
const befallsFreshFleets = ({ kind, arm }: Fault): boolean =>
  arm === 'candidate' && (kind === 'cold-cache' || kind === 'autoscaling-lag' || kind === 'model-load-slow');
