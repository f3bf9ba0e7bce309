/**
 * Many policies on many rollouts, without `decide`: the same verdicts (proved by test), worked out guard by guard and stage by stage
 * from prefix sums, or where those do not tell by stepping through the recording. Guards that policies have in common are asked once per rollout.
 */
import { canonicalJson } from '../../config/hash.ts';
import { STARVED } from '../../controller/guards/starved.ts';
import { isEarlier } from '../../controller/guards/evidence.ts';
import type { Guard, Policy, SustainedGuard } from '../../controller/policy.ts';
import { ROUNDING_MS } from '../../controller/state.ts';
import type { Judgement, JudgedVerdict } from '../judge.ts';
import { scheduleOf } from '../schedule.ts';
import type { Grid } from './grid.ts';
import { BREACH, FastGuard, INCONCLUSIVE, PASS } from './guard.ts';
import { mismatchesOf } from './split.ts';
import { starvedAt } from './starved.ts';
import { settingsOf, SteppedGuard } from './stepped.ts';

/** A policy whose guards are places in the judge's list. */
interface FastPolicy {
  readonly policy: Policy;
  readonly guards: readonly {
    readonly place: number;
    readonly required: boolean;
    readonly action: Guard['action'];
  }[];
}

export const VERDICTS: readonly JudgedVerdict[] = [
  'promoted',
  'rolled-back',
  'paused',
  'refused',
  'off-schedule',
  'recording-over',
];
export const PROMOTED = 0;
export const ROLLED_BACK = 1;
export const PAUSED = 2;
export const REFUSED = 3;
export const OFF_SCHEDULE = 4;
export const RECORDING_OVER = 5;

/** Who decided, when it was no guard of the policy. */
const NOBODY = -1;
const SILENCE = -2;

/** Judges policies of one schedule that are evaluated equally often. Answers are in its arrays, one place per policy. */
export class FastJudge {
  /** Places in VERDICTS. */
  readonly verdicts: Uint8Array;
  /** NaN: never. */
  readonly decidedAtMs: Float64Array;
  readonly stages: Int16Array;
  /** Places in the policy's list of deciding guards; negative: none. */
  private readonly deciders: Int16Array;
  private readonly names: readonly (readonly string[])[];
  private readonly policies: readonly FastPolicy[];
  private readonly guards: (FastGuard | SteppedGuard)[] = [];
  /** Those of them that are stepped through. */
  private readonly stepped: readonly SteppedGuard[];
  /** First evaluation window of each stage; the last entry is the end of the schedule. */
  private readonly firsts: readonly number[];
  private readonly everyMs: number;
  /** What guards have seen in this rollout: by guard and stage, up to `asked` stages. */
  private readonly asked: Uint8Array;
  private readonly breachAt: Float64Array;
  private readonly atEnd: Uint8Array;
  /** ln of the evidence at the breach, of guards that weigh it. */
  private readonly evidence: Float64Array;
  private readonly silentAt: Float64Array;
  /** By stage, once a guard minded: where the router did not keep its shares. */
  private readonly off: (Uint8Array | null | undefined)[] = [];

  /** Throws RangeError when the policies differ in their schedules or in how often they are evaluated, or one is not for it (see `canJudge`). */
  constructor(policies: readonly Policy[]) {
    const [first] = policies;
    if (first === undefined) throw new RangeError('got no policy, expected at least one');
    this.everyMs = first.evaluateEveryMs;
    this.firsts = firstsOf(first);
    const places = new Map<string, number>();
    const deciding = policies.map((policy) => policy.guards.filter(decides));
    this.policies = policies.map((policy, p) => {
      if (policy.evaluateEveryMs !== this.everyMs || firstsOf(policy).join() !== this.firsts.join())
        throw new RangeError(`got policy ${policy.name} on another schedule, expected that of ${first.name}`);
      if (!canJudge(policy))
        throw new RangeError(
          `got policy ${policy.name} with a stage about some segments, expected all of every request`,
        );
      const guards = deciding[p]!.map((guard) => {
        const asked = askerOf(guard, policy);
        const { key } = asked;
        const place = places.get(key) ?? this.guards.push(asked.make()) - 1;
        places.set(key, place);
        return { place, required: guard.requiredToAdvance, action: guard.action };
      });
      return { policy, guards };
    });
    this.stepped = this.guards.filter((guard) => guard instanceof SteppedGuard);
    this.names = deciding.map((guards) => guards.map(({ name }) => name));
    const { length } = policies;
    this.verdicts = new Uint8Array(length);
    this.decidedAtMs = new Float64Array(length);
    this.stages = new Int16Array(length);
    this.deciders = new Int16Array(length);
    const cells = this.guards.length * first.stages.length;
    this.asked = new Uint8Array(this.guards.length);
    this.breachAt = new Float64Array(cells);
    this.atEnd = new Uint8Array(cells);
    this.evidence = new Float64Array(cells).fill(-Infinity);
    this.silentAt = new Float64Array(first.stages.length);
  }

