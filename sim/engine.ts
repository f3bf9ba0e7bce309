import type { Scenario } from '../scenarios/scenario.ts';
import { candidateBelow, hashText, mix32, routingPoint } from '../split.ts';
import { Answers, COMPLETED, FAILED, REJECTED, type ScoredContent, TIMED_OUT } from './answers.ts';
import type { ArmSim } from './arm.ts';
import { userOf } from './arrivals/open.ts';
import type { ArrivalSource } from './arrivals/source.ts';
import { ContentRows } from './content-rows.ts';
import { Fetching } from './fetching.ts';
import { ZipfKeys } from './keys.ts';
import type { RequestProbe } from './probe.ts';
import type { Streams } from './random.ts';
import {
  ARRIVAL,
  armOf,
  DONE,
  FINISH,
  FROM_STORE,
  MIRRORED,
  NOW,
  packed,
  type Registers,
  replicaOf,
  segmentOf,
  START,
  WITHOUT_FEATURES,
} from './registers.ts';
import type { Store } from './store.ts';

const BASELINE = 0;
const CANDIDATE = 1;
const NONE = -1;

/**
 * The hot loop: merges arrivals, cache answers (a ring) and store answers (a heap) in order of time, rank (answers before arrivals)
 * and sequence, and dispatches each request to a lazily evaluated station. Between two barriers nothing but requests
 * happens, so whatever finishes before the barrier is counted at once; the rest is kept (see Answers).
 */
export class Engine {
  /** Points of the routing circle below this go to the candidate; copies of this many in 2³² requests too. */
  private candidateBelow = 0;
  private mirrorBelow = 0;
  private weight = 0;
  private mirror = 0;
  /** Requests arrived so far, copies not counted. */
  arrivedTotal = 0;
  /** How many rows of the content table have their scores. */
  scoredRows: number = Number.POSITIVE_INFINITY;
  probe: RequestProbe | null = null;
  readonly answers: Answers;
  private readonly fetching = new Fetching();
  private readonly registers: Registers;
  private readonly arms: readonly ArmSim[];
  private readonly arrivals: ArrivalSource;
  private readonly store: Store | null;
  private readonly keys: ZipfKeys;
  private readonly content: ScoredContent | null;
  private readonly contentRows: ContentRows | null;
  private readonly users: number;
  private readonly salt: number;
  private readonly hitMs: number;
  private readonly ttlMs: number;
  private at = 0;
  private filled = 0;

  constructor(scenario: Scenario, parts: EngineParts) {
    const { traffic, features, outcomes } = scenario;
    this.registers = parts.registers;
    this.arms = parts.arms;
    this.arrivals = parts.arrivals;
    this.store = parts.store;
    this.content = parts.content;
    this.users = traffic.users;
    this.salt = hashText(`${scenario.seed}/split`);
    this.hitMs = features.cache.hitLatencyMs;
    this.ttlMs = features.cache.ttlMs;
    this.keys = new ZipfKeys(traffic.keys.count, traffic.keys.zipf, parts.streams('keys'));
    this.keys.onBlock = (keys) => {
      for (const arm of parts.arms) arm.cache?.readAhead?.(keys);
    };
    this.contentRows =
      parts.content === null ? null : new ContentRows(traffic, parts.content.content.rows, parts.streams);
    if (parts.content !== null) this.scoredRows = 0;
    const labels = outcomes.kind === 'bernoulli' ? parts.streams('outcomes') : null;
    this.answers = new Answers(scenario, { ...parts, labels });
  }

  /** The content row of the next request, when the table is replayed in order. */
  get row(): number {
    return this.contentRows?.row ?? 0;
  }

  get weightPercent(): number {
    return this.weight;
  }

  set weightPercent(percent: number) {
    this.weight = percent;
    this.candidateBelow = candidateBelow(percent);
  }

  get mirrorPercent(): number {
    return this.mirror;
  }

  set mirrorPercent(percent: number) {
    this.mirror = percent;
    this.mirrorBelow = candidateBelow(percent);
  }

