import type { FaultSpan, StoreUse } from '../outcome.ts';
import type { ArmSpec, FeatureStore, Scenario } from '../scenarios/scenario.ts';
import { Cell } from '../telemetry/cell.ts';
import { histogramsReady } from '../telemetry/histogram.ts';
import { sumRows } from '../telemetry/sum.ts';
import {
  ALL_SEGMENTS,
  ARMS,
  type Arm,
  type ArmWindow,
  type LatencyThreshold,
  type Window,
  type WindowHeader,
} from '../telemetry/window.ts';
import type { Action, ArmStatus, Observation, World } from '../world.ts';
import { ArmSim } from './arm.ts';
import { openArrivals } from './arrivals/open.ts';
import type { ArrivalSource } from './arrivals/source.ts';
import { Autoscaler } from './autoscaler.ts';
import type { ScoredContent } from './answers.ts';
import { Engine } from './engine.ts';
import { Faults } from './faults.ts';
import { ARM_NAMES, headerOf } from './header.ts';
import { preWarm, startWarm } from './pre-warm.ts';
import type { RequestProbe } from './probe.ts';
import { streamsOf } from './random.ts';
import { Registers } from './registers.ts';
import { Replicas } from './replicas.ts';
import { SegmentFactors } from './segment-factors.ts';
import { Store } from './store.ts';
import { Timeline } from './timeline.ts';
import { USER_CLUSTERS } from './users.ts';

const CANDIDATE = 1;
/** Rows to wait for at a time when the scorer is behind. */
const SCORE_AHEAD = 65_536;

export interface SimOptions {
  /** Latency bounds that the policy's guards count. */
  readonly thresholds: readonly LatencyThreshold[];
  /** Needed when the scenario's content is a table. */
  readonly content: ScoredContent | null;
  readonly probe?: RequestProbe;
  /** The policy has a control cohort. Default false. */
  readonly control?: boolean;
  /** Some guard tells users apart: windows have labels by cluster of users. Default false. */
  readonly users?: boolean;
}

/** The scenario's world in virtual time. */
export class SimWorld implements World {
  readonly header: WindowHeader;
  private readonly scenario: Scenario;
  private readonly arrivals: ArrivalSource;
  private readonly arms: readonly ArmSim[];
  private readonly replicas: readonly Replicas[];
  private readonly engine: Engine;
  private readonly faults: Faults;
  private readonly store: Store | null;
  /** Time its slots were taken until each window's end, ms. */
  private readonly storeBusyMs: number[] = [];
  private readonly timeline = new Timeline();
  private readonly content: ScoredContent | null;
  private nowMs = 0;
  private windowIndex = 0;
  private stage = '';
  /** Segments that the weight is about; '' for all. */
  private open = '';
  /** Fleet totals at the last window end, by arm. */
  private readonly busyMs: number[];
  private readonly capacityMs: number[];

  private constructor(scenario: Scenario, options: SimOptions, arrivals: ArrivalSource) {
    const streams = streamsOf(scenario.seed);
    const registers = new Registers();
    const { features, traffic } = scenario;
    this.scenario = scenario;
    this.arrivals = arrivals;
    this.content = options.content;
    const clustering = options.users === true ? USER_CLUSTERS : undefined;
    this.header = headerOf(
      scenario,
      options.thresholds,
      options.content?.content.actual ?? null,
      options.control === true ? ARMS : ARM_NAMES,
      clustering?.clusters,
    );
    const segments = this.header.segments.length > 1 ? this.header.segments.slice(1) : this.header.segments;
    const cellOptions = {
      thresholds: options.thresholds,
      scoreGrid: this.header.scoreGrid,
      windowMs: scenario.windowMs,
      labelDelayMs: scenario.outcomes.kind === 'none' ? 0 : scenario.outcomes.labelDelayMs,
      hitMs: features.cache.hitLatencyMs,
      measures: this.header.measures,
      pairMeasures: this.header.pairMeasures,
      users: clustering,
    };
    const { arms: names } = this.header;
    this.arms = names.map((name) => {
      const cells = segments.map((segment) => new Cell(name, segment, cellOptions));
      const spec = name === 'control' ? controlOf(scenario.arms) : scenario.arms[name];
      return new ArmSim(name, spec, features, traffic.keys.count, cells, streams, registers);
    });
    const store = hasLatency(features) ? new Store(features, names, streams) : null;
    this.store = store;
    if (scenario.faults.some(({ segment }) => segment !== undefined)) {
      for (const arm of this.arms) arm.bySegment = new SegmentFactors(segments.length);
      if (store !== null) store.bySegment = this.arms.map((arm) => arm.bySegment!);
    }
    this.engine = new Engine(scenario, {
      registers,
      arms: this.arms,
      arrivals,
      store,
      content: options.content,
      streams,
      keepsUsers: clustering !== undefined || differs(scenario.outcomes),
    });
    this.engine.probe = options.probe ?? null;
    this.replicas = this.arms.map((arm, a) => new Replicas(a, arm, this.engine, this.timeline));
    this.faults = new Faults(scenario.faults, {
      arms: this.arms,
      replicas: this.replicas,
      arrivals,
      store,
      timeline: this.timeline,
    });
    for (const [a, arm] of this.arms.entries()) {
      if (features.cache.warm) startWarm(arm, features.cache, traffic.keys.count, streams(`cache/${arm.name}`));
      if (arm.spec.autoscaler !== null)
        Autoscaler.start(arm.spec.autoscaler, arm.fleet, this.replicas[a]!, this.timeline);
    }
    this.busyMs = this.arms.map(() => 0);
    this.capacityMs = this.arms.map(() => 0);
  }

