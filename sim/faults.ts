import type { FaultSpan } from '../outcome.ts';
import type { Fault, FaultTrigger } from '../scenarios/scenario.ts';
import type { ArmSim } from './arm.ts';
import type { ArrivalSource } from './arrivals/source.ts';
import type { Replicas } from './replicas.ts';
import type { Store } from './store.ts';
import { RANK_FAULT, type Timeline } from './timeline.ts';

/** What faults act on. */
export interface FaultTargets {
  readonly arms: readonly ArmSim[];
  readonly replicas: readonly Replicas[];
  readonly arrivals: ArrivalSource;
  readonly store: Store | null;
  readonly timeline: Timeline;
}

/**
 * Injects the scenario's faults and takes them back when they end. Several faults of one kind multiply (factors) or combine as
 * independent events (shares), since every setting is recomputed from the faults that are active.
 */
export class Faults {
  /** What has happened so far, for the report. */
  readonly spans: FaultSpan[] = [];
  private readonly faults: readonly Fault[];
  private readonly targets: FaultTargets;
  private readonly active = new Set<{ fault: Fault }>();

  constructor(faults: readonly Fault[], targets: FaultTargets) {
    this.faults = faults;
    this.targets = targets;
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

  private trigger(nowMs: number, matches: (trigger: FaultTrigger) => boolean): void {
    for (const fault of this.faults) {
      if (fault.trigger.on !== 'time' && matches(fault.trigger)) this.schedule(fault, nowMs + fault.trigger.afterMs);
    }
  }

  private schedule(fault: Fault, atMs: number): void {
    this.targets.timeline.add(atMs, RANK_FAULT, (nowMs) => this.begin(fault, nowMs));
  }

  private begin(fault: Fault, nowMs: number): void {
    const endMs = nowMs + fault.forMs;
    this.spans.push({ name: fault.name, kind: fault.kind, arm: fault.arm, startMs: nowMs, endMs });
    const hit = this.armsOf(fault);
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
      default: {
        const running = { fault };
        this.active.add(running);
        this.apply();
        this.targets.timeline.add(endMs, RANK_FAULT, () => {
          this.active.delete(running);
          this.apply();
        });
      }
    }
  }

  private armsOf(fault: Fault): number[] {
    return this.targets.arms.flatMap((arm, a) =>
      fault.arm === null || fault.arm === arm.name || (arm.name === 'control' && befallsFreshFleets(fault)) ? [a] : [],
    );
  }

  private portionsOf(a: number): number[] {
    return this.targets.arms[a]!.cache === null ? [] : this.targets.arms[a]!.portions();
  }

  /** Sets every knob to what the active faults make of it. */
  private apply(): void {
    const { arms, arrivals, store } = this.targets;
    arrivals.factor = this.product('traffic-spike', null);
    for (const [a, arm] of arms.entries()) {
      arm.serviceFactor = this.product('upstream-brownout', a);
      arm.scoreFactor = this.product('score-skew', a);
      arm.startUpFactor = this.product('autoscaling-lag', a);
      arm.modelLoadFactor = this.product('model-load-slow', a);
      const { errorRatio } = arm.spec;
      const survival = this.survival('error-burst', a);
      // Exactly the spec's ratio without a burst: another one, even by rounding, would draw anew.
      arm.setErrorRatio(survival === 1 ? errorRatio : 1 - (1 - errorRatio) * survival);
      if (store === null) continue;
      store.latencyFactor[a] = this.product('feature-delay', a);
      store.missingRatio[a] = 1 - this.survival('feature-missing', a);
    }
  }

  private sizes(kind: Fault['kind'], arm: number | null): number[] {
    return [...this.active]
      .filter(({ fault }) => fault.kind === kind && (arm === null || this.armsOf(fault).includes(arm)))
      .map(({ fault }) => fault.size);
  }

  private product(kind: Fault['kind'], arm: number | null): number {
    return this.sizes(kind, arm).reduce((a, b) => a * b, 1);
  }

  private survival(kind: Fault['kind'], arm: number): number {
    return this.sizes(kind, arm).reduce((a, share) => a * (1 - share), 1);
  }
}

/** What happens to the candidate because it has just been rolled out happens to the control cohort, rolled out beside it, as well. */
const befallsFreshFleets = ({ kind, arm }: Fault): boolean =>
  arm === 'candidate' && (kind === 'cold-cache' || kind === 'autoscaling-lag' || kind === 'model-load-slow');
