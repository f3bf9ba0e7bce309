import type { ArmSpec, Balancer } from '../scenarios/scenario.ts';
import { Choices } from './choices.ts';
import type { Stream } from './random.ts';
import type { Registers } from './registers.ts';
import { WaitingRooms } from './waiting-rooms.ts';

const NONE = -1;

/** What a replica's row holds: see Fleet.rows. */
const LAST_WAIT = 0;
const SLOTS = 1;

/**
 * The replicas of one arm. Every replica is a FIFO station with `slots` servers, evaluated lazily: when a request is dispatched
 * its start is max(now, earliest free slot), so wait, finish and time-out are known at once and completions never
 * become events. Calls must come in time order.
 */
export class Fleet {
  readonly slots: number;
  /** Replicas that take requests, in the order they became ready. */
  readonly ready: number[] = [];
  /** Requests a replica has served since it started, counted by whoever applies its cold start. */
  readonly served: Int32Array;
  /**
   * One row per replica, side by side because they are read together:
   * nobody waits there after this time (ms) · when each slot will have done all work given to it (ms; idle when in the past),
   * ascending, so that the earliest comes first: which of its slots serves a request makes no difference.
   */
  private readonly rows: Float64Array;
  private readonly stride: number;
  /** Requests a replica was chosen for that still fetch their features. */
  private readonly fetching: Int32Array;
  /** Slot time given out so far, ms: includes work that lies in the future (see busyUntil). */
  private givenMs = Number.NaN;
  private readyMs = 0;
  private readySinceMs = 0;
  private nextInTurn = 0;
  private readonly registers: Registers;
  private readonly balancer: Balancer;
  private readonly pickStream: Stream;
  private readonly choices: Choices | null;
  private readonly rooms: WaitingRooms;

  constructor(spec: ArmSpec, maxReplicas: number, pickStream: Stream, registers: Registers) {
    this.slots = spec.slotsPerReplica;
    this.stride = SLOTS + this.slots;
    this.balancer = spec.balancer;
    this.pickStream = pickStream;
    this.choices = spec.balancer === 'power-of-two' ? new Choices(pickStream) : null;
    this.registers = registers;
    this.rows = new Float64Array(maxReplicas * this.stride);
    this.fetching = new Int32Array(maxReplicas);
    this.served = new Int32Array(maxReplicas);
    this.rooms = new WaitingRooms(maxReplicas);
    // A fraction before: see Registers.
    this.givenMs = 0;
  }

  /** Chooses a replica for a request that arrives now, or −1 when none is ready; it counts as fetching there from now on. */
  pick(): number {
    const { ready, choices } = this;
    if (choices === null || ready.length < 2) return this.pickOtherwise();
    const at = choices.next(ready);
    const { pairs } = choices;
    const { nowMs } = this.registers;
    // Which of the two it is is a coin toss: an index costs less than a wrongly guessed branch.
    const second = Number(this.load(pairs[at + 1]!, nowMs) < this.load(pairs[at]!, nowMs));
    const replica = pairs[at + second]!;
    this.fetching[replica]!++;
    return replica;
  }

  private pickOtherwise(): number {
    const { ready } = this;
    if (ready.length === 0) return NONE;
    const replica = this.chosen();
    this.fetching[replica]!++;
    return replica;
  }

  private chosen(): number {
    const { ready } = this;
    const n = ready.length;
    if (n === 1) return ready[0]!;
    if (this.balancer === 'random') return ready[(this.pickStream.next() * n) | 0]!;
    if (this.balancer === 'round-robin') {
      this.nextInTurn = (this.nextInTurn + 1) % n;
      return ready[this.nextInTurn]!;
    }
    const nowMs = this.registers.nowMs;
    return ready.reduce((best, r) => (this.load(r, nowMs) < this.load(best, nowMs) ? r : best));
  }

  /** Requests at the replica now: fetching, waiting and in service. */
  private load(replica: number, nowMs: number): number {
    const { rows, stride, slots } = this;
    const row = replica * stride;
    // Somebody waits only while every slot is busy.
    if (rows[row + LAST_WAIT]! > nowMs) return this.fetching[replica]! + slots + this.rooms.count(replica, nowMs);
    let busy = 0;
    // All slots are looked at: where the busy ones end is a coin toss, and a wrongly guessed exit costs more than the rest.
    for (let i = row + SLOTS; i < row + stride; i++) busy += Number(rows[i]! > nowMs);
    return this.fetching[replica]! + busy;
  }