  /** Judges every policy; the rollout must be on their schedule (see `isOnSchedule`). */
  run(grid: Grid): void {
    this.asked.fill(0);
    this.off.length = 0;
    const { stages } = this.policies[0]!.policy;
    for (let s = 0; s < stages.length; s++)
      this.silentAt[s] = starvedAt(grid, stages[s]!, this.firsts[s]!, this.lastOf(grid, s));
    for (let p = 0; p < this.policies.length; p++) this.judgeOne(grid, p);
  }

  /** Asks every guard about every stage, so that the grid has summed up all that these policies can ever read. */
  touch(grid: Grid): void {
    const { stages } = this.policies[0]!.policy;
    this.asked.fill(0);
    this.off.length = 0;
    for (let s = 0; s < stages.length; s++) starvedAt(grid, stages[s]!, this.firsts[s]!, this.lastOf(grid, s));
    for (let place = 0; place < this.guards.length; place++) this.ask(grid, place, stages.length - 1);
  }

  /** The same, with one judgement per policy. */
  judge(grid: Grid): Judgement[] {
    this.run(grid);
    return this.policies.map(({ policy }, p): Judgement => {
      const atMs = this.decidedAtMs[p]!;
      const decider = this.deciders[p]!;
      return {
        verdict: VERDICTS[this.verdicts[p]!]!,
        decidedAtMs: Number.isNaN(atMs) ? null : atMs,
        stage: policy.stages[this.stages[p]!]?.name ?? null,
        guard: decider === SILENCE ? STARVED : (this.names[p]![decider] ?? null),
      };
    });
  }

  /** The last evaluation of a stage that was recorded. */
  private lastOf({ evaluations }: Grid, s: number): number {
    return Math.min(this.firsts[s + 1]! - 1, evaluations - 1);
  }

  private judgeOne(grid: Grid, p: number): void {
    const { firsts, everyMs } = this;
    const { policy, guards } = this.policies[p]!;
    const { stages } = policy;
    if (policy.requireCompatibleSchemas && grid.incompatible) return this.found(p, REFUSED, -1, 0, NOBODY);
    for (let s = 0; s < stages.length; s++) {
      const stage = stages[s]!;
      const last = this.lastOf(grid, s);
      const atMs = (last + 1) * everyMs;
      // Who acts first, and of those who act at the same evaluation, who has the last word.
      let rollBackAt = Infinity;
      let rollBackEvidence = -Infinity;
      let rollBack = NOBODY;
      let pauseAt = Infinity;
      let pauseEvidence = -Infinity;
      let pauser = NOBODY;
      let required = 0;
      let blocker = NOBODY;
      for (let g = 0; g < guards.length; g++) {
        const guard = guards[g]!;
        if (!this.guards[guard.place]!.isActive(s)) continue;
        const cell = this.ask(grid, guard.place, s);
        const breachAt = this.breachAt[cell]!;
        const atEnd = this.atEnd[cell]!;
        const evidence = this.evidence[cell]!;
        // Of those that break together the one with the most evidence, as `foremost` in controller/evaluation.ts says.
        const isOver = breachAt !== Infinity;
        if (
          isOver &&
          guard.action === 'roll-back' &&
          (breachAt < rollBackAt || (breachAt === rollBackAt && evidence > rollBackEvidence))
        ) {
          rollBackAt = breachAt;
          rollBackEvidence = evidence;
          rollBack = g;
        }
        if (
          isOver &&
          guard.action === 'pause' &&
          (breachAt < pauseAt || (breachAt === pauseAt && evidence > pauseEvidence))
        ) {
          pauseAt = breachAt;
          pauseEvidence = evidence;
          pauser = g;
        }
        if (guard.required) required++;
        const blocks = (guard.required && atEnd !== PASS) || (guard.action === 'hold' && atEnd === BREACH);
        if (blocks && blocker === NOBODY) blocker = g;
      }
      if (this.silentAt[s]! <= pauseAt) {
        pauseAt = this.silentAt[s]!;
        pauser = SILENCE;
      }
      if (rollBackAt !== Infinity && rollBackAt <= pauseAt)
        return this.found(p, ROLLED_BACK, s, (rollBackAt + 1) * everyMs, rollBack);
      if (pauseAt !== Infinity) return this.found(p, PAUSED, s, (pauseAt + 1) * everyMs, pauser);
      const isHeld = last === firsts[s + 1]! - 1 && last >= firsts[s]!;
      const passes = isHeld && required > 0 && blocker === NOBODY;
      if (passes && s === stages.length - 1) return this.found(p, PROMOTED, s, atMs, NOBODY);
      // A last stage without a hold is the promotion itself.
      if (passes && s === stages.length - 2 && stages[s + 1]!.holdMs === 0)
        return this.found(p, PROMOTED, s + 1, atMs, NOBODY);
      const heldMs = (last + 1 - firsts[s]!) * everyMs;
      if (isHeld && !passes && heldMs >= stage.holdMs + stage.extendMs - ROUNDING_MS)
        return this.found(p, PAUSED, s, atMs, blocker);
      const isLast = grid.trafficEnded && last === grid.evaluations - 1;
      if (isLast && (!isHeld || atMs >= grid.endMs - ROUNDING_MS))
        return this.found(p, PAUSED, passes ? s + 1 : s, grid.endMs, NOBODY);
      if (!isHeld) return this.found(p, RECORDING_OVER, s, Number.NaN, NOBODY);
      if (!passes) return this.found(p, OFF_SCHEDULE, s, atMs, NOBODY);
    }
  }

