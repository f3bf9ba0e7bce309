import type { MeasuredFleet, ScaledReplicas } from '../../sim/autoscaler.ts';
import { RANK_REPLICA } from '../../sim/timeline.ts';
import type { ArmSpec } from '../../scenarios/scenario.ts';
import { epochMs, type LiveClock } from '../clock.ts';
import { describeExit } from '../supervisor/child.ts';
import type { ToReplica } from '../replica/messages.ts';
import { Capacity } from './capacity.ts';
import type { ReplicaHandle, ReplicaProcess } from './replica-handle.ts';
import { loadModel, unloadModel } from './repository.ts';

/** How a fleet is connected to the rest of the live world. */
export interface FleetParts {
  readonly clock: LiveClock;
  /** Starts the process of replica `index`, which then knows nothing yet. */
  spawn(index: number): Promise<ReplicaProcess>;
  /** Tells it what to serve; resolves when it could take requests. The model's load takes at least `modelLoadMs`. */
  prepare(index: number, process: ReplicaProcess, modelLoadMs: number): Promise<ReplicaHandle>;
  /** Tells the gateway who takes requests; resolves when it knows. */
  publish(urls: readonly string[]): Promise<void>;
  /** Told of what the scenario did not ask for, one clause each. */
  onTrouble(what: string): void;
}

/** A stopping replica may finish what it has for this long. */
const GRACE_MS = 10_000;
/** A replica that dies while it starts is tried so often. */
const MOST_ATTEMPTS = 3;

/**
 * The processes of one arm: starts, drains, kills, freezes and revives them as the simulator's `Replicas` does, with the same
 * meaning of every fault. What the scenario declares takes that long (start-up, model load) and the real start comes on top.
 */
export class LiveFleet implements MeasuredFleet, ScaledReplicas {
  /** How many replicas are wanted: ready or on their way. */
  wanted: number;
  /** Factors on start-up and model load, set by faults. */
  startUpFactor = 1;
  modelLoadFactor = 1;
  loaded = true;
  readonly slots: number;
  /** Everybody who ever served, for the final sums. */
  readonly all: ReplicaHandle[] = [];
  private readonly spec: ArmSpec;
  private readonly parts: FleetParts;
  private readonly capacity: Capacity;
  /** Those that take requests. */
  private readyOnes: ReplicaHandle[] = [];
  /** Their processes run, their model is not in memory. */
  private idle: ReplicaHandle[] = [];
  private readonly starting = new Set<number>();
  private readonly processes = new Set<ReplicaProcess>();
  private free: number[];
  private loading = false;
  private warming = 0;
  private closed = false;
  private published: Promise<void> = Promise.resolve();

  constructor(spec: ArmSpec, parts: FleetParts) {
    this.spec = spec;
    this.parts = parts;
    this.wanted = spec.replicas;
    this.slots = spec.slotsPerReplica;
    this.capacity = new Capacity(spec.slotsPerReplica);
    const most = Math.max(spec.replicas, spec.autoscaler?.maxReplicas ?? 0);
    this.free = Array.from({ length: most }, (_, i) => i);
  }

  get ready(): number {
    return this.readyOnes.length;
  }

  get warm(): boolean {
    return this.warming === 0;
  }

  /** Starts the scenario's number of replicas at once; they are up before the rehearsal begins. */
  async startAll(): Promise<void> {
    const first = this.free.splice(0, this.spec.replicas);
    this.readyOnes = await Promise.all(first.map((index) => this.startProcess(index, 0)));
    this.capacity.set(0, this.ready);
    await this.publish();
  }

  /** Brings the number of replicas to `wanted`: new ones need start-up and model load, surplus ones drain and end. */
  scaleTo(wanted: number, nowMs: number): void {
    while (this.wanted < wanted) {
      const index = this.free.shift();
      if (index === undefined) break;
      this.wanted++;
      this.begin(index, nowMs);
    }
    while (this.wanted > wanted && this.ready > 1) {
      const last = this.readyOnes.reduce((a, b) => (b.index > a.index ? b : a));
      this.wanted--;
      this.retire(last);
      void last.process.stop(GRACE_MS).then(() => this.free.push(last.index));
    }
  }

  /** The `count` lowest-numbered ready replicas die with their work (SIGKILL); each comes back `restartMs` + start-up + load later. */
  crash(count: number, nowMs: number, restartMs: number): void {
    for (const replica of this.lowest(count)) {
      replica.process.kill();
      this.retire(replica);
      if (restartMs !== Number.POSITIVE_INFINITY) this.begin(replica.index, nowMs + restartMs);
    }
  }

  /** The `count` lowest-numbered ready replicas stand still for `forMs` (SIGSTOP); nobody tells the gateway. */
  hang(count: number, nowMs: number, forMs: number): void {
    for (const replica of this.lowest(count)) {
      void replica.process.hang(forMs);
      this.parts.clock.add(nowMs + forMs, RANK_REPLICA, () => replica.process.wake());
    }
  }

  /** Wakes whoever stands still. */
  wakeAll(): void {
    for (const replica of this.all) replica.process.wake();
  }

