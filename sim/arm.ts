import type { ArmSpec, FeatureStore } from '../scenarios/scenario.ts';
import type { Cell } from '../telemetry/cell.ts';
import type { Arm } from '../telemetry/window.ts';
import { type FeatureCache, makeCache } from './cache/cache.ts';
import { Fleet } from './fleet.ts';
import { DrawnTimes } from './drawn-times.ts';
import type { Stream, Streams } from './random.ts';
import type { Registers } from './registers.ts';
import type { SegmentFactors } from './segment-factors.ts';

/** More requests than any rehearsal has, and still a small integer. */
const NEVER = 2 ** 30;

/** One arm of the rollout: its fleet, its feature cache, its service times and what faults currently do to it. */
export class ArmSim {
  readonly name: Arm;
  readonly spec: ArmSpec;
  readonly fleet: Fleet;
  readonly cache: FeatureCache | null;
  /** One per segment. */
  readonly cells: readonly Cell[];
  readonly maxReplicas: number;
  /** 1 while the replica's process runs (draining included), 0 after a crash or before it started. */
  readonly isUp: Uint8Array;
  readonly queueLimit: number;
  readonly queueTimeoutMs: number;
  readonly timeoutMs: number;
  /** What faults set: factors on service time, score, start-up and model load time. */
  serviceFactor = 1;
  scoreFactor = 1;
  startUpFactor = 1;
  modelLoadFactor = 1;
  /** Null when no fault of the scenario is aimed at a segment. */
  bySegment: SegmentFactors | null = null;
  loaded = true;
  warming = false;
  private readonly coldRequests: number;
  private readonly coldCurve: NonNullable<ArmSpec['coldCurve']> | null;
  /** Replicas below this number are slow by this factor. */
  private readonly slowBelow: number;
  private readonly slowFactor: number;
  /** Something makes one replica's times unlike another's. */
  private readonly differs: boolean;
  private readonly service: DrawnTimes;
  /** Null: answers take nothing besides features, queue and slot. */
  readonly overhead: DrawnTimes | null;
  private readonly errorStream: Stream;
  readonly perReplicaCache: boolean;
  private errorShare: number;
  /** Requests until the next failing one. */
  private untilError: number;

  constructor(
    name: Arm,
    spec: ArmSpec,
    features: FeatureStore,
    keys: number,
    cells: readonly Cell[],
    streams: Streams,
    registers: Registers,
  ) {
    this.name = name;
    this.spec = spec;
    this.cells = cells;
    this.maxReplicas = Math.max(spec.replicas, spec.autoscaler?.maxReplicas ?? 0);
    this.fleet = new Fleet(spec, this.maxReplicas, streams(`balancer/${name}`), registers);
    this.isUp = new Uint8Array(this.maxReplicas);
    this.perReplicaCache = features.cache.scope === 'replica';
    this.cache = makeCache(features.cache, keys, this.perReplicaCache ? this.maxReplicas : 1);
    this.queueLimit = spec.queueLimit;
    this.queueTimeoutMs = spec.queueTimeoutMs;
    this.timeoutMs = spec.timeoutMs;
    this.coldRequests = spec.coldStart.requests;
    this.slowBelow = spec.slowReplicas?.count ?? 0;
    this.slowFactor = spec.slowReplicas?.factor ?? 1;
    this.coldCurve = spec.coldCurve ?? null;
    this.differs = this.coldRequests > 0 || this.slowBelow > 0 || this.coldCurve !== null;
    this.service = new DrawnTimes(spec.service, streams(`service/${name}`));
    this.overhead = spec.overhead === undefined ? null : new DrawnTimes(spec.overhead, streams(`overhead/${name}`));
    this.errorStream = streams(`errors/${name}`);
    this.errorShare = spec.errorRatio;
    this.untilError = this.gapToError();
    for (let r = 0; r < spec.replicas; r++) {
      this.isUp[r] = 1;
      // Replicas that are there at the start have been serving for long.
      this.fleet.served[r] = Math.max(spec.coldStart.requests, spec.coldCurve?.serviceMs.length ?? 0);
      this.fleet.start(r, 0, false);
    }
  }

  portionOf(replica: number): number {
    return this.perReplicaCache ? replica : 0;
  }

  /** Cache portions in use. */
  portions(): number[] {
    return this.perReplicaCache ? [...this.fleet.ready] : [0];
  }

  /** Draws how long the replica works on a request, ms. */
  serviceMs(replica: number): number {
    const ms = this.service.next() * this.serviceFactor;
    return this.differs ? this.servedBy(replica, ms) : ms;
  }

  /** How long the answer to what `serviceMs` was just drawn for is on its way, ms; not to be asked without an overhead. */
  overheadMs(replica: number): number {
    const ms = this.overhead!.next();
    const { coldCurve } = this;
    return coldCurve === null ? ms : Math.max(0, ms + (coldCurve.overheadMs[this.fleet.served[replica]! - 1] ?? 0));
  }

  /** The time as this replica takes it, of which it has served one more. */
  private servedBy(replica: number, ms: number): number {
    const own = replica < this.slowBelow ? this.slowFactor : 1;
    const { coldCurve } = this;
    if (this.coldRequests === 0 && coldCurve === null) return ms * own;
    const served = this.fleet.served[replica]!++;
    const time = ms * (own * this.coldFactor(served));
    return coldCurve === null ? time : Math.max(0, time + (coldCurve.serviceMs[served] ?? 0));
  }

  /** A fresh replica's first requests take longer: the factor falls linearly to 1. */
  private coldFactor(served: number): number {
    const left = this.coldRequests === 0 ? 0 : 1 - served / this.coldRequests;
    return left > 0 ? 1 + (this.spec.coldStart.factor - 1) * left : 1;
  }

  /** Share of requests that fail from now on, injected errors included. */
  setErrorRatio(share: number): void {
    if (share === this.errorShare) return;
    this.errorShare = share;
    this.untilError = this.gapToError();
  }

  /**
   * Whether the next request fails. Independent failures with probability p are geometric gaps apart, so one draw serves
   * a whole gap instead of one per request.
   */
  failsNext(): boolean {
    if (--this.untilError > 0) return false;
    if (this.errorShare <= 0) {
      this.untilError = NEVER;
      return false;
    }
    this.untilError = this.gapToError();
    return true;
  }

  private gapToError(): number {
    if (this.errorShare <= 0) return NEVER;
    if (this.errorShare >= 1) return 1;
    return Math.min(NEVER, 1 + Math.floor(Math.log(1 - this.errorStream.next()) / Math.log1p(-this.errorShare)));
  }
}