  static async open(scenario: Scenario, options: SimOptions): Promise<SimWorld> {
    await histogramsReady();
    return new SimWorld(scenario, options, openArrivals(scenario));
  }

  /** Faults that have begun so far. */
  get faultSpans(): readonly FaultSpan[] {
    return this.faults.spans;
  }

  /** Requests that have arrived so far, mirrored copies not counted. */
  get arrivedTotal(): number {
    return this.engine.arrivedTotal;
  }

  /** What callers have sent again so far, and what a budget kept them from sending; null when nobody asks twice. */
  get retries(): { readonly sent: number; readonly denied: number } | null {
    const { retrying } = this.engine;
    return retrying === null ? null : { sent: retrying.sent, denied: retrying.denied };
  }

  /** How busy a feature store with limited slots was, by window; null without one. */
  get storeUse(): StoreUse | null {
    const { slots } = this.scenario.features;
    if (this.store === null || !Number.isFinite(slots)) return null;
    return { slots, windowMs: this.scenario.windowMs, busyUntilMs: this.storeBusyMs };
  }

  async advance(untilMs: number): Promise<Observation> {
    const { scenario } = this;
    const endMs = this.snapped(Math.min(untilMs, scenario.limitMs));
    const windows: Window[] = [];
    while (this.nowMs < endMs && !this.trafficEnded()) {
      const windowEndMs = (this.windowIndex + 1) * scenario.windowMs;
      const barrierMs = Math.min(endMs, windowEndMs, this.timeline.nextMs);
      await this.arrivals.prepare(barrierMs);
      while (!this.engine.run(barrierMs)) await this.scoreMore();
      this.nowMs = barrierMs;
      if (barrierMs === windowEndMs) windows.push(this.closeWindow(windowEndMs));
      this.timeline.runUntil(barrierMs);
    }
    return {
      nowMs: this.nowMs,
      windows,
      arms: this.arms.map((_, a) => this.statusOf(a)),
      trafficEnded: this.trafficEnded(),
    };
  }

  apply(action: Action): void {
    switch (action.kind) {
      case 'set-weight': {
        const changed =
          action.weightPercent !== this.engine.weightPercent || this.open !== (action.segments?.join() ?? '');
        this.openOnly(action.segments);
        this.engine.weightPercent = action.weightPercent;
        this.engine.controlPercent = action.controlPercent ?? 0;
        this.enterStage(action.stage);
        if (changed) this.faults.weightChanged(this.nowMs);
        const takesAll = action.weightPercent === 100 && action.segments === undefined;
        if (takesAll && !this.arms[0]!.spec.keepLoaded) this.replicas[0]!.unload(this.nowMs);
        return;
      }
      case 'mirror':
        this.engine.mirrorPercent = action.percent;
        this.enterStage(action.stage);
        return;
      case 'load':
        this.replicas[this.numberOf(action.arm)]!.load(this.nowMs);
        return;
      case 'pre-warm': {
        const arm = this.arms[this.numberOf(action.arm)]!;
        preWarm(arm, this.scenario.features.cache, this.scenario.traffic.keys.count, this.nowMs, this.timeline);
        return;
      }
      case 'alert':
      case 'roll-back':
        return;
    }
  }

  close(): Promise<void> {
    return this.arrivals.close();
  }

  /** A time that is a window's end but for rounding, as in compressed schedules, made that end exactly. */
  private snapped(timeMs: number): number {
    const { windowMs } = this.scenario;
    const windowEndMs = Math.round(timeMs / windowMs) * windowMs;
    return Math.abs(windowEndMs - timeMs) < 1e-6 ? windowEndMs : timeMs;
  }

  /** Throws RangeError for a segment the scenario does not have. */
  private openOnly(segments: readonly string[] | undefined): void {
    this.open = segments?.join() ?? '';
    this.engine.openOnly(
      segments?.map((name) => {
        const at = this.header.segments.indexOf(name);
        if (at < 1)
          throw new RangeError(`got segment '${name}', expected one of: ${this.header.segments.slice(1).join(', ')}`);
        return at - 1;
      }) ?? null,
    );
  }