  /**
   * Lets everything happen that happens before `barrierMs` and returns true; false when the next arrival's content is not scored
   * yet (see `scoredRows`): call again with the same barrier when it is.
   */
  run(barrierMs: number): boolean {
    this.answers.advance(barrierMs);
    const { arrivals, registers } = this;
    const { hits, misses } = this.fetching;
    for (;;) {
      if (this.at === this.filled) {
        this.filled = arrivals.fill(barrierMs);
        this.at = 0;
      }
      const arrivalMs = this.at < this.filled ? arrivals.times[this.at]! : Number.POSITIVE_INFINITY;
      const hitMs = hits.nextMs();
      const missMs = misses.nextMs();
      if (hitMs <= missMs && hitMs <= arrivalMs) {
        if (hitMs >= barrierMs) return true;
        registers[NOW] = hitMs;
        this.dispatch(hits.pop());
      } else if (missMs <= arrivalMs) {
        if (missMs >= barrierMs) return true;
        registers[NOW] = missMs;
        this.dispatch(misses.pop());
      } else {
        if (this.contentRows !== null && this.contentRows.row >= this.scoredRows) return false;
        registers[NOW] = arrivalMs;
        this.arrive();
      }
    }
  }

  /** Requests inside each arm's segments now: fetching, waiting, in service, or answered beyond the barrier. */
  inFlight(): number[][] {
    const counts = this.arms.map((arm) => arm.cells.map(() => 0));
    const add = (kind: number): void => {
      counts[armOf(kind)]![segmentOf(kind)]!++;
    };
    this.fetching.forEach((request) => add(this.fetching.kind[request]!));
    const { pending } = this.answers;
    for (let i = 0; i < pending.size; i++) add(pending.kind[i]!);
    return counts;
  }

  /** The arrival at `at` is routed, now. */
  private arrive(): void {
    const { arrivals, at } = this;
    this.at = at + 1;
    const number = this.arrivedTotal++;
    const key = arrivals.keys === null ? this.keys.next() : arrivals.keys[at]!;
    const content = this.contentOf(arrivals.contents === null ? NONE : arrivals.contents[at]!);
    const segment = content === NONE ? 0 : this.segmentOf(content);
    let arm = BASELINE;
    if (this.candidateBelow > 0) {
      const user = arrivals.users === null ? userOf(number, this.users) : arrivals.users[at]!;
      if (routingPoint(user, this.salt) < this.candidateBelow) arm = CANDIDATE;
    }
    // A request that the candidate serves anyway is not copied to it as well.
    if (arm === BASELINE && this.isMirrored(number)) {
      const pair = this.answers.openPair(content, segment);
      this.enter(BASELINE, key, content, segment, pair, 0);
      this.enter(CANDIDATE, key, content, segment, pair, MIRRORED);
    } else this.enter(arm, key, content, segment, NONE, 0);
  }

  private isMirrored(number: number): boolean {
    return this.mirror === 100 || (this.mirror > 0 && mix32(number ^ this.salt) < this.mirrorBelow);
  }

  private contentOf(recorded: number): number {
    return this.contentRows === null ? NONE : this.contentRows.next(recorded);
  }

  private segmentOf(content: number): number {
    return this.arms[BASELINE]!.cells.length === 1 ? 0 : this.content!.content.segments[content]!;
  }

  /** A request (or a copy of one) reaches an arm: a replica is chosen, then its features are fetched. */
  private enter(arm: number, key: number, content: number, segment: number, pair: number, flags: number): void {
    const sim = this.arms[arm]!;
    const { fetching, registers } = this;
    const nowMs = registers[NOW]!;
    const cell = sim.cells[segment]!;
    cell.arrived++;
    if (flags === MIRRORED) cell.arrivedMirrored++;
    const replica = sim.fleet.pick();
    if (replica === NONE) {
      registers[ARRIVAL] = nowMs;
      this.end(REJECTED, packed(arm, segment, NONE, flags), content, pair);
      return;
    }
    const request = fetching.take();
    fetching.arrivalMs[request] = nowMs;
    fetching.content[request] = content;
    fetching.pair[request] = pair;
    sim.fleet.fetching[replica]!++;
    let found = flags;
    if (this.store === null) fetching.hits.push(nowMs, request);
    else if (sim.cache !== null && sim.cache.lookup(sim.portionOf(replica), key, nowMs)) {
      fetching.hits.push(nowMs + this.hitMs, request);
    } else {
      fetching.key[request] = key;
      fetching.misses.push(this.store.fetch(arm, nowMs), request);
      found |= FROM_STORE | (this.store.found ? 0 : WITHOUT_FEATURES);
    }
    fetching.kind[request] = packed(arm, segment, replica, found);
  }