  /** A request the replica was chosen for has done with fetching. */
  fetched(replica: number): void {
    this.fetching[replica]!--;
  }

  /** Requests waiting at the replica now. */
  waiting(replica: number): number {
    const { nowMs } = this.registers;
    return this.rows[replica * this.stride + LAST_WAIT]! > nowMs ? this.rooms.count(replica, nowMs) : 0;
  }

  /** When the replica's earliest slot falls free, ms. */
  earliestFreeMs(replica: number): number {
    return this.rows[replica * this.stride + SLOTS]!;
  }

  /** A request waits at the replica from now until then, when it is served or leaves unserved. */
  waitUntil(replica: number, untilMs: number): void {
    this.rooms.enter(replica, untilMs, this.registers.nowMs);
    this.rows[replica * this.stride + LAST_WAIT] = untilMs;
  }

  /** The replica's earliest slot is given a request from its start to its finish. */
  occupy(replica: number, startMs: number, finishMs: number): void {
    const { rows, stride } = this;
    this.givenMs += finishMs - startMs;
    let i = replica * stride + SLOTS;
    const last = i + stride - SLOTS - 1;
    for (; i < last; i++) {
      const next = rows[i + 1]!;
      if (next >= finishMs) break;
      rows[i] = next;
    }
    rows[i] = finishMs;
  }

  /** Slot time worked off by `nowMs`: what was given out, less what still lies ahead (a committed slot works without a break). */
  busyUntil(nowMs: number): number {
    const { rows, stride } = this;
    let ahead = 0;
    for (let row = 0; row < rows.length; row += stride) {
      for (let i = row + SLOTS; i < row + stride; i++) if (rows[i]! > nowMs) ahead += rows[i]! - nowMs;
    }
    return this.givenMs - ahead;
  }

  /** Slot time of ready replicas up to `nowMs`. */
  capacityUntil(nowMs: number): number {
    return this.readyMs + (nowMs - this.readySinceMs) * this.ready.length * this.slots;
  }

  /** The replica takes requests from now on; `fresh`: its process has just started. */
  start(replica: number, nowMs: number, fresh: boolean): void {
    this.readyMs = this.capacityUntil(nowMs);
    this.readySinceMs = nowMs;
    if (!this.ready.includes(replica)) {
      this.ready.push(replica);
      this.choices?.changed(this.ready);
    }
    if (!fresh) return;
    this.served[replica] = 0;
    // What it still works on (it was drained, not crashed) keeps its slots.
    const { rows } = this;
    for (let i = this.firstSlot(replica); i < this.rowEnd(replica); i++) rows[i] = Math.max(rows[i]!, nowMs);
  }

  /** The replica takes no more requests; what it has, it finishes. */
  stop(replica: number, nowMs: number): void {
    this.readyMs = this.capacityUntil(nowMs);
    this.readySinceMs = nowMs;
    const at = this.ready.indexOf(replica);
    if (at < 0) return;
    this.ready.splice(at, 1);
    this.choices?.changed(this.ready);
  }

  /** The replica is gone with all its work. */
  crash(replica: number, nowMs: number): void {
    this.stop(replica, nowMs);
    const { rows } = this;
    for (let i = this.firstSlot(replica); i < this.rowEnd(replica); i++) {
      this.givenMs -= Math.max(0, rows[i]! - nowMs);
      rows[i] = Math.min(rows[i]!, nowMs);
    }
    this.rooms.clear(replica);
    rows[replica * this.stride + LAST_WAIT] = nowMs;
  }

  /** Nothing at this replica moves for `forMs`: all its work ends that much later, idle slots are blocked. */
  freeze(replica: number, nowMs: number, forMs: number): void {
    const { rows } = this;
    for (let i = this.firstSlot(replica); i < this.rowEnd(replica); i++) {
      rows[i] = Math.max(rows[i]!, nowMs) + forMs;
      this.givenMs += forMs;
    }
    // Those who have stopped waiting leave the room first: they are not delayed.
    this.rooms.count(replica, nowMs);
    this.rooms.delay(replica, forMs);
    rows[replica * this.stride + LAST_WAIT]! += forMs;
  }

  private firstSlot(replica: number): number {
    return replica * this.stride + SLOTS;
  }

  private rowEnd(replica: number): number {
    return (replica + 1) * this.stride;
  }
}
