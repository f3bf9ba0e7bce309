import type { Content, Scores } from '../models/content.ts';
import type { Outcomes, Scenario } from '../scenarios/scenario.ts';
import type { Cell } from '../telemetry/cell.ts';
import type { ArmSim } from './arm.ts';
import type { Lists } from './lists.ts';
import { COMPARABLE, LOST, Pairs } from './pairs.ts';
import { Pending } from './pending.ts';
import type { Queries } from './queries.ts';
import type { Stream } from './random.ts';
import { armOf, cellOf, MIRRORED, type Registers, replicaOf, segmentOf, WITHOUT_FEATURES } from './registers.ts';
import { inclination } from './users.ts';

/** How a request ended. */
export const COMPLETED = 0;
export const FAILED = 1;
export const REJECTED = 2;
export const TIMED_OUT = 3;

const BASELINE = 0;
const CANDIDATE = 1;
const NONE = -1;

/** Content table and both models' scores, as the simulator reads them. */
export interface ScoredContent {
  readonly content: Content;
  /** By arm: baseline, candidate. */
  readonly scores: readonly [Scores, Scores];
}

export interface AnswerParts {
  readonly arms: readonly ArmSim[];
  readonly content: ScoredContent | null;
  /** Draws synthetic labels, when the scenario has those. */
  readonly labels: Stream | null;
  /** Says what becomes of queries, when the scenario has those. */
  readonly queries: Queries | null;
  /** Judges lists, when models answer with those. */
  readonly lists: Lists | null;
  readonly registers: Registers;
  readonly keepsUsers: boolean;
}

/**
 * Counts outcomes when their time has come: at once when it lies before the barrier, later otherwise. Joins the copies of
 * mirrored requests, and takes back what a crash or a hang makes untrue.
 */
export class Answers {
  /** Outcomes before this instant are final, ms. */
  barrierMs = 0;
  readonly pending: Pending;
  private readonly pairs = new Pairs();
  private readonly pendingPairs: number[] = [];
  private readonly arms: readonly ArmSim[];
  /** By arm and segment. */
  private readonly cells: readonly Cell[];
  private readonly segments: number;
  private readonly content: ScoredContent | null;
  private readonly labels: Stream | null;
  private readonly queries: Queries | null;
  private readonly lists: Lists | null;
  private readonly outcomes: Outcomes;
  private readonly tolerance: Scenario['shadowTolerance'];
  private readonly registers: Registers;
  /** Hears of every request of a user that got no answer, with its times in the registers; null: nobody asks again. */
  unanswered: ((status: number, kind: number, content: number) => void) | null = null;
  /** When the copy that `settleFirst` counted was done, ms (a fraction before: see Registers). */
  private firstDoneMs = Number.NaN;

  constructor(scenario: Scenario, { arms, content, labels, queries, lists, registers, keepsUsers }: AnswerParts) {
    this.pending = new Pending(keepsUsers);
    this.arms = arms;
    this.cells = arms.flatMap((arm) => arm.cells);
    this.segments = arms[BASELINE]!.cells.length;
    this.content = content;
    this.labels = labels;
    this.queries = queries;
    this.lists = lists;
    this.outcomes = scenario.outcomes;
    this.tolerance = scenario.shadowTolerance;
    this.registers = registers;
  }

  /** A pair for a request that is about to be copied. */
  openPair(content: number, segment: number): number {
    return this.pairs.open(content, segment);
  }

  /** A request's outcome and times (in the registers) are known, unless something happens before it is done. */
  settle(status: number, kind: number, content: number, pair: number): void {
    if (this.registers.doneMs < this.barrierMs) this.count(status, kind, content);
    // A copy that will not answer has no more to say about its pair.
    else this.pending.add(status, kind, content, status === COMPLETED ? pair : NONE, this.registers);
    if (pair !== NONE) this.tellPair(pair, status, kind);
  }

  /**
   * The baseline's copy of a request both of whose copies are dispatched now; the registers hold its times. Nearly always both
   * end before the barrier, so no pair is opened: returns NONE, and `settleSecond` compares them. Else returns their pair.
   */
  settleFirst(status: number, kind: number, content: number): number {
    const { registers } = this;
    if (status === COMPLETED && registers.doneMs < this.barrierMs) {
      this.firstDoneMs = registers.doneMs;
      this.count(status, kind, content);
      return NONE;
    }
    const pair = this.pairs.open(content, segmentOf(kind));
    this.settle(status, kind, content, pair);
    return pair;
  }

