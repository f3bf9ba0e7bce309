import type { ArmSpec, Balancer } from '../scenarios/scenario.ts';
import type { Stream } from './random.ts';
import { FINISH, NOW, type Registers, START } from './registers.ts';

const NONE = -1;

/**
 * The replicas of one arm. Every replica is a FIFO station with `slots` servers, evaluated lazily: when a request is dispatched
 * its start is max(now, earliest free slot), so wait, finish and time-out are known at once and completions never
 * become events. Calls must come in time order.
 */
export class Fleet {
  readonly slots: number;
  /**
   * When each slot will have done all work given to it, ms; idle when in the past. Replica r's slots lie at r·slots … and are
   * kept ascending, so the earliest comes first. Which of its slots serves a request makes no difference.
   */
  private readonly free: Float64Array;
  /** Replicas that take requests, in the order they became ready. */
  readonly ready: number[] = [];
  /** Requests a replica has been chosen for that are still fetching their features. */
  readonly fetching: Int32Array;
  /** Requests a replica has served since it started, counted by whoever applies its cold start. */
  readonly served: Int32Array;
  /** Per replica: nobody waits after this time, ms. */
  private readonly lastWaitMs: Float64Array;
  /** Slot time given out so far, ms: includes work that lies in the future (see busyUntil). */
  private readonly givenMs = new Float64Array(1);
  private readyMs = 0;
  private readySinceMs = 0;
  private nextInTurn = 0;
  private readonly registers: Registers;
  private readonly balancer: Balancer;
  private readonly pickStream: Stream;
  private readonly rooms: WaitingRooms;

  constructor(spec: ArmSpec, maxReplicas: number, pickStream: Stream, registers: Registers) {
    this.slots = spec.slotsPerReplica;
    this.balancer = spec.balancer;
    this.pickStream = pickStream;
    this.registers = registers;
    this.free = new Float64Array(maxReplicas * this.slots);
    this.fetching = new Int32Array(maxReplicas);
    this.served = new Int32Array(maxReplicas);
    this.lastWaitMs = new Float64Array(maxReplicas);
    this.rooms = new WaitingRooms(maxReplicas);
  }

  /** Chooses a replica for a request that arrives now, or −1 when none is ready. */
  pick(): number {
    const { ready } = this;
    const n = ready.length;
    if (n < 2) return n === 0 ? NONE : ready[0]!;
    if (this.balancer === 'power-of-two') {
      // One draw names an ordered pair of different replicas.
      const x = this.pickStream.next() * n;
      const i = x | 0;
      const j = ((x - i) * (n - 1)) | 0;
      const a = ready[i]!;
      const b = ready[j >= i ? j + 1 : j]!;
      return this.load(b) < this.load(a) ? b : a;
    }
    if (this.balancer === 'random') return ready[(this.pickStream.next() * n) | 0]!;
    if (this.balancer === 'round-robin') {
      this.nextInTurn = (this.nextInTurn + 1) % n;
      return ready[this.nextInTurn]!;
    }
    return ready.reduce((best, r) => (this.load(r) < this.load(best) ? r : best));
  }

  /** Requests at the replica now: fetching, waiting and in service. */
  load(replica: number): number {
    const nowMs = this.registers[NOW]!;
    const { free, slots } = this;
    // Somebody waits only while every slot is busy.
    if (this.lastWaitMs[replica]! > nowMs) return this.fetching[replica]! + slots + this.rooms.count(replica, nowMs);
    const first = replica * slots;
    let busy = 0;
    // All slots are looked at: where the busy ones end is a coin toss, and a wrongly guessed exit costs more than the rest.
    for (let i = first; i < first + slots; i++) busy += Number(free[i]! > nowMs);
    return this.fetching[replica]! + busy;
  }

  /** Requests waiting at the replica now. */
  waiting(replica: number): number {
    const nowMs = this.registers[NOW]!;
    return this.lastWaitMs[replica]! > nowMs ? this.rooms.count(replica, nowMs) : 0;
  }

  /** When the replica's earliest slot falls free, ms. */
  earliestFreeMs(replica: number): number {
    return this.free[replica * this.slots]!;
  }

  /** A request waits at the replica from now on until `untilMs`, when it starts or leaves unserved. */
  waitUntil(replica: number, untilMs: number): void {
    this.rooms.enter(replica, untilMs, this.registers[NOW]!);
    this.lastWaitMs[replica] = untilMs;
  }

