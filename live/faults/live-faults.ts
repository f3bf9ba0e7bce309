import type { FaultSpan } from '../../outcome.ts';
import type { ArmSpec, Fault } from '../../scenarios/scenario.ts';
import { ActiveFaults, hits } from '../../sim/active-faults.ts';
import type { LiveClock } from '../clock.ts';
import type { LiveFleet } from '../fleet/live-fleet.ts';
import type { Knobs } from '../replica/messages.ts';

/** An arm as faults see it. */
export interface FaultedArm {
  readonly name: string;
  readonly spec: ArmSpec;
  readonly fleet: LiveFleet;
}

export const noKnobs = (spec: ArmSpec): Knobs => ({
  serviceFactor: 1,
  scoreFactor: 1,
  errorRatio: spec.errorRatio,
  featureLatencyFactor: 1,
  featureMissingRatio: 0,
});

/**
 * Injects the scenario's faults into real processes and takes them back when they end, on a rollback, and when the world closes.
 * Kinds, times, targets and sizes mean what they mean in the simulator; a traffic spike is in the load already.
 */
export class LiveFaults {
  private readonly active: ActiveFaults;
  private readonly arms: readonly FaultedArm[];
  private over = false;
  /** What replicas that start now are told. */
  private readonly knobs = new Map<string, Knobs>();

  constructor(faults: readonly Fault[], arms: readonly FaultedArm[], clock: LiveClock) {
    this.arms = arms;
    for (const { name, spec } of arms) this.knobs.set(name, noKnobs(spec));
    this.active = new ActiveFaults(faults, clock, (fault, nowMs) => this.begin(fault, nowMs));
  }

  get spans(): readonly FaultSpan[] {
    return this.active.spans;
  }

  knobsOf(arm: string): Knobs {
    return this.knobs.get(arm)!;
  }

  weightChanged(nowMs: number): void {
    this.active.weightChanged(nowMs);
  }

  stageBegan(stage: string, nowMs: number): void {
    this.active.stageBegan(stage, nowMs);
  }

  /** Ends every fault, and none begins any more. */
  undo(nowMs: number): void {
    this.over = true;
    this.active.endAll(nowMs);
    this.apply();
    for (const { fleet } of this.arms) fleet.wakeAll();
  }

  private begin(fault: Fault, nowMs: number): void {
    if (this.over) return;
    for (const { fleet } of this.arms.filter(({ name }) => hits(fault, name))) {
      if (fault.kind === 'cold-cache') fleet.tell({ kind: 'clear-cache' });
      else if (fault.kind === 'replica-crash') fleet.crash(fault.size, nowMs, fault.forMs);
      else if (fault.kind === 'replica-hang') fleet.hang(fault.size, nowMs, fault.forMs);
    }
    if (!AT_ONCE.has(fault.kind)) this.active.last(fault, nowMs, () => this.apply());
  }

  /** Sets every knob to what the active faults make of it. */
  private apply(): void {
    const { active } = this;
    for (const { name, spec, fleet } of this.arms) {
      fleet.startUpFactor = active.factor('autoscaling-lag', name);
      fleet.modelLoadFactor = active.factor('model-load-slow', name);
      const knobs: Knobs = {
        serviceFactor: active.factor('upstream-brownout', name),
        scoreFactor: active.factor('score-skew', name),
        errorRatio: 1 - (1 - spec.errorRatio) * active.survival('error-burst', name),
        featureLatencyFactor: active.factor('feature-delay', name),
        featureMissingRatio: 1 - active.survival('feature-missing', name),
      };
      this.knobs.set(name, knobs);
      fleet.tell({ kind: 'knobs', knobs });
    }
  }
}

/** Kinds that are one act; what a crash or a hang leads to is the fleet's business. */
const AT_ONCE: ReadonlySet<Fault['kind']> = new Set(['cold-cache', 'replica-crash', 'replica-hang']);
