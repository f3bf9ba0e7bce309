import type { Autoscaler as AutoscalerSpec } from '../scenarios/scenario.ts';
import { type Calendar, RANK_AUTOSCALER } from './timeline.ts';

/** What the autoscaler measures: slot time worked off and slot time of ready replicas since the start, ms. */
export interface MeasuredFleet {
  readonly slots: number;
  busyUntil(nowMs: number): number;
  capacityUntil(nowMs: number): number;
}

/** What it moves: how many replicas are ready, how many are wanted, and the way to want another number. */
export interface ScaledReplicas {
  readonly ready: number;
  readonly wanted: number;
  scaleTo(wanted: number, nowMs: number): void;
}

interface Sample {
  readonly atMs: number;
  readonly busyMs: number;
  readonly capacityMs: number;
}

/**
 * The usual horizontal autoscaler: every sync, wanted = ⌈ready · measured utilisation / target⌉, unless the ratio is inside the
 * tolerance; what it measures is old by the metric lag; scaling down follows only the largest recent recommendation. It knows no
 * world: simulated and real fleets are measured and moved alike.
 */
export class Autoscaler {
  private readonly spec: AutoscalerSpec;
  private readonly fleet: MeasuredFleet;
  private readonly replicas: ScaledReplicas;
  private readonly samples: Sample[] = [];
  private readonly recommendations: { atMs: number; wanted: number }[] = [];

  private constructor(spec: AutoscalerSpec, fleet: MeasuredFleet, replicas: ScaledReplicas) {
    this.spec = spec;
    this.fleet = fleet;
    this.replicas = replicas;
    this.sample(0);
  }

  /** Lets the autoscaler of one arm look at its fleet at every sync from now on. */
  static start(spec: AutoscalerSpec, fleet: MeasuredFleet, replicas: ScaledReplicas, timeline: Calendar): void {
    const autoscaler = new Autoscaler(spec, fleet, replicas);
    const tick = (nowMs: number): void => {
      autoscaler.sync(nowMs);
      timeline.add(nowMs + spec.syncEveryMs, RANK_AUTOSCALER, tick);
    };
    timeline.add(spec.syncEveryMs, RANK_AUTOSCALER, tick);
  }

  private sync(nowMs: number): void {
    const { spec } = this;
    this.sample(nowMs);
    const measured = this.measure(nowMs - spec.metricLagMs);
    const ready = this.replicas.ready;
    if (measured === null || ready === 0) return;
    const ratio = measured.utilisation / spec.targetUtilisation;
    // Replicas that became ready since have not been measured: they must not multiply the ratio.
    const raw =
      Math.abs(ratio - 1) <= spec.tolerance ? this.replicas.wanted : Math.ceil(measured.replicas * ratio - 1e-9);
    const wanted = Math.min(spec.maxReplicas, Math.max(spec.minReplicas, raw));
    this.recommendations.push({ atMs: nowMs, wanted });
    const since = nowMs - spec.scaleDownStabilisationMs;
    while (this.recommendations[0]!.atMs < since) this.recommendations.shift();
    const highest = Math.max(...this.recommendations.map((r) => r.wanted));
    if (wanted > this.replicas.wanted) this.replicas.scaleTo(wanted, nowMs);
    else if (highest < this.replicas.wanted) this.replicas.scaleTo(highest, nowMs);
  }

  private sample(nowMs: number): void {
    this.samples.push({
      atMs: nowMs,
      busyMs: this.fleet.busyUntil(nowMs),
      capacityMs: this.fleet.capacityUntil(nowMs),
    });
    const keepFrom = nowMs - this.spec.metricLagMs - this.spec.metricWindowMs - this.spec.syncEveryMs;
    while (this.samples.length > 2 && this.samples[1]!.atMs <= keepFrom) this.samples.shift();
  }

  /** Mean utilisation over the metric window that ends at `endMs`, or null before there is any. */
  private measure(endMs: number): { utilisation: number; replicas: number } | null {
    const to = this.sampleBefore(endMs);
    const from = this.sampleBefore(endMs - this.spec.metricWindowMs) ?? this.samples[0]!;
    if (to === undefined || to.capacityMs <= from.capacityMs) return null;
    const capacityMs = to.capacityMs - from.capacityMs;
    return {
      utilisation: (to.busyMs - from.busyMs) / capacityMs,
      replicas: capacityMs / (to.atMs - from.atMs) / this.fleet.slots,
    };
  }

  private sampleBefore(timeMs: number): Sample | undefined {
    return this.samples.findLast((s) => s.atMs <= timeMs);
  }
}