  /** The replica's earliest slot is given the request in the registers, from its start to its finish. */
  occupy(replica: number): void {
    const { free, registers } = this;
    const finishMs = registers[FINISH]!;
    this.givenMs[0]! += finishMs - registers[START]!;
    let i = replica * this.slots;
    const last = i + this.slots - 1;
    for (; i < last; i++) {
      const next = free[i + 1]!;
      if (next >= finishMs) break;
      free[i] = next;
    }
    free[i] = finishMs;
  }

  /** Slot time worked off by `nowMs`: what was given out, less what still lies ahead (a committed slot works without a break). */
  busyUntil(nowMs: number): number {
    let ahead = 0;
    for (const f of this.free) if (f > nowMs) ahead += f - nowMs;
    return this.givenMs[0]! - ahead;
  }

  /** Slot time of ready replicas up to `nowMs`. */
  capacityUntil(nowMs: number): number {
    return this.readyMs + (nowMs - this.readySinceMs) * this.ready.length * this.slots;
  }

  /** The replica takes requests from now on; `fresh`: its process has just started. */
  start(replica: number, nowMs: number, fresh: boolean): void {
    this.readyMs = this.capacityUntil(nowMs);
    this.readySinceMs = nowMs;
    if (!this.ready.includes(replica)) this.ready.push(replica);
    if (!fresh) return;
    this.served[replica] = 0;
    // What it still works on (it was drained, not crashed) keeps its slots.
    for (let i = replica * this.slots; i < (replica + 1) * this.slots; i++)
      this.free[i] = Math.max(this.free[i]!, nowMs);
  }

  /** The replica takes no more requests; what it has, it finishes. */
  stop(replica: number, nowMs: number): void {
    this.readyMs = this.capacityUntil(nowMs);
    this.readySinceMs = nowMs;
    const at = this.ready.indexOf(replica);
    if (at >= 0) this.ready.splice(at, 1);
  }

  /** The replica is gone with all its work. */
  crash(replica: number, nowMs: number): void {
    this.stop(replica, nowMs);
    for (let i = replica * this.slots; i < (replica + 1) * this.slots; i++) {
      this.givenMs[0]! -= Math.max(0, this.free[i]! - nowMs);
      this.free[i] = Math.min(this.free[i]!, nowMs);
    }
    this.rooms.clear(replica);
    this.lastWaitMs[replica] = nowMs;
  }

  /** Nothing at this replica moves for `forMs`: all its work ends that much later, idle slots are blocked. */
  freeze(replica: number, nowMs: number, forMs: number): void {
    for (let i = replica * this.slots; i < (replica + 1) * this.slots; i++) {
      this.free[i] = Math.max(this.free[i]!, nowMs) + forMs;
      this.givenMs[0]! += forMs;
    }
    // Those who have stopped waiting leave the room first: they are not delayed.
    this.rooms.count(replica, nowMs);
    this.rooms.delay(replica, forMs);
    this.lastWaitMs[replica]! += forMs;
  }
}

/**
 * For each replica the times at which its waiting requests will stop waiting. FIFO makes them ascend, so those that
 * have passed are dropped from the front.
 */
class WaitingRooms {
  private readonly rooms: { times: Float64Array; head: number; size: number }[];

  constructor(replicas: number) {
    this.rooms = Array.from({ length: replicas }, () => ({ times: new Float64Array(16), head: 0, size: 0 }));
  }

  count(replica: number, nowMs: number): number {
    const room = this.rooms[replica]!;
    while (room.size > 0 && room.times[room.head]! <= nowMs) {
      room.head = (room.head + 1) & (room.times.length - 1);
      room.size--;
    }
    return room.size;
  }

  enter(replica: number, untilMs: number, nowMs: number): void {
    const waiting = this.count(replica, nowMs);
    const room = this.rooms[replica]!;
    if (waiting === room.times.length) {
      const doubled = new Float64Array(2 * waiting);
      for (let i = 0; i < waiting; i++) doubled[i] = room.times[(room.head + i) & (waiting - 1)]!;
      room.times = doubled;
      room.head = 0;
    }
    room.times[(room.head + room.size++) & (room.times.length - 1)] = untilMs;
  }

  delay(replica: number, byMs: number): void {
    const room = this.rooms[replica]!;
    for (let i = 0; i < room.size; i++) room.times[(room.head + i) & (room.times.length - 1)]! += byMs;
  }

  clear(replica: number): void {
    this.rooms[replica]!.size = 0;
  }
}