  /** The candidate's copy of the same request; `first` is what the baseline's is, `opened` what `settleFirst` returned. */
  settleSecond(status: number, kind: number, content: number, first: number, opened: number): void {
    const { registers, firstDoneMs } = this;
    let pair = opened;
    if (pair === NONE) {
      const { doneMs } = registers;
      if (status === COMPLETED && doneMs < this.barrierMs) {
        this.count(status, kind, content);
        const slowerMs = (doneMs > firstDoneMs ? doneMs : firstDoneMs) - registers.arrivalMs;
        this.compareCopies(this.cells[cellOf(kind, this.segments)]!, slowerMs, content, first, kind);
        return;
      }
      pair = this.pairs.open(content, segmentOf(kind));
      this.pairs.answered(pair, false, first, firstDoneMs, registers.arrivalMs);
    }
    this.settle(status, kind, content, pair);
  }

  /** Moves the barrier: counts what was kept and becomes known before it. */
  advance(barrierMs: number): void {
    this.barrierMs = barrierMs;
    const { pending, pendingPairs } = this;
    let kept = 0;
    for (let i = 0; i < pending.size; i++) {
      if (pending.doneMs[i]! < barrierMs) {
        pending.load(i, this.registers);
        this.count(pending.status[i]!, pending.kind[i]!, pending.content[i]!);
      } else pending.move(i, kept++);
    }
    pending.size = kept;
    kept = 0;
    for (const pair of pendingPairs) {
      if (this.pairs.doneMs[pair]! < barrierMs) this.compare(pair);
      else pendingPairs[kept++] = pair;
    }
    pendingPairs.length = kept;
  }

  /** A replica is gone: what it had in hand fails now. */
  crash(arm: number, replica: number, nowMs: number): void {
    for (const i of this.inHand(arm, replica)) this.fail(i, FAILED, nowMs);
    this.arms[arm]!.fleet.crash(replica, nowMs);
  }

  /** A replica stands still for `forMs`: its work ends later, and some of it too late for its caller. */
  hang(arm: number, replica: number, nowMs: number, forMs: number): void {
    const { pending } = this;
    const { timeoutMs, queueTimeoutMs, fleet } = this.arms[arm]!;
    for (const i of this.inHand(arm, replica)) {
      if (pending.startMs[i]! > nowMs) pending.startMs[i]! += forMs;
      pending.finishMs[i]! += forMs;
      pending.doneMs[i]! += forMs;
      const waitEndMs = pending.queuedMs[i]! + queueTimeoutMs;
      const giveUpMs = pending.arrivalMs[i]! + timeoutMs;
      if (pending.startMs[i]! > waitEndMs) this.fail(i, TIMED_OUT, Math.max(nowMs, Math.min(waitEndMs, giveUpMs)));
      else if (pending.doneMs[i]! > giveUpMs) this.fail(i, TIMED_OUT, Math.max(nowMs, giveUpMs));
      else if (pending.pair[i] !== NONE) this.pairs.delay(pending.pair[i]!, pending.doneMs[i]!);
    }
    fleet.freeze(replica, nowMs, forMs);
  }

  /** Pending requests that a replica is still going to serve; those whose caller has given up do not count. */
  private inHand(arm: number, replica: number): number[] {
    const { pending } = this;
    const found: number[] = [];
    for (let i = 0; i < pending.size; i++) {
      const kind = pending.kind[i]!;
      if (armOf(kind) === arm && replicaOf(kind) === replica && pending.status[i] !== TIMED_OUT) found.push(i);
    }
    return found;
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
    this.forgetPair(pair);
    this.pairs.close(pair);
  }

  /** A copy may still be pending under this pair's number, which is about to be given to another pair. */
  private forgetPair(pair: number): void {
    const { pending } = this;
    for (let j = pending.size - 1; j >= 0; j--) if (pending.pair[j] === pair) pending.pair[j] = NONE;
  }