  /**
   * The request has its features (or goes without) and joins its replica's queue, now. The station is FIFO, so from here
   * everything about the request is known: it starts when the earliest slot falls free.
   */
  private dispatch(request: number): void {
    const { fetching, registers } = this;
    const kind = fetching.kind[request]!;
    const content = fetching.content[request]!;
    const pair = fetching.pair[request]!;
    const arrivalMs = fetching.arrivalMs[request]!;
    const sim = this.arms[armOf(kind)]!;
    const replica = replicaOf(kind);
    const { fleet } = sim;
    const nowMs = registers[NOW]!;
    registers[ARRIVAL] = arrivalMs;
    fetching.release(request);
    fleet.fetching[replica]!--;
    if (this.store !== null) {
      if ((kind & FROM_STORE) === 0) sim.cells[segmentOf(kind)]!.hits++;
      else this.gotFeatures(kind, fetching.key[request]!);
    }
    if (sim.isUp[replica] === 0) {
      this.end(FAILED, kind, content, pair);
      return;
    }
    const freeMs = fleet.earliestFreeMs(replica);
    let startMs = nowMs;
    if (freeMs > nowMs) {
      startMs = freeMs;
      if (sim.queueLimit !== Number.POSITIVE_INFINITY && fleet.waiting(replica) >= sim.queueLimit) {
        this.end(REJECTED, kind, content, pair);
        return;
      }
      if (freeMs - nowMs > sim.queueTimeoutMs) {
        startMs = nowMs + sim.queueTimeoutMs;
        fleet.waitUntil(replica, startMs);
        registers[START] = registers[FINISH] = startMs;
        registers[DONE] = Math.min(startMs, arrivalMs + sim.timeoutMs);
        this.settle(TIMED_OUT, kind, content, pair);
        return;
      }
      fleet.waitUntil(replica, startMs);
    }
    registers[START] = startMs;
    sim.serve(replica);
    fleet.occupy(replica);
    const finishMs = registers[FINISH]!;
    registers[DONE] = finishMs;
    let status = sim.failsNext() ? FAILED : COMPLETED;
    if (finishMs - arrivalMs > sim.timeoutMs) {
      registers[DONE] = arrivalMs + sim.timeoutMs;
      status = TIMED_OUT;
    }
    this.settle(status, kind, content, pair);
  }

  /** The store has answered a request that is not in the cache. */
  private gotFeatures(kind: number, key: number): void {
    const { registers } = this;
    const sim = this.arms[armOf(kind)]!;
    const found = (kind & WITHOUT_FEATURES) === 0;
    sim.cells[segmentOf(kind)]!.fetched(registers[NOW]! - registers[ARRIVAL]!, found);
    if (found && sim.cache !== null) sim.cache.fill(sim.portionOf(replicaOf(kind)), key, registers[NOW]! + this.ttlMs);
  }

  /** A request ends here and now without a slot. */
  private end(status: number, kind: number, content: number, pair: number): void {
    const { registers } = this;
    registers[START] = registers[FINISH] = registers[DONE] = registers[NOW]!;
    this.settle(status, kind, content, pair);
  }

  private settle(status: number, kind: number, content: number, pair: number): void {
    if (this.probe !== null) {
      const [nowMs, arrivalMs, startMs, finishMs, doneMs] = this.registers as unknown as [
        number,
        number,
        number,
        number,
        number,
      ];
      this.probe.dispatched(armOf(kind), replicaOf(kind), arrivalMs, nowMs, startMs, finishMs, status, doneMs);
    }
    this.answers.settle(status, kind, content, pair);
  }
}

export interface EngineParts {
  readonly registers: Registers;
  readonly arms: readonly ArmSim[];
  readonly arrivals: ArrivalSource;
  readonly store: Store | null;
  readonly content: ScoredContent | null;
  readonly streams: Streams;
}
