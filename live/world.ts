import type { FaultSpan } from '../outcome.ts';
import { Autoscaler } from '../sim/autoscaler.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { WindowHeader } from '../telemetry/window.ts';
import type { Action, ArmStatus, Observation, World } from '../world.ts';
import type { LiveClock } from './clock.ts';
import { asLiveFailure, LiveFailure } from './failure.ts';
import type { LiveFaults } from './faults/live-faults.ts';
import type { LiveFleet } from './fleet/live-fleet.ts';
import type { GatewayProcess } from './gateway/client.ts';
import type { GatewayStatus, RouteChange } from './gateway/messages.ts';
import type { Load } from './load/start.ts';
import type { LoadReport } from './load/plan.ts';
import type { MeasuredRollback } from './live-report.ts';
import { patiently } from './patience.ts';
import { WindowQueue } from './window-queue.ts';

export type LiveArm = 'baseline' | 'candidate';
const ARMS: readonly LiveArm[] = ['baseline', 'candidate'];

/** The processes and files of a live world, all up and warm. */
export interface LiveParts {
  readonly scenario: Scenario;
  readonly header: WindowHeader;
  readonly clock: LiveClock;
  readonly gateway: GatewayProcess;
  readonly fleets: Readonly<Record<LiveArm, LiveFleet>>;
  readonly faults: LiveFaults;
  readonly load: Load;
  /** Requests that the load was given to send. */
  readonly requests: number;
  /** When nobody would have come any more: later than the last request when the scenario falls silent before its end. */
  readonly trafficUntilMs: number;
  /** Filled with what happened that nobody had asked for. */
  readonly troubles: string[];
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal | undefined;
  close(): Promise<void>;
}

/** Connections to a server that are opened ahead: beyond them one more costs less than it takes. */
const MOST_CONNECTIONS = 32;
/** How often requests in flight are looked at while a model waits to be unloaded. */
const LOOK_EVERY_MS = 50;

/** The scenario's world in wall time: real servers behind a real gateway under a real load. */
export class LiveWorld implements World {
  readonly header: WindowHeader;
  readonly parts: LiveParts;
  private readonly windows: WindowQueue;
  private weightPercent = 0;
  /** Segments that are shared out, as one text; empty: all. */
  private open = '';
  private stage = '';
  private loadReport: LoadReport | null = null;
  private trafficEndMs = Number.POSITIVE_INFINITY;
  private failure: Error | null = null;
  private readonly onFailure: Promise<never>;
  private fail: (error: Error) => void = () => undefined;
  private closing = false;
  private measured: Omit<MeasuredRollback, 'lastCandidateResponseAtMs' | 'trafficOffAfterMs'> | null = null;
  arrivedTotal = 0;

  constructor(parts: LiveParts) {
    this.parts = parts;
    this.header = parts.header;
    this.windows = new WindowQueue(parts.fleets);
    this.onFailure = new Promise((_, reject) => {
      this.fail = (error) => {
        this.failure ??= error;
        reject(this.failure);
      };
    });
    // Told to whoever advances; when nobody does, it is kept.
    this.onFailure.catch(() => undefined);
    const { gateway, load, signal, clock, scenario, fleets } = parts;
    gateway.onWindow((window) => this.windows.add(window));
    void gateway.ended.then((how) => {
      if (!this.closing) this.fail(new LiveFailure(`the gateway ended early (${how})`));
    });
    void load.done.then((report) => this.loadEnded(report));
    if (signal !== undefined) {
      const interrupt = (): void => this.fail(signal.reason as Error);
      if (signal.aborted) interrupt();
      else signal.addEventListener('abort', interrupt, { once: true });
    }
    for (const arm of ARMS) {
      const { autoscaler } = scenario.arms[arm];
      if (autoscaler !== null) Autoscaler.start(autoscaler, fleets[arm], fleets[arm], clock);
    }
  }

  get faultSpans(): readonly FaultSpan[] {
    return this.parts.faults.spans;
  }

  /** The rollback as far as it has been measured. */
  get measuredRollback(): typeof this.measured {
    return this.measured;
  }

  async advance(untilMs: number): Promise<Observation> {
    const { clock, scenario, gateway } = this.parts;
    await this.wait(Math.min(untilMs, scenario.limitMs));
    // Whole ms: a fraction of one is nothing that anybody could wait for.
    const nowMs = Math.max(Math.ceil(clock.nowMs), 0);
    const lost = (): boolean => this.failure !== null;
    const windows = await this.fromGateway(this.windows.take(nowMs, this.header.windowMs, lost));
    const status = await this.fromGateway(gateway.status());
    this.arrivedTotal = status.sums.received;
    return {
      nowMs,
      windows,
      arms: ARMS.map((arm) => this.statusOf(arm, status)),
      trafficEnded: nowMs >= this.trafficEndMs || nowMs >= scenario.limitMs,
    };
  }

