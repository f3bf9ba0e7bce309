/**
 * Many policies on many rollouts, without `decide`: the same verdicts (proved by test), worked out guard by guard and stage by stage
 * from prefix sums. Guards that policies have in common are asked once per rollout.
 */
import { hashOf } from '../../config/hash.ts';
import type { Guard, Policy, Stage } from '../../controller/policy.ts';
import { ROUNDING_MS } from '../../controller/state.ts';
import type { Judgement, JudgedVerdict } from '../judge.ts';
import { scheduleOf } from '../schedule.ts';
import type { Grid } from './grid.ts';
import { BREACH, FastGuard, type GuardRun, PASS, type Seen } from './guard.ts';
import { starvedAt } from './starved.ts';

/** A policy whose guards are places in the judge's list. */
interface FastPolicy {
  readonly policy: Policy;
  readonly guards: readonly { readonly guard: Guard; readonly place: number }[];
  /** First evaluation window of each stage; the stage's last one is before the next stage's first. */
  readonly firsts: readonly number[];
}

const STARVED = 'starved';

/** Judges policies of one schedule that are evaluated equally often. */
export class FastJudge {
  private readonly guards: FastGuard[] = [];
  private readonly policies: readonly FastPolicy[];

  constructor(policies: readonly Policy[]) {
    const places = new Map<string, number>();
    this.policies = policies.map((policy) => {
      const { evaluateEveryMs: everyMs, stages } = policy;
      const schedule = scheduleOf(policy);
      const starts = [...schedule.stages.map(({ startMs }) => startMs), schedule.endMs];
      return {
        policy,
        firsts: starts.slice(0, stages.length + 1).map((startMs) => Math.round(startMs / everyMs)),
        guards: policy.guards.filter(decides).map((guard) => {
          // What a guard is called and what follows from its breach does not change what it sees.
          const { name: _, description: __, action: ___, requiredToAdvance: ____, ...rest } = guard;
          const key = hashOf({ ...rest, coverage: policy.coverage, maxGap: policy.maxGap, everyMs, stages });
          const place = places.get(key) ?? this.guards.push(new FastGuard(guard, policy)) - 1;
          places.set(key, place);
          return { guard, place };
        }),
      };
    });
  }

  /** One judgement per policy, in their order. The rollout must be on the schedule of the policies (see `isOnSchedule`). */
  judge(grid: Grid): Judgement[] {
    const runs = new Map<number, GuardMemo>();
    const memoOf = (place: number): GuardMemo => {
      let memo = runs.get(place);
      if (memo === undefined) runs.set(place, (memo = new GuardMemo(this.guards[place]!.start(grid))));
      return memo;
    };
    const silent: number[] = [];
    const silentAt = (stage: Stage, s: number, first: number, last: number): number =>
      (silent[s] ??= starvedAt(grid, stage, first, last));
    return this.policies.map((policy) => judgeOne(policy, grid, memoOf, silentAt));
  }
}

/** Watching and alerting change nothing. */
const decides = ({ action, requiredToAdvance }: Guard): boolean =>
  requiredToAdvance || action === 'roll-back' || action === 'pause' || action === 'hold';

/** What a guard has seen in the stages so far: streaks may carry over, so stages are asked in their order. */
class GuardMemo {
  private readonly run: GuardRun;
  private readonly seen: (Seen | null)[] = [];

  constructor(run: GuardRun) {
    this.run = run;
  }

  stage({ policy, firsts }: FastPolicy, guard: Guard, s: number, lastOf: (s: number) => number): Seen | null {
    for (let i = this.seen.length; i <= s; i++) {
      const stage = policy.stages[i]!;
      this.seen.push(isActive(guard, stage.name) ? this.run.stage(stage, firsts[i]!, lastOf(i)) : null);
    }
    return this.seen[s]!;
  }
}

const isActive = ({ stages }: Guard, stage: string): boolean => stages === null || stages.includes(stage);

