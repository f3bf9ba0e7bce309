import type { Scenario } from '../scenarios/scenario.ts';
import { candidateBelow, controlFrom, hashText, mix32, routingPoint } from '../split.ts';
import { Answers, COMPLETED, FAILED, REJECTED, type ScoredContent, TIMED_OUT } from './answers.ts';
import type { ArmSim } from './arm.ts';
import { userOf } from './arrivals/open.ts';
import type { ArrivalSource } from './arrivals/source.ts';
import { ContentRows } from './content-rows.ts';
import type { EngineParts } from './engine-parts.ts';
import { Fetching } from './fetching.ts';
import { Hits } from './hits.ts';
import { inFlightOf } from './in-flight.ts';
import { ZipfKeys } from './keys.ts';
import { Lists } from './lists.ts';
import type { RequestProbe } from './probe.ts';
import { Queries } from './queries.ts';
import { armOf, packed, type Registers, replicaOf, segmentOf } from './registers.ts';
import { MIRRORED, WAITING_TO_RETRY, WITHOUT_FEATURES } from './registers.ts';
import { armAgain, Retrying } from './retrying.ts';
import type { Store } from './store.ts';

const BASELINE = 0;
const CANDIDATE = 1;
const CONTROL = 2;
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
  /** Points of the circle from here on go to the control cohort. */
  private controlFrom = controlFrom(0);
  /** By segment: 1 where requests are shared out and mirrored. Null: everywhere. */
  private open: Uint8Array | null = null;
  private weight = 0;
  private control = 0;
  private mirror = 0;
  /** Requests arrived so far, copies not counted. */
  arrivedTotal = 0;
  /** How many rows of the content table have their scores. */
  scoredRows: number = Number.POSITIVE_INFINITY;
  probe: RequestProbe | null = null;
  readonly answers: Answers;
  private readonly fetching: Fetching;
  private readonly hits: Hits;
  private readonly keepsUsers: boolean;
  private readonly registers: Registers;
  private readonly arms: readonly ArmSim[];
  private readonly baseline: ArmSim;
  private readonly candidate: ArmSim;
  private readonly arrivals: ArrivalSource;
  private readonly store: Store | null;
  private readonly keys: ZipfKeys;
  private readonly content: ScoredContent | null;
  private readonly contentRows: ContentRows | null;
  /** Null: nobody asks twice. */
  readonly retrying: Retrying | null;
  private readonly users: number;
  private readonly salt: number;
  /** How long an answer without a fetch takes, ms. */
  private readonly answerMs: number;
  private readonly ttlMs: number;
  private at = 0;
  private filled = 0;

  constructor(scenario: Scenario, parts: EngineParts) {
    const { traffic, features, outcomes } = scenario;
    this.registers = parts.registers;
    this.keepsUsers = parts.keepsUsers;
    this.fetching = new Fetching(parts.keepsUsers ? parts.registers : null);
    this.hits = new Hits(parts.keepsUsers ? parts.registers : null);
    this.arms = parts.arms;
    this.baseline = parts.arms[BASELINE]!;
    this.candidate = parts.arms[CANDIDATE]!;
    this.arrivals = parts.arrivals;
    this.store = parts.store;
    this.content = parts.content;
    this.users = traffic.users;
    this.salt = hashText(`${scenario.seed}/split`);
    this.answerMs = parts.store === null ? 0 : features.cache.hitLatencyMs;
    this.ttlMs = features.cache.ttlMs;
    this.keys = new ZipfKeys(traffic.keys.count, traffic.keys.zipf, parts.streams('keys'));
    this.contentRows =
      parts.content === null ? null : new ContentRows(traffic, parts.content.content.rows, parts.streams);
    if (parts.content !== null) this.scoredRows = 0;
    const labels = outcomes.kind === 'bernoulli' ? parts.streams('outcomes') : null;
    const queries =
      outcomes.kind === 'queries' ? new Queries(outcomes, scenario.timeScale, parts.streams, parts.registers) : null;
    this.answers = new Answers(scenario, { ...parts, labels, queries, lists: Lists.of(outcomes, parts) });
    this.retrying = Retrying.of(traffic, this.fetching, parts);
    this.answers.unanswered = this.retrying?.hearer(() => this.arrivedTotal) ?? null;
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

  get controlPercent(): number {
    return this.control;
  }

  set controlPercent(percent: number) {
    this.control = percent;
    this.controlFrom = controlFrom(percent);
  }

  /** Numbers of the segments whose requests are shared out and mirrored; null for all. */
  openOnly(segments: readonly number[] | null): void {
    this.open = segments === null ? null : new Uint8Array(this.baseline.cells.length);
    for (const segment of segments ?? []) this.open![segment] = 1;
  }

  isOpen(segment: number): boolean {
    return this.open === null || this.open[segment] === 1;
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
    const { arrivals, registers, hits } = this;
    const { misses } = this.fetching;
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
        registers.nowMs = hitMs;
        this.dispatchHit(hits.pop());
      } else if (missMs <= arrivalMs) {
        if (missMs >= barrierMs) return true;
        registers.nowMs = missMs;
        this.dispatchMiss(misses.pop());
      } else {
        if (this.contentRows !== null && this.contentRows.row >= this.scoredRows) return false;
        registers.nowMs = arrivalMs;
        this.arrive();
      }
    }
  }

  /** Requests inside each arm's segments now: fetching, waiting, in service, or answered beyond the barrier. */
  inFlight(): number[][] {
    return inFlightOf(this.arms, this.hits, this.fetching, this.answers.pending);
  }

  /** The arrival at `at` is routed, now. */
  private arrive(): void {
    const { arrivals, at } = this;
    this.at = at + 1;
    const number = this.arrivedTotal++;
    const key = arrivals.keys === null ? this.keys.next() : arrivals.keys[at]!;
    const content = this.contentOf(arrivals.contents === null ? NONE : arrivals.contents[at]!);
    const segment = content === NONE ? 0 : this.segmentOf(content);
    if (this.keepsUsers) this.registers.user = this.userAt(at, number);
    if (this.open !== null && this.open[segment] === 0) return this.enter(BASELINE, key, content, segment, 0);
    let arm = BASELINE;
    if (this.candidateBelow > 0 || this.control > 0) {
      const point = routingPoint(this.userAt(at, number), this.salt);
      if (point < this.candidateBelow) arm = CANDIDATE;
      else if (point >= this.controlFrom) arm = CONTROL;
    }
    // Only the baseline's requests are copied: whoever the candidate serves anyway does not get a second answer from it.
    if (arm === BASELINE && this.isMirrored(number)) this.enterBoth(key, content, segment);
    else this.enter(arm, key, content, segment, 0);
  }

  /** Who sends request `number`, the arrival at `at`. */
  private userAt(at: number, number: number): number {
    const { users } = this.arrivals;
    return users === null ? userOf(number, this.users) : users[at]!;
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

  /** A request, or a copy that nothing is compared with, reaches an arm: a replica is chosen, then its features are fetched. */
  private enter(arm: number, key: number, content: number, segment: number, flags: number): void {
    const sim = this.arms[arm]!;
    const cell = sim.cells[segment]!;
    cell.arrived++;
    if (flags === MIRRORED) cell.arrivedMirrored++;
    const replica = sim.fleet.pick();
    this.fetch(packed(arm, segment, replica, flags), key, content, NONE, this.isHit(sim, replica, key));
  }

  /** A request reaches the baseline, and its copies the candidate and the control cohort, which must not be colder than the former. */
  private enterBoth(key: number, content: number, segment: number): void {
    this.enterPair(key, content, segment);
    if (this.arms.length > CONTROL) this.enter(CONTROL, key, content, segment, MIRRORED);
  }

  /** Both copies that are compared. When both hit, they stay together until they are answered. */
  private enterPair(key: number, content: number, segment: number): void {
    const { baseline, candidate, registers } = this;
    baseline.cells[segment]!.arrived++;
    const cell = candidate.cells[segment]!;
    cell.arrived++;
    cell.arrivedMirrored++;
    const first = baseline.fleet.pick();
    const second = candidate.fleet.pick();
    const firstHits = this.isHit(baseline, first, key);
    const secondHits = this.isHit(candidate, second, key);
    const kind = packed(BASELINE, segment, first, 0);
    const twin = packed(CANDIDATE, segment, second, MIRRORED);
    if (firstHits && secondHits) {
      this.hits.push(registers.nowMs + this.answerMs, registers.nowMs, kind, twin, content, NONE);
      return;
    }
    const pair = this.answers.openPair(content, segment);
    this.fetch(kind, key, content, pair, firstHits);
    this.fetch(twin, key, content, pair, secondHits);
  }

  /** Whether the features need no fetch from the store; false as well when there is no replica to want them. */
  private isHit(sim: ArmSim, replica: number, key: number): boolean {
    if (replica === NONE) return false;
    if (this.store === null) return true;
    return sim.cache !== null && sim.cache.lookup(sim.portionOf(replica), key, this.registers.nowMs);
  }

  private fetch(kind: number, key: number, content: number, pair: number, isHit: boolean): void {
    const { registers, fetching, store } = this;
    const { nowMs } = registers;
    if (isHit) this.hits.push(nowMs + this.answerMs, nowMs, kind, NONE, content, pair);
    else if (replicaOf(kind) === NONE) {
      registers.arrivalMs = nowMs;
      this.end();
      this.settle(REJECTED, kind, content, pair);
    } else {
      const request = fetching.take();
      fetching.arrivalMs[request] = nowMs;
      fetching.key[request] = key;
      fetching.content[request] = content;
      fetching.pair[request] = pair;
      fetching.misses.push(store!.fetch(armOf(kind), segmentOf(kind), nowMs), request);
      fetching.kind[request] = kind | (store!.found ? 0 : WITHOUT_FEATURES);
    }
  }

  /** Features have come from the cache: the request joins its replica's queue, now, and so does its copy. */
  private dispatchHit(entry: number): void {
    const { hits, registers, answers } = this;
    const words = 4 * entry;
    const kind = hits.words[words]!;
    const twin = hits.words[words + 1]!;
    const content = hits.words[words + 2]!;
    const pair = hits.words[words + 3]!;
    registers.arrivalMs = hits.times[2 * entry + 1]!;
    this.countHit(kind);
    const status = this.serve(kind);
    if (this.probe !== null) this.tellProbe(status, kind);
    if (twin === NONE) {
      answers.settle(status, kind, content, pair);
      return;
    }
    const opened = answers.settleFirst(status, kind, content);
    this.countHit(twin);
    const twinStatus = this.serve(twin);
    if (this.probe !== null) this.tellProbe(twinStatus, twin);
    answers.settleSecond(twinStatus, twin, content, kind, opened);
  }

  private countHit(kind: number): void {
    if (this.store !== null) this.arms[armOf(kind)]!.cells[segmentOf(kind)]!.hits++;
  }

  /** The store has answered, with the features or without: the request joins its replica's queue, now. */
  private dispatchMiss(request: number): void {
    const { fetching } = this;
    const kind = fetching.kind[request]!;
    const content = fetching.content[request]!;
    const pair = fetching.pair[request]!;
    this.registers.arrivalMs = fetching.arrivalMs[request]!;
    fetching.release(request);
    if ((kind & WAITING_TO_RETRY) !== 0) return this.askAgain(kind, fetching.key[request]!, content);
    this.gotFeatures(kind, fetching.key[request]!);
    this.settle(this.serve(kind), kind, content, pair);
  }

  /** A caller asks again, of the arm that did not answer while it takes requests. */
  private askAgain(kind: number, key: number, content: number): void {
    const arm = armAgain(armOf(kind), this.weight, this.control);
    this.enter(arm, key, content, segmentOf(kind), this.retrying!.again(kind));
  }

  /**
   * The request whose arrival is in the registers joins its replica's queue, now. The station is FIFO, so from here everything
   * about it is known: it starts when the earliest slot falls free. Returns how it ends; start, finish and end are in the registers.
   */
  private serve(kind: number): number {
    const { registers } = this;
    const sim = this.arms[armOf(kind)]!;
    const replica = replicaOf(kind);
    const { fleet } = sim;
    const { nowMs, arrivalMs } = registers;
    fleet.fetched(replica);
    if (sim.isUp[replica] === 0) {
      this.end();
      return FAILED;
    }
    const freeMs = fleet.earliestFreeMs(replica);
    let startMs = nowMs;
    if (freeMs > nowMs) {
      if (sim.queueLimit !== Number.POSITIVE_INFINITY && fleet.waiting(replica) >= sim.queueLimit) {
        this.end();
        return REJECTED;
      }
      if (freeMs - nowMs > sim.queueTimeoutMs) {
        const leaveMs = nowMs + sim.queueTimeoutMs;
        registers.startMs = registers.finishMs = leaveMs;
        registers.doneMs = Math.min(leaveMs, arrivalMs + sim.timeoutMs);
        fleet.waitUntil(replica, leaveMs);
        return TIMED_OUT;
      }
      startMs = freeMs;
      fleet.waitUntil(replica, freeMs);
    }
    const { bySegment } = sim;
    const factor = bySegment === null ? 1 : bySegment.service[segmentOf(kind)]!;
    const finishMs = startMs + sim.serviceMs(replica) * factor;
    fleet.occupy(replica, startMs, finishMs);
    registers.startMs = startMs;
    registers.finishMs = finishMs;
    const status = sim.failsNext() ? FAILED : COMPLETED;
    // The slot is free again while the answer is on its way.
    const doneMs = sim.overhead === null ? finishMs : finishMs + sim.overheadMs(replica);
    if (doneMs - arrivalMs > sim.timeoutMs) {
      registers.doneMs = arrivalMs + sim.timeoutMs;
      return TIMED_OUT;
    }
    registers.doneMs = doneMs;
    return status;
  }

  /** The store has answered a request that is not in the cache. */
  private gotFeatures(kind: number, key: number): void {
    const { registers } = this;
    const sim = this.arms[armOf(kind)]!;
    const found = (kind & WITHOUT_FEATURES) === 0;
    sim.cells[segmentOf(kind)]!.fetched(registers.nowMs - registers.arrivalMs, found);
    if (found && sim.cache !== null) sim.cache.fill(sim.portionOf(replicaOf(kind)), key, registers.nowMs + this.ttlMs);
  }

  /** The request ends here and now without a slot. */
  private end(): void {
    const { registers } = this;
    registers.startMs = registers.finishMs = registers.doneMs = registers.nowMs;
  }

  private settle(status: number, kind: number, content: number, pair: number): void {
    if (this.probe !== null) this.tellProbe(status, kind);
    this.answers.settle(status, kind, content, pair);
  }

  private tellProbe(status: number, kind: number): void {
    const { nowMs, arrivalMs, startMs, finishMs, doneMs } = this.registers;
    this.probe!.dispatched(armOf(kind), replicaOf(kind), arrivalMs, nowMs, startMs, finishMs, status, doneMs);
  }
}