  async apply(action: Action): Promise<number> {
    const { clock, fleets, faults, scenario } = this.parts;
    switch (action.kind) {
      case 'set-weight': {
        const { weightPercent, segments } = action;
        const atMs = await this.setRoute({ weightPercent, segments: segments ?? null });
        const open = segments?.join() ?? '';
        const changed = weightPercent !== this.weightPercent || open !== this.open;
        this.weightPercent = weightPercent;
        this.open = open;
        if (this.measured !== null && this.measured.routeSwappedAtMs === null && weightPercent === 0)
          this.measured = { ...this.measured, routeSwappedAtMs: atMs };
        this.enterStage(action.stage, atMs);
        if (changed) faults.weightChanged(atMs);
        const takesAll = weightPercent === 100 && segments === undefined;
        if (takesAll && !scenario.arms.baseline.keepLoaded) this.inBackground(this.unloadBaseline());
        return atMs;
      }
      case 'mirror': {
        const atMs = await this.setRoute({ mirrorPercent: action.percent });
        this.enterStage(action.stage, atMs);
        return atMs;
      }
      case 'load':
        this.inBackground(fleets[action.arm as LiveArm].load());
        break;
      case 'pre-warm':
        this.inBackground(this.preWarm(action.arm as LiveArm));
        break;
      case 'roll-back':
        this.measured = {
          decidedAtMs: clock.nowMs,
          baselineLoaded: fleets.baseline.loaded,
          routeSwappedAtMs: null,
        };
        faults.undo(clock.nowMs);
        break;
      case 'alert':
        break;
    }
    return Math.max(clock.nowMs, 0);
  }

  /** Stops the load: the rollout is over. Resolves with its report once everybody has been answered. */
  async endLoad(): Promise<LoadReport> {
    return this.loadReport ?? this.must(this.parts.load.stop());
  }

  /** Ends every process and removes every file, whatever happened before. */
  async close(): Promise<void> {
    this.closing = true;
    this.parts.clock.stop();
    await this.parts.close();
  }

  /** From now on the end of the gateway is expected. */
  expectEnd(): void {
    this.closing = true;
  }

  /** When the gateway's new route took over; what is set before time 0 holds from then on. */
  private async setRoute(change: RouteChange): Promise<number> {
    const { atMs } = await this.fromGateway(this.parts.gateway.setRoute(change));
    return Math.max(0, atMs ?? 0);
  }

  private fromGateway<T>(answer: Promise<T>): Promise<T> {
    return this.must(patiently('the gateway', answer));
  }

  /** Until an instant of the rehearsal, or the end of the traffic. */
  private async wait(untilMs: number): Promise<void> {
    const { clock } = this.parts;
    while (clock.nowMs < Math.min(untilMs, this.trafficEndMs)) {
      const { reached, cancel } = clock.until(Math.min(untilMs, this.trafficEndMs));
      const ended = this.loadReport === null ? this.parts.load.done : new Promise<never>(() => undefined);
      await this.must(Promise.race([reached, ended])).finally(cancel);
    }
  }

  /** The result, unless the world has failed meanwhile; whatever goes wrong with its processes is a failure of the world. */
  private async must<T>(work: Promise<T>): Promise<T> {
    if (this.failure !== null) throw this.failure;
    try {
      return await Promise.race([work, this.onFailure]);
    } catch (error) {
      this.fail(asLiveFailure(error));
      throw this.failure!;
    }
  }

  private inBackground(work: Promise<void>): void {
    work.catch((error: Error) => {
      if (!this.closing) this.fail(asLiveFailure(error));
    });
  }

  /** Caches, and the gateway's way to them: as many connections as slots, so that nobody who comes waits for one. */
  private async preWarm(arm: LiveArm): Promise<void> {
    const { fleets, scenario, gateway } = this.parts;
    const connected = gateway.connect(arm, Math.min(MOST_CONNECTIONS, scenario.arms[arm].slotsPerReplica));
    await Promise.all([fleets[arm].preWarm(scenario.features.cache.preWarmPerSecond), connected]);
  }

  /** Takes the baseline's model out of memory once the gateway has nothing there any more. */
  private async unloadBaseline(): Promise<void> {
    const { gateway, fleets } = this.parts;
    while ((await gateway.status()).inFlight.baseline > 0 && this.weightPercent === 100)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (this.weightPercent === 100) await fleets.baseline.unload();
  }

  private enterStage(stage: string, nowMs: number): void {
    if (stage === this.stage) return;
    this.stage = stage;
    this.parts.faults.stageBegan(stage, nowMs);
  }

  /**
   * Every request has been sent and answered: the window in which that happened is the last, unless the scenario only falls silent. A load that
   * ended before it had sent everything is the end of the traffic in any case.
   */
  private loadEnded(report: LoadReport): void {
    this.loadReport = report;
    const { windowMs } = this.header;
    const { clock, requests, trafficUntilMs } = this.parts;
    const endMs = Math.max(0, clock.nowMs, report.sent === requests ? trafficUntilMs : 0);
    this.trafficEndMs = Math.ceil(endMs / windowMs) * windowMs;
  }

  private statusOf(arm: LiveArm, { inFlight }: GatewayStatus): ArmStatus {
    const fleet = this.parts.fleets[arm];
    const { ready, wanted, loaded, warm } = fleet;
    return { arm, inFlight: inFlight[arm], readyReplicas: ready, wantedReplicas: wanted, loaded, warm };
  }
}