  private enterStage(stage: string): void {
    if (stage === this.stage) return;
    this.stage = stage;
    this.faults.stageBegan(stage, this.nowMs);
  }

  private trafficEnded(): boolean {
    if (this.nowMs >= this.scenario.limitMs) return true;
    // The window of the last arrival is closed first, and everybody is answered.
    const windowHasEnded = this.nowMs === this.windowIndex * this.scenario.windowMs;
    return (
      this.arrivals.ended &&
      windowHasEnded &&
      this.engine
        .inFlight()
        .flat()
        .every((n) => n === 0)
    );
  }

  /** Waits until the scorer has done the rows that come next; rows drawn at random need all of them. */
  private async scoreMore(): Promise<void> {
    const { content, scores } = this.content!;
    const traffic = this.scenario.traffic;
    const inOrder =
      traffic.content.kind === 'table' && traffic.content.order === 'sequential' && this.arrivals.contents === null;
    const upTo = inOrder ? Math.min(content.rows, this.engine.row + SCORE_AHEAD) : content.rows;
    await Promise.all(scores.map((s) => s.until(upTo)));
    this.engine.scoredRows = upTo === content.rows ? Number.POSITIVE_INFINITY : upTo;
  }

  private closeWindow(endMs: number): Window {
    const { engine, header } = this;
    const inFlight = engine.inFlight();
    const index = this.windowIndex++;
    if (this.store !== null) this.storeBusyMs.push(this.store.busyUntil(endMs));
    const startMs = index * header.windowMs;
    const rows: ArmWindow[] = [];
    for (const [a, arm] of this.arms.entries()) {
      const fleet = this.fleetFigures(a, endMs);
      const mirroring = a === CANDIDATE && engine.mirrorPercent > 0;
      const single = arm.cells.length === 1;
      const weightPercent = this.weightOf(arm.name);
      const closed = arm.name === 'baseline' ? 100 : 0;
      const parts = arm.cells.map((cell, s) => {
        const place = { index, startMs, endMs, weightPercent: engine.isOpen(s) ? weightPercent : closed };
        return cell.close(place, inFlight[a]![s]!, single ? fleet : null, mirroring);
      });
      if (single) rows.push(...parts);
      else rows.push({ ...sumRows(parts, ALL_SEGMENTS), ...fleet, weightPercent }, ...parts);
    }
    return { index, startMs, endMs, rows };
  }

  private numberOf(name: Arm): number {
    const at = this.header.arms.indexOf(name);
    if (at < 0) throw new RangeError(`got arm '${name}', expected one of: ${this.header.arms.join(', ')}`);
    return at;
  }

  private weightOf(name: Arm): number {
    const { weightPercent, controlPercent } = this.engine;
    if (name === 'baseline') return 100 - weightPercent - controlPercent;
    return name === 'candidate' ? weightPercent : controlPercent;
  }

  private fleetFigures(a: number, nowMs: number): { busyMs: number; capacityMs: number; readyReplicas: number } {
    const { fleet } = this.arms[a]!;
    const busy = fleet.busyUntil(nowMs);
    const capacity = fleet.capacityUntil(nowMs);
    const figures = {
      busyMs: busy - this.busyMs[a]!,
      capacityMs: capacity - this.capacityMs[a]!,
      readyReplicas: fleet.ready.length,
    };
    this.busyMs[a] = busy;
    this.capacityMs[a] = capacity;
    return figures;
  }

  private statusOf(a: number): ArmStatus {
    const arm = this.arms[a]!;
    const inFlight = this.engine.inFlight()[a]!.reduce((x, y) => x + y, 0);
    return {
      arm: arm.name,
      inFlight,
      readyReplicas: this.replicas[a]!.ready,
      wantedReplicas: this.replicas[a]!.wanted,
      loaded: arm.loaded,
      warm: !arm.warming,
    };
  }
}

/** The baseline's model, deployed as the candidate is: what belongs to the model comes from the former, the rest from the latter. */
const controlOf = ({ baseline, candidate }: Scenario['arms']): ArmSpec => ({
  ...candidate,
  // Whose neighbours are noisy is the luck of one fleet.
  slowReplicas: undefined,
  model: baseline.model,
  service: baseline.service,
  errorRatio: baseline.errorRatio,
  coldStart: baseline.coldStart,
  modelLoadMs: baseline.modelLoadMs,
});

/** Whether users differ in what they make of the same answer. */
const differs = (outcomes: Scenario['outcomes']): boolean =>
  outcomes.kind === 'bernoulli' && outcomes.betweenUsers !== undefined;

const hasLatency = (f: FeatureStore): f is FeatureStore & { latency: NonNullable<FeatureStore['latency']> } =>
  f.latency !== null;
