import type { Content, Scores } from '../models/content.ts';
import type { Outcomes, Scenario } from '../scenarios/scenario.ts';
import { candidateBelow, hashText, mix32, routingPoint } from '../split.ts';
import type { Cell } from '../telemetry/cell.ts';
import { COMPLETED, FAILED, PendingAnswers, REJECTED, TIMED_OUT } from './answers.ts';
import type { ArmSim } from './arm.ts';
import { userOf } from './arrivals/open.ts';
import type { ArrivalSource } from './arrivals/source.ts';
import { Fetching, FROM_STORE, MIRRORED, WITHOUT_FEATURES } from './fetching.ts';
import { ZipfKeys } from './keys.ts';
import { COMPARABLE, LOST, Pairs } from './pairs.ts';
import type { RequestProbe } from './probe.ts';
import type { Stream, Streams } from './random.ts';
import type { Store } from './store.ts';

const BASELINE = 0;
const CANDIDATE = 1;
const NONE = -1;

/** Content table and both models' scores, as the engine reads them. */
export interface EngineContent {
  readonly content: Content;
  /** By arm: baseline, candidate. */
  readonly scores: readonly [Scores, Scores];
}

/**
 * The hot loop: merges arrivals, cache answers (a ring) and store answers (a heap) in order of time, rank (answers before arrivals)
 * and sequence, and dispatches each request to a lazily evaluated station. Between two barriers nothing but requests
 * happens, so whatever finishes before the barrier is counted at once; the rest waits in PendingAnswers.
 */
export class Engine {
  weightPercent = 0;
  mirrorPercent = 0;
  /** Requests arrived so far, copies not counted. */
  arrivedTotal = 0;
  /** Next row of a sequential content table, and how many rows have their scores. */
  row = 0;
  scoredRows: number = Number.POSITIVE_INFINITY;
  probe: RequestProbe | null = null;
  /** The instant being simulated, ms, shared with the fleets: passing doubles to functions would box them. */
  private readonly now: Float64Array;
  private readonly hasScores: boolean;
  readonly fetching: Fetching = new Fetching();
  readonly pending: PendingAnswers = new PendingAnswers();
  private readonly pairs = new Pairs();
  private readonly pendingPairs: number[] = [];
  private readonly arms: readonly ArmSim[];
  private readonly arrivals: ArrivalSource;
  private readonly store: Store | null;
  private readonly keys: ZipfKeys;
  private readonly contentStream: Stream | null;
  private readonly outcomeStream: Stream | null;
  private readonly content: EngineContent | null;
  private readonly outcomes: Outcomes;
  private readonly tolerance: Scenario['shadowTolerance'];
  private readonly users: number;
  private readonly salt: number;
  private readonly hitMs: number;
  private readonly ttlMs: number;
  private at = 0;
  private filled = 0;
  /** Requests that finish before this are counted at once, ms. */
  private barrierMs = 0;

  constructor(scenario: Scenario, parts: EngineParts) {
    this.arms = parts.arms;
    this.now = parts.now;
    this.hasScores = parts.content !== null || scenario.outcomes.kind === 'bernoulli';
    this.arrivals = parts.arrivals;
    this.store = parts.store;
    this.content = parts.content;
    this.outcomes = scenario.outcomes;
    this.tolerance = scenario.shadowTolerance;
    this.users = scenario.traffic.users;
    this.salt = hashText(`${scenario.seed}/split`);
    this.hitMs = scenario.features.cache.hitLatencyMs;
    this.ttlMs = scenario.features.cache.ttlMs;
    this.keys = new ZipfKeys(scenario.traffic.keys.count, scenario.traffic.keys.zipf, parts.streams('keys'));
    const source = scenario.traffic.content;
    this.contentStream = source.kind === 'table' && source.order === 'random' ? parts.streams('content') : null;
    this.outcomeStream = scenario.outcomes.kind === 'bernoulli' ? parts.streams('outcomes') : null;
  }