function judgeOne(
  fast: FastPolicy,
  grid: Grid,
  memoOf: (place: number) => GuardMemo,
  silenceOf: (stage: Stage, s: number, first: number, last: number) => number,
): Judgement {
  const { policy, guards, firsts } = fast;
  const { evaluateEveryMs: everyMs, stages } = policy;
  const of = (verdict: JudgedVerdict, s: number | null, t: number | null, guard: string | null): Judgement => ({
    verdict,
    decidedAtMs: t === null ? null : (t + 1) * everyMs,
    stage: s === null ? null : stages[s]!.name,
    guard,
  });
  if (policy.requireCompatibleSchemas && grid.incompatible)
    return { verdict: 'refused', decidedAtMs: 0, stage: null, guard: null };
  const lastOf = (s: number): number => Math.min(firsts[s + 1]! - 1, grid.evaluations - 1);
  for (let s = 0; s < stages.length; s++) {
    const stage = stages[s]!;
    const last = lastOf(s);
    const promotesAtOnce = s > 0 && s === stages.length - 1 && stage.holdMs === 0;
    if (promotesAtOnce) return of('promoted', s, firsts[s]! - 1, null);
    // Who acts first, and of those who act at the same evaluation, who has the last word.
    let rollBackAt = Infinity;
    let rollBack: string | null = null;
    let pauseAt = Infinity;
    let pauser: string | null = null;
    let required = 0;
    let blocker: string | null = null;
    for (const { guard, place } of guards) {
      const seen = memoOf(place).stage(fast, guard, s, lastOf);
      if (seen === null) continue;
      if (guard.action === 'roll-back' && seen.breachAt < rollBackAt) {
        rollBackAt = seen.breachAt;
        rollBack = guard.name;
      }
      if (guard.action === 'pause' && seen.breachAt < pauseAt) {
        pauseAt = seen.breachAt;
        pauser = guard.name;
      }
      if (guard.requiredToAdvance) required++;
      const blocks =
        (guard.requiredToAdvance && seen.atEnd !== PASS) || (guard.action === 'hold' && seen.atEnd === BREACH);
      if (blocks) blocker ??= guard.name;
    }
    const silentAt = silenceOf(stage, s, firsts[s]!, last);
    if (silentAt <= pauseAt) {
      pauseAt = silentAt;
      pauser = STARVED;
    }
    if (rollBackAt <= pauseAt && rollBackAt !== Infinity) return of('rolled-back', s, rollBackAt, rollBack);
    if (pauseAt !== Infinity) return of('paused', s, pauseAt, pauser);
    const isHeld = last === firsts[s + 1]! - 1 && last >= firsts[s]!;
    const passes = isHeld && required > 0 && blocker === null;
    if (isHeld && passes && s === stages.length - 1) return of('promoted', s, last, null);
    const next = stages[s + 1];
    if (passes && next?.holdMs === 0 && s + 2 === stages.length) return of('promoted', s + 1, last, null);
    if (isHeld && !passes && isExhausted(fast, s, last)) return of('paused', s, last, blocker);
    const isLast = grid.trafficEnded && last === grid.evaluations - 1;
    if (isLast && (!isHeld || (last + 1) * everyMs >= grid.endMs - ROUNDING_MS))
      return { ...of('paused', passes ? s + 1 : s, null, null), decidedAtMs: grid.endMs };
    if (isHeld && !passes) return of('off-schedule', s, last, null);
    if (!isHeld) return of('recording-over', s, null, null);
  }
  throw new RangeError(`got a policy whose stages end without a promotion: ${policy.name}`);
}

/** A stage that may not be extended is over for good. */
function isExhausted({ policy, firsts }: FastPolicy, s: number, last: number): boolean {
  const { holdMs, extendMs } = policy.stages[s]!;
  const heldMs = (last + 1 - firsts[s]!) * policy.evaluateEveryMs;
  return heldMs >= holdMs + extendMs - ROUNDING_MS;
}