  /** Where a guard's answer for a stage is; streaks may carry over, so the stages before it are asked first. */
  private ask(grid: Grid, place: number, s: number): number {
    const base = place * (this.firsts.length - 1);
    const asked = this.asked[place]!;
    if (asked > s) return base + s;
    const guard = this.guards[place]!;
    if (guard instanceof SteppedGuard) {
      this.recall(grid);
      return base + s;
    }
    if (asked === 0) guard.begin();
    for (let i = asked; i <= s; i++) {
      const isActive = guard.isActive(i);
      if (isActive) guard.ask(grid, i, this.firsts[i]!, this.lastOf(grid, i), guard.minds ? this.offIn(grid, i) : null);
      this.breachAt[base + i] = isActive ? guard.breachAt : Infinity;
      this.atEnd[base + i] = isActive ? guard.atEnd : INCONCLUSIVE;
    }
    this.asked[place] = s + 1;
    return base + s;
  }

  /** What all stepped guards said of this rollout, of every stage. */
  private recall(grid: Grid): void {
    const stages = this.firsts.length - 1;
    if (grid.stepped === undefined) throw new RangeError('got sums alone, expected a recording to step through');
    const answers = grid.stepped(this.stepped, this.firsts);
    for (const [i, guard] of this.stepped.entries()) {
      const place = this.guards.indexOf(guard);
      this.breachAt.set(answers[i]!.breachAt, place * stages);
      this.evidence.set(answers[i]!.evidence, place * stages);
      this.atEnd.set(answers[i]!.atEnd, place * stages);
      this.asked[place] = stages;
    }
  }

  private offIn(grid: Grid, s: number): Uint8Array | null {
    const known = this.off[s];
    if (known !== undefined) return known;
    const stage = this.policies[0]!.policy.stages[s]!;
    return (this.off[s] = mismatchesOf(grid, stage, this.firsts[s]!, this.lastOf(grid, s)));
  }

  private found(p: number, verdict: number, stage: number, atMs: number, decider: number): void {
    this.verdicts[p] = verdict;
    this.stages[p] = stage;
    this.decidedAtMs[p] = atMs;
    this.deciders[p] = decider;
  }
}

/** In a stage about some segments, "all" is another sum than the recorded one. */
export const canJudge = ({ stages }: Policy): boolean => stages.every(({ segments }) => segments === undefined);

/** Whether all that decides is a bound for some time, which prefix sums tell: millions of policies a second. */
export const isFast = (policy: Policy): boolean => canJudge(policy) && policy.guards.filter(decides).every(isCounted);

/** Tests and delays have memories that prefix sums do not tell, means are no counts, and what was before is no stretch of these. */
const isCounted = ({ test, delayMs, sustained, metric, bound }: Guard): boolean =>
  !isEarlier({ bound }) &&
  test === null &&
  delayMs === 0 &&
  sustained !== null &&
  !['measure', 'young-outcome-ratio'].includes(metric.kind);

/** Who works out what a guard says, and a key that is the same where it is the same. */
function askerOf(
  guard: Guard,
  policy: Policy,
): { readonly key: string; readonly make: () => FastGuard | SteppedGuard } {
  const key = keyOf(guard, policy);
  return isCounted(guard)
    ? { key, make: () => new FastGuard(guard as SustainedGuard, policy) }
    : { key, make: () => new SteppedGuard(guard, policy, key) };
}

/** Watching and alerting change nothing. */
export const decides = ({ action, requiredToAdvance }: Guard): boolean =>
  requiredToAdvance || action === 'roll-back' || action === 'pause' || action === 'hold';

/** What a guard is called and what follows from its breach does not change what it sees. */
function keyOf(guard: Guard, policy: Policy): string {
  const { name: _, description: __, action: ___, requiredToAdvance: ____, ...rest } = guard;
  return canonicalJson({ guard: rest, ...settingsOf(policy) });
}

function firstsOf(policy: Policy): readonly number[] {
  const { stages, endMs } = scheduleOf(policy);
  return [...stages.map(({ startMs }) => startMs), endMs].map((ms) => Math.round(ms / policy.evaluateEveryMs));
}