  /**
   * Lets everything happen that happens before `barrierMs` and returns true; false when the next arrival's content is not scored
   * yet (see `scoredRows`): call again with the same barrier when it is.
   */
  run(barrierMs: number): boolean {
    this.barrierMs = barrierMs;
    this.countPending(barrierMs);
    const { arrivals, now } = this;
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
        now[0] = hitMs;
        this.dispatch(hits.pop());
      } else if (missMs <= arrivalMs) {
        if (missMs >= barrierMs) return true;
        now[0] = missMs;
        this.dispatch(misses.pop());
      } else {
        if (this.row >= this.scoredRows) return false;
        now[0] = arrivalMs;
        this.arrive();
      }
    }
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
    if (this.weightPercent > 0) {
      const user = arrivals.users === null ? userOf(number, this.users) : arrivals.users[at]!;
      if (routingPoint(user, this.salt) < candidateBelow(this.weightPercent)) arm = CANDIDATE;
    }
    // A request that the candidate serves anyway is not copied to it as well.
    const mirror =
      this.mirrorPercent > 0 && arm === BASELINE && mix32(number ^ this.salt) < candidateBelow(this.mirrorPercent);
    const pair = mirror ? this.pairs.open(content, segment) : NONE;
    this.enter(arm, key, content, segment, pair, 0);
    if (mirror) this.enter(CANDIDATE, key, content, segment, pair, MIRRORED);
  }

  private contentOf(recorded: number): number {
    if (this.content === null) return NONE;
    const { rows } = this.content.content;
    if (recorded !== NONE) return recorded % rows;
    if (this.contentStream !== null) return (this.contentStream.next() * rows) | 0;
    const row = this.row;
    this.row = row + 1 === rows ? 0 : row + 1;
    return row;
  }

  private segmentOf(content: number): number {
    return this.arms[BASELINE]!.cells.length === 1 ? 0 : this.content!.content.segments[content]!;
  }

  /** A request (or a copy of one) reaches an arm: a replica is chosen, then its features are fetched. */
  private enter(arm: number, key: number, content: number, segment: number, pair: number, flags: number): void {
    const sim = this.arms[arm]!;
    const { fetching } = this;
    const nowMs = this.now[0]!;
    sim.cells[segment]!.arrived++;
    const replica = sim.fleet.pick();
    const request = fetching.take();
    fetching.arrivalMs[request] = nowMs;
    fetching.arm[request] = arm;
    fetching.segment[request] = segment;
    fetching.replica[request] = replica;
    fetching.key[request] = key;
    fetching.content[request] = content;
    fetching.pair[request] = pair;
    fetching.flags[request] = flags;
    if (replica === NONE) {
      fetching.release(request);
      this.end(REJECTED, request);
      return;
    }
    sim.fleet.fetching[replica]!++;
    if (this.store === null) fetching.hits.push(nowMs, request);
    else if (sim.cache !== null && sim.cache.lookup(sim.portionOf(replica), key, nowMs)) {
      fetching.hits.push(nowMs + this.hitMs, request);
    } else {
      const doneMs = this.store.fetch(arm, nowMs);
      fetching.flags[request] = flags | FROM_STORE | (this.store.found ? 0 : WITHOUT_FEATURES);
      fetching.misses.push(doneMs, request);
    }
  }

  /**
   * The request has its features (or goes without) and joins its replica's queue, now. The station is FIFO, so from here
   * everything about the request is known: it starts when the earliest slot falls free.
   */
  private dispatch(request: number): void {
    const { fetching } = this;
    const sim = this.arms[fetching.arm[request]!]!;
    const replica = fetching.replica[request]!;
    const { fleet } = sim;
    fleet.fetching[replica]!--;
    if (this.store !== null) this.gotFeatures(request);
    fetching.release(request);
    if (sim.isUp[replica] === 0) {
      this.end(FAILED, request);
      return;
    }
    const nowMs = this.now[0]!;
    const arrivalMs = fetching.arrivalMs[request]!;
    const freeMs = fleet.earliestFreeMs(replica);
    let startMs = nowMs;
    if (freeMs > nowMs) {
      startMs = freeMs;
      if (sim.queueLimit !== Number.POSITIVE_INFINITY && fleet.waiting(replica) >= sim.queueLimit) {
        this.end(REJECTED, request);
        return;
      }
      if (freeMs - nowMs > sim.queueTimeoutMs) {
        const leaveMs = nowMs + sim.queueTimeoutMs;
        fleet.waitUntil(replica, leaveMs);
        this.keep(request, TIMED_OUT, leaveMs, leaveMs, leaveMs);
        return;
      }
      fleet.waitUntil(replica, startMs);
    }
    const finishMs = startMs + sim.serviceMs(replica);
    fleet.occupy(replica, startMs, finishMs);
    const failed = sim.failsNext();
    const latencyMs = finishMs - arrivalMs;
    // The usual case, spelled out: answered, in time, before the barrier.
    if (finishMs < this.barrierMs && !failed && latencyMs <= sim.timeoutMs) {
      if (this.probe !== null) this.tellProbe(request, COMPLETED, startMs, finishMs, finishMs);
      sim.cells[fetching.segment[request]!]!.answered(
        latencyMs,
        startMs - nowMs,
        (fetching.flags[request]! & MIRRORED) !== 0,
      );
      if (this.hasScores) this.countScore(sim, request, finishMs);
      if (fetching.pair[request]! !== NONE) this.tellPair(request, COMPLETED, finishMs);
    } else if (latencyMs > sim.timeoutMs) this.keep(request, TIMED_OUT, startMs, finishMs, arrivalMs + sim.timeoutMs);
    else this.keep(request, failed ? FAILED : COMPLETED, startMs, finishMs, finishMs);
  }

  private gotFeatures(request: number): void {
    const { fetching } = this;
    const sim = this.arms[fetching.arm[request]!]!;
    const flags = fetching.flags[request]!;
    const cell = sim.cells[fetching.segment[request]!]!;
    if ((flags & FROM_STORE) === 0) {
      cell.hits++;
      return;
    }
    const nowMs = this.now[0]!;
    const found = (flags & WITHOUT_FEATURES) === 0;
    cell.fetched(nowMs - fetching.arrivalMs[request]!, found);
    if (found && sim.cache !== null) {
      sim.cache.fill(sim.portionOf(fetching.replica[request]!), fetching.key[request]!, nowMs + this.ttlMs);
    }
  }

  /** A request ends here and now without a slot. */
  private end(status: number, request: number): void {
    const nowMs = this.now[0]!;
    this.keep(request, status, nowMs, nowMs, nowMs);
  }

  /** Counts the outcome of a dispatched request when it lies before the barrier, else keeps it for later. Queued now. */
  private keep(request: number, status: number, startMs: number, finishMs: number, doneMs: number): void {
    const { fetching, pending } = this;
    if (this.probe !== null) this.tellProbe(request, status, startMs, finishMs, doneMs);
    const i = pending.add();
    pending.doneMs[i] = doneMs;
    pending.status[i] = status;
    pending.arm[i] = fetching.arm[request]!;
    pending.segment[i] = fetching.segment[request]!;
    pending.replica[i] = fetching.replica[request]!;
    pending.content[i] = fetching.content[request]!;
    pending.flags[i] = fetching.flags[request]!;
    pending.arrivalMs[i] = fetching.arrivalMs[request]!;
    pending.queuedMs[i] = this.now[0]!;
    pending.startMs[i] = startMs;
    pending.finishMs[i] = finishMs;
    const pair = fetching.pair[request]!;
    // A copy that will not answer has no more to say about its pair.
    pending.pair[i] = status === COMPLETED ? pair : NONE;
    if (pair !== NONE) this.tellPair(request, status, doneMs);
    if (doneMs < this.barrierMs) {
      this.count(i);
      pending.size--;
    }
  }

  private tellProbe(request: number, status: number, startMs: number, finishMs: number, doneMs: number): void {
    const { fetching } = this;
    this.probe!.dispatched(
      fetching.arm[request]!,
      fetching.replica[request]!,
      fetching.arrivalMs[request]!,
      this.now[0]!,
      startMs,
      finishMs,
      status,
      doneMs,
    );
  }

  /** Counts pending request `i`, whose outcome has become known. */
  private count(i: number): void {
    const { pending } = this;
    const sim = this.arms[pending.arm[i]!]!;
    const cell = sim.cells[pending.segment[i]!]!;
    const status = pending.status[i]!;
    const mirrored = (pending.flags[i]! & MIRRORED) !== 0;
    if (status !== COMPLETED) {
      cell.unanswered(status === FAILED ? 'failed' : status === REJECTED ? 'rejected' : 'timedOut', mirrored);
      return;
    }
    const doneMs = pending.doneMs[i]!;
    cell.answered(doneMs - pending.arrivalMs[i]!, pending.startMs[i]! - pending.queuedMs[i]!, mirrored);
    if (this.hasScores) this.score(sim, pending.arm[i]!, cell, pending.content[i]!, pending.flags[i]!, doneMs);
  }

  private countScore(sim: ArmSim, request: number, doneMs: number): void {
    const { fetching } = this;
    const cell = sim.cells[fetching.segment[request]!]!;
    this.score(sim, fetching.arm[request]!, cell, fetching.content[request]!, fetching.flags[request]!, doneMs);
  }

  /** Counts the prediction of an answered request, and its label unless no user saw it. */
  private score(sim: ArmSim, arm: number, cell: Cell, content: number, flags: number, doneMs: number): void {
    const mirrored = (flags & MIRRORED) !== 0;
    if (content !== NONE) {
      const score = this.scoreOf(arm, content, flags);
      cell.scored(score);
      if (!mirrored && this.outcomes.kind === 'acceptance') {
        const error = score - this.content!.content.actual[content]!;
        cell.labelled(doneMs, error <= this.outcomes.tolerance && error >= -this.outcomes.tolerance);
      }
    }
    if (!mirrored && this.outcomes.kind === 'bernoulli') this.drawLabel(cell, arm, doneMs);
  }

  private drawLabel(cell: Cell, arm: number, doneMs: number): void {
    if (this.outcomes.kind !== 'bernoulli') return;
    const probability = arm === CANDIDATE ? this.outcomes.candidate : this.outcomes.baseline;
    cell.labelled(doneMs, this.outcomeStream!.next() < probability);
  }

  private scoreOf(arm: number, content: number, flags: number): number {
    const scores = this.content!.scores[arm as 0 | 1];
    const values = (flags & WITHOUT_FEATURES) === 0 ? scores.values : scores.withoutFeatures;
    return values[content]! * this.arms[arm]!.scoreFactor;
  }

  private tellPair(request: number, status: number, doneMs: number): void {
    const { fetching } = this;
    const pair = fetching.pair[request]!;
    const isCandidate = fetching.arm[request] === CANDIDATE;
    const told =
      status === COMPLETED
        ? this.pairs.answered(pair, isCandidate, doneMs, fetching.arrivalMs[request]!, fetching.flags[request]!)
        : this.pairs.lost(pair);
    if (told === LOST) this.pairCell(pair).pairs.lost();
    else if (told === COMPARABLE) {
      if (this.pairs.doneMs[pair]! < this.barrierMs) this.compare(pair);
      else this.pendingPairs.push(pair);
    }
  }

  private pairCell(pair: number): Cell {
    return this.arms[CANDIDATE]!.cells[this.pairs.segment[pair]!]!;
  }

  /** Both copies have answered: their latencies and scores are compared. */
  private compare(pair: number): void {
    const { pairs } = this;
    const recorder = this.pairCell(pair).pairs;
    recorder.complete(pairs.doneMs[pair]! - pairs.arrivalMs[pair]!);
    const content = pairs.content[pair]!;
    if (content !== NONE) {
      const b = this.scoreOf(BASELINE, content, pairs.baselineFlags[pair]!);
      const c = this.scoreOf(CANDIDATE, content, pairs.candidateFlags[pair]!);
      const { absolute, relative } = this.tolerance;
      recorder.scored(b, c, Math.abs(c - b) > absolute + relative * Math.abs(b));
    }
    pairs.close(pair);
  }

  /** Counts what was kept and becomes known before `barrierMs`. */
  private countPending(barrierMs: number): void {
    const { pending } = this;
    let kept = 0;
    for (let i = 0; i < pending.size; i++) {
      if (pending.doneMs[i]! < barrierMs) this.count(i);
      else pending.move(i, kept++);
    }
    pending.size = kept;
    let keptPairs = 0;
    for (const pair of this.pendingPairs) {
      if (this.pairs.doneMs[pair]! < barrierMs) this.compare(pair);
      else this.pendingPairs[keptPairs++] = pair;
    }
    this.pendingPairs.length = keptPairs;
  }

  /** A replica is gone: what it had in hand fails now. */
  crash(arm: number, replica: number, nowMs: number): void {
    const { pending } = this;
    for (let i = 0; i < pending.size; i++) {
      if (pending.arm[i] !== arm || pending.replica[i] !== replica || pending.status[i] === TIMED_OUT) continue;
      this.fail(i, FAILED, nowMs);
    }
    this.arms[arm]!.fleet.crash(replica, nowMs);
  }

  /** A replica stands still for `forMs`: its work ends later, and some of it too late for its caller. */
  hang(arm: number, replica: number, nowMs: number, forMs: number): void {
    const { pending } = this;
    const { timeoutMs, queueTimeoutMs, fleet } = this.arms[arm]!;
    for (let i = 0; i < pending.size; i++) {
      if (pending.arm[i] !== arm || pending.replica[i] !== replica || pending.status[i] === TIMED_OUT) continue;
      if (pending.startMs[i]! > nowMs) pending.startMs[i]! += forMs;
      pending.finishMs[i]! += forMs;
      pending.doneMs[i] = pending.finishMs[i]!;
      const pair = pending.pair[i]!;
      const waitEndMs = pending.queuedMs[i]! + queueTimeoutMs;
      const giveUpMs = pending.arrivalMs[i]! + timeoutMs;
      if (pending.startMs[i]! > waitEndMs) this.fail(i, TIMED_OUT, Math.max(nowMs, waitEndMs));
      else if (pending.finishMs[i]! > giveUpMs) this.fail(i, TIMED_OUT, Math.max(nowMs, giveUpMs));
      else if (pair !== NONE) this.pairs.delay(pair, pending.doneMs[i]!);
    }
    fleet.freeze(replica, nowMs, forMs);
  }

  /** Pending request `i` will not be answered after all; its outcome becomes known at `doneMs`. */
  private fail(i: number, status: number, doneMs: number): void {
    const { pending } = this;
    pending.status[i] = status;
    pending.doneMs[i] = doneMs;
    const pair = pending.pair[i]!;
    pending.pair[i] = NONE;
    if (pair === NONE || this.pairs.revoke(pair) !== LOST) return;
    this.pendingPairs.splice(this.pendingPairs.indexOf(pair), 1);
    this.pairCell(pair).pairs.lost();
    // The other copy may still be pending under this pair's number, which is about to be given to another pair.
    for (let j = 0; j < pending.size; j++) if (pending.pair[j] === pair) pending.pair[j] = NONE;
    this.pairs.close(pair);
  }

  /** Requests inside an arm's segment now: fetching, waiting, in service, or answered beyond the barrier. */
  inFlight(): number[][] {
    const counts = this.arms.map((arm) => arm.cells.map(() => 0));
    this.fetching.forEach((r) => {
      counts[this.fetching.arm[r]!]![this.fetching.segment[r]!]!++;
    });
    for (let i = 0; i < this.pending.size; i++) counts[this.pending.arm[i]!]![this.pending.segment[i]!]!++;
    return counts;
  }
}

export interface EngineParts {
  /** One number: the current time, ms. */
  readonly now: Float64Array;
  readonly arms: readonly ArmSim[];
  readonly arrivals: ArrivalSource;
  readonly store: Store | null;
  readonly content: EngineContent | null;
  readonly streams: Streams;
}