  /** Counts the request whose times are in the registers. */
  private count(status: number, kind: number, content: number): void {
    const { registers } = this;
    const cell = this.cells[cellOf(kind, this.segments)]!;
    const mirrored = (kind & MIRRORED) !== 0;
    if (status !== COMPLETED) {
      cell.unanswered(status === FAILED ? 'failed' : status === REJECTED ? 'rejected' : 'timedOut', mirrored);
      if (this.unanswered !== null && !mirrored) this.unanswered(status, kind, content);
      return;
    }
    cell.answered(registers.doneMs - registers.arrivalMs, registers.startMs - registers.nowMs, mirrored);
    if (content !== NONE) this.score(cell, kind, content);
    if (mirrored) return;
    if (this.labels !== null) this.drawLabel(cell, armOf(kind));
    else if (this.queries !== null) this.queries.label(cell, kind);
  }

  /** Counts the prediction of an answered request, and its label unless no user saw it. */
  private score(cell: Cell, kind: number, content: number): void {
    const score = this.scoreOf(armOf(kind), content, kind);
    cell.scored(score);
    if (this.lists !== null) this.lists.count(cell, kind, content);
    if ((kind & MIRRORED) !== 0 || this.outcomes.kind !== 'acceptance') return;
    const error = score - this.content!.content.actual[content]!;
    const { doneMs, user } = this.registers;
    cell.labelled(doneMs, error <= this.outcomes.tolerance && error >= -this.outcomes.tolerance, user);
  }

  private drawLabel(cell: Cell, arm: number): void {
    if (this.outcomes.kind !== 'bernoulli') return;
    const { baseline, candidate, betweenUsers } = this.outcomes;
    const { doneMs, user } = this.registers;
    const average = arm === CANDIDATE ? candidate : baseline;
    const probability = betweenUsers === undefined ? average : average * inclination(user, betweenUsers);
    cell.labelled(doneMs, this.labels!.next() < probability, user);
  }

  private scoreOf(arm: number, content: number, kind: number): number {
    // The control cohort runs the baseline's model.
    const scores = this.content!.scores[arm === CANDIDATE ? CANDIDATE : BASELINE];
    const values = (kind & WITHOUT_FEATURES) === 0 ? scores.values : scores.withoutFeatures;
    const { scoreFactor, bySegment } = this.arms[arm]!;
    return values[content]! * (bySegment === null ? scoreFactor : scoreFactor * bySegment.score[segmentOf(kind)]!);
  }

  private tellPair(pair: number, status: number, kind: number): void {
    const { pairs, registers } = this;
    const told =
      status === COMPLETED
        ? pairs.answered(pair, armOf(kind) === CANDIDATE, kind, registers.doneMs, registers.arrivalMs)
        : pairs.lost(pair);
    if (told === LOST) {
      this.pairCell(pair).pairs.lost();
      this.forgetPair(pair);
    } else if (told === COMPARABLE) {
      if (pairs.doneMs[pair]! < this.barrierMs) this.compare(pair);
      else this.pendingPairs.push(pair);
    }
  }

  private pairCell(pair: number): Cell {
    return this.cells[this.segments + this.pairs.segment[pair]!]!;
  }

  /** Both copies have answered: their latencies and scores are compared. */
  private compare(pair: number): void {
    const { pairs } = this;
    const slowerMs = pairs.doneMs[pair]! - pairs.arrivalMs[pair]!;
    const content = pairs.content[pair]!;
    this.compareCopies(this.pairCell(pair), slowerMs, content, pairs.baselineKind[pair]!, pairs.candidateKind[pair]!);
    pairs.close(pair);
  }

  private compareCopies(cell: Cell, slowerMs: number, content: number, baseline: number, candidate: number): void {
    cell.pairs.complete(slowerMs);
    if (content === NONE) return;
    const b = this.scoreOf(BASELINE, content, baseline);
    const c = this.scoreOf(CANDIDATE, content, candidate);
    if (this.lists !== null) this.lists.compare(cell, content, baseline, candidate);
    const { absolute, relative } = this.tolerance;
    cell.pairs.scored(b, c, Math.abs(c - b) > absolute + relative * Math.abs(b));
  }
}
