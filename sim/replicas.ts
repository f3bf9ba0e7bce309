import type { ArmSim } from './arm.ts';
import type { Engine } from './engine.ts';
import { RANK_REPLICA, type Timeline } from './timeline.ts';

/** Starts, drains, loses and revives the replicas of one arm. */
export class Replicas {
  /** How many replicas are wanted: ready or on their way. */
  wanted: number;
  private readonly arm: number;
  private readonly sim: ArmSim;
  private readonly engine: Engine;
  private readonly timeline: Timeline;
  /** Replicas that are starting or loading. */
  private readonly starting = new Set<number>();
  private readonly drained: number[] = [];
  private loading = false;
  private readonly unstarted: number[];

  constructor(arm: number, sim: ArmSim, engine: Engine, timeline: Timeline) {
    this.arm = arm;
    this.sim = sim;
    this.engine = engine;
    this.timeline = timeline;
    this.wanted = sim.spec.replicas;
    this.unstarted = Array.from({ length: sim.maxReplicas - sim.spec.replicas }, (_, i) => sim.spec.replicas + i);
  }

  get ready(): number {
    return this.sim.fleet.ready.length;
  }

  /** Brings the number of replicas to `wanted`: new ones need start-up and model load, surplus ones drain. */
  scaleTo(wanted: number, nowMs: number): void {
    while (this.wanted < wanted) {
      const replica = this.drained.shift() ?? this.unstarted.shift();
      if (replica === undefined) break;
      this.wanted++;
      this.begin(replica, nowMs);
    }
    while (this.wanted > wanted && this.ready > 1) {
      const replica = Math.max(...this.sim.fleet.ready);
      this.sim.fleet.stop(replica, nowMs);
      this.drained.push(replica);
      this.wanted--;
    }
  }

  /** The `count` lowest-numbered ready replicas die with their work; each comes back `restartMs` + start-up + load later. */
  crash(count: number, nowMs: number, restartMs: number): void {
    for (const replica of [...this.sim.fleet.ready].sort((a, b) => a - b).slice(0, count)) {
      this.engine.answers.crash(this.arm, replica, nowMs);
      this.sim.isUp[replica] = 0;
      this.begin(replica, nowMs + restartMs);
    }
  }

  /** The `count` lowest-numbered ready replicas stand still for `forMs`; the balancer does not know. */
  hang(count: number, nowMs: number, forMs: number): void {
    for (const replica of [...this.sim.fleet.ready].sort((a, b) => a - b).slice(0, count)) {
      this.engine.answers.hang(this.arm, replica, nowMs, forMs);
    }
  }

  /** Takes the model out of memory everywhere: no replica is ready until `load` has brought it back. */
  unload(nowMs: number): void {
    this.sim.loaded = false;
    for (const replica of this.sim.fleet.ready.toSorted((a, b) => a - b)) {
      this.sim.fleet.stop(replica, nowMs);
      this.drained.push(replica);
    }
    this.drained.sort((a, b) => a - b);
    this.wanted = 0;
  }

  /** Brings an unloaded model back on the scenario's number of replicas; the processes still run, so only the load takes time. */
  load(nowMs: number): void {
    if (this.sim.loaded || this.loading) return;
    this.loading = true;
    const replicas = this.drained.splice(0, this.sim.spec.replicas);
    // Replicas that are restarting anyway come up loaded.
    this.wanted = replicas.length + Math.min(this.starting.size, this.sim.spec.replicas - replicas.length);
    const loadedMs = nowMs + this.sim.spec.modelLoadMs * this.sim.modelLoadFactor;
    for (const replica of replicas) this.starting.add(replica);
    this.timeline.add(loadedMs, RANK_REPLICA, (at) => {
      this.sim.loaded = true;
      this.loading = false;
      for (const replica of replicas) this.becomeReady(replica, at);
    });
  }

  private begin(replica: number, fromMs: number): void {
    const { spec, startUpFactor, modelLoadFactor } = this.sim;
    this.starting.add(replica);
    const readyMs = fromMs + spec.startUpMs * startUpFactor + spec.modelLoadMs * modelLoadFactor * startUpFactor;
    this.timeline.add(readyMs, RANK_REPLICA, (at) => this.becomeReady(replica, at));
  }

  private becomeReady(replica: number, nowMs: number): void {
    this.starting.delete(replica);
    this.sim.isUp[replica] = 1;
    if (!this.sim.loaded) {
      // Its process runs, its model is unloaded: it waits with the others.
      this.drained.push(replica);
      this.drained.sort((a, b) => a - b);
      return;
    }
    this.sim.fleet.start(replica, nowMs, true);
    // A cache of its own starts empty; a shared one does not notice.
    if (this.sim.perReplicaCache) this.sim.cache?.clear(replica);
  }
}
