import type { FaultSpan } from '../outcome.ts';
import type { Fault } from '../scenarios/scenario.ts';
import { ActiveFaults, hits } from './active-faults.ts';
import type { ArmSim } from './arm.ts';
import type { ArrivalSource } from './arrivals/source.ts';
import type { Replicas } from './replicas.ts';
import type { Store } from './store.ts';
import type { Timeline } from './timeline.ts';

/** What faults act on. */
export interface FaultTargets {
  readonly arms: readonly ArmSim[];
  readonly replicas: readonly Replicas[];
  readonly arrivals: ArrivalSource;
  readonly store: Store | null;
  readonly timeline: Timeline;
}

/** Injects the scenario's faults into the simulated world and takes them back when they end. */
export class Faults {
  private readonly active: ActiveFaults;
  private readonly targets: FaultTargets;

  constructor(faults: readonly Fault[], targets: FaultTargets) {
    this.targets = targets;
    this.active = new ActiveFaults(faults, targets.timeline, (fault, nowMs) => this.begin(fault, nowMs));
  }

  /** What has happened so far, for the report. */
  get spans(): readonly FaultSpan[] {
    return this.active.spans;
  }

  /** The controller has changed the weight at `nowMs`. */
  weightChanged(nowMs: number): void {
    this.active.weightChanged(nowMs);
  }

  /** A stage of this name has begun. */
  stageBegan(stage: string, nowMs: number): void {
    this.active.stageBegan(stage, nowMs);
  }

  private begin(fault: Fault, nowMs: number): void {
    const hit = this.targets.arms.flatMap((arm, a) => (hits(fault, arm.name) ? [a] : []));
    switch (fault.kind) {
      case 'cold-cache':
        for (const a of hit) for (const portion of this.portionsOf(a)) this.targets.arms[a]!.cache!.clear(portion);
        return;
      case 'replica-crash':
        for (const a of hit) this.targets.replicas[a]!.crash(fault.size, nowMs, fault.forMs);
        return;
      case 'replica-hang':
        for (const a of hit) this.targets.replicas[a]!.hang(fault.size, nowMs, fault.forMs);
        return;
      default:
        this.active.last(fault, nowMs, () => this.apply());
    }
  }

  /** The same for faults on single segments, where the scenario has some. */
  private applyTo({ name, bySegment, cells }: ArmSim): void {
    if (bySegment === null) return;
    const { active } = this;
    for (const [s, { segment }] of cells.entries()) {
      bySegment.service[s] = active.factor('upstream-brownout', name, segment);
      bySegment.score[s] = active.factor('score-skew', name, segment);
      bySegment.fetch[s] = active.factor('feature-delay', name, segment);
      bySegment.found[s] = active.survival('feature-missing', name, segment);
    }
  }

  private portionsOf(a: number): number[] {
    return this.targets.arms[a]!.cache === null ? [] : this.targets.arms[a]!.portions();
  }

  /** Sets every knob to what the active faults make of it. */
  private apply(): void {
    const { arms, arrivals, store } = this.targets;
    const { active } = this;
    arrivals.factor = active.factor('traffic-spike', null);
    for (const [a, arm] of arms.entries()) {
      arm.serviceFactor = active.factor('upstream-brownout', arm.name);
      arm.scoreFactor = active.factor('score-skew', arm.name);
      arm.startUpFactor = active.factor('autoscaling-lag', arm.name);
      arm.modelLoadFactor = active.factor('model-load-slow', arm.name);
      const { errorRatio } = arm.spec;
      const survival = active.survival('error-burst', arm.name);
      // Exactly the spec's ratio without a burst: another one, even by rounding, would draw anew.
      arm.setErrorRatio(survival === 1 ? errorRatio : 1 - (1 - errorRatio) * survival);
      this.applyTo(arm);
      if (store === null) continue;
      store.latencyFactor[a] = active.factor('feature-delay', arm.name);
      store.missingRatio[a] = 1 - active.survival('feature-missing', arm.name);
    }
  }
}