  /** Takes the model out of memory everywhere: no replica takes requests until `load` has brought it back. */
  async unload(): Promise<void> {
    this.loaded = false;
    this.wanted = 0;
    const replicas = [...this.readyOnes];
    for (const replica of replicas) this.retire(replica);
    this.idle.push(...replicas);
    await this.published;
    await Promise.all(replicas.map((replica) => unloadModel(replica.url)));
  }

  /** Brings an unloaded model back on the scenario's number of replicas; their processes still run. */
  async load(): Promise<void> {
    if (this.loaded || this.loading) return;
    this.loading = true;
    const replicas = this.idle.splice(0, this.spec.replicas);
    this.wanted = replicas.length + Math.min(this.starting.size, this.spec.replicas - replicas.length);
    const modelLoadMs = this.spec.modelLoadMs * this.modelLoadFactor;
    for (const { process } of replicas) process.send({ kind: 'model-load-ms', modelLoadMs });
    await Promise.all(replicas.map((replica) => loadModel(replica.url)));
    this.loading = false;
    this.loaded = true;
    for (const replica of replicas) this.becomeReady(replica);
  }

  /** Fetches the popular keys the caches lack, at the store's pre-warming rate for the whole arm; not `warm` meanwhile. */
  async preWarm(perSecond: number): Promise<void> {
    const replicas = [...this.readyOnes];
    this.warming++;
    const warmed = replicas.map(async ({ process }) => {
      const done = process.next((message) => (message.kind === 'warmed' ? true : null));
      process.send({ kind: 'pre-warm', perSecond: perSecond / replicas.length });
      // One that dies meanwhile has nothing left to warm.
      await done.catch(() => undefined);
    });
    await Promise.all(warmed);
    this.warming--;
  }

  /** Tells every replica, also those that are unloaded. */
  tell(message: ToReplica): void {
    for (const { process } of this.all) process.send(message);
  }

  busyUntil(nowMs: number): number {
    return this.all.reduce((sum, replica) => sum + replica.busyUntil(nowMs, this.slots), 0);
  }

  capacityUntil(nowMs: number): number {
    return this.capacity.until(nowMs);
  }

  readyAt(timeMs: number): number {
    return this.capacity.readyAt(timeMs);
  }

  /** Whether everybody who could has told how busy it was at `timeMs`. */
  sampledUntil(timeMs: number): boolean {
    return this.all.every(({ process, sampledMs }) => !process.alive || process.hung || sampledMs >= timeMs);
  }

  /** Ends every process, in order; resolves when all are gone. */
  async close(graceMs: number): Promise<void> {
    this.closed = true;
    await Promise.all([...this.processes].map((process) => process.stop(graceMs)));
  }

  private begin(index: number, fromMs: number, attempt = 1): void {
    const { spec, startUpFactor, modelLoadFactor } = this;
    this.starting.add(index);
    this.parts.clock.add(fromMs + spec.startUpMs * startUpFactor, RANK_REPLICA, () => {
      void this.startProcess(index, spec.modelLoadMs * modelLoadFactor * startUpFactor).then(
        async (replica) => {
          if (this.loaded) this.becomeReady(replica);
          else {
            this.idle.push(replica);
            await unloadModel(replica.url);
          }
        },
        (error: Error) => {
          if (this.closed) return;
          this.parts.onTrouble(error.message);
          if (attempt < MOST_ATTEMPTS) this.begin(index, this.parts.clock.nowMs + 1000, attempt + 1);
        },
      );
    });
  }

  private async startProcess(index: number, modelLoadMs: number): Promise<ReplicaHandle> {
    const fromMs = epochMs();
    const fresh = this.parts.clock.begun;
    const process = await this.parts.spawn(index);
    this.processes.add(process);
    if (this.closed) await process.stop(0);
    const replica = await this.parts.prepare(index, process, modelLoadMs);
    replica.fresh = fresh;
    replica.startUpMs = epochMs() - fromMs - replica.modelLoadMs;
    this.all.push(replica);
    this.starting.delete(index);
    void process.exited.then((exit) => {
      this.retire(replica);
      this.idle = this.idle.filter((each) => each !== replica);
      if (replica.process.endExpected || this.closed) return;
      this.parts.onTrouble(`${replica.process.name} ended, ${describeExit(exit)}`);
      this.begin(index, this.parts.clock.nowMs);
    });
    return replica;
  }

  private becomeReady(replica: ReplicaHandle): void {
    if (!replica.process.alive || this.closed) return;
    this.readyOnes.push(replica);
    this.readyChanged();
  }

  /** It gets no more requests; what it has, it finishes. */
  private retire(replica: ReplicaHandle): void {
    if (!this.readyOnes.includes(replica)) return;
    this.readyOnes = this.readyOnes.filter((each) => each !== replica);
    this.readyChanged();
  }

  private readyChanged(): void {
    this.capacity.set(Math.max(0, this.parts.clock.nowMs), this.ready);
    void this.publish();
  }

  /** One after the other, so that the last word is the latest. A gateway that is gone is told of by its own end. */
  private publish(): Promise<void> {
    this.published = this.published.then(() => (this.closed ? undefined : this.parts.publish(this.urls())));
    this.published = this.published.catch(() => undefined);
    return this.published;
  }

  private urls(): string[] {
    return this.readyOnes.map(({ url }) => url);
  }

  private lowest(count: number): ReplicaHandle[] {
    return this.readyOnes.toSorted((a, b) => a.index - b.index).slice(0, count);
  }
}
