/** An evaluation: every active guard is asked, and the worst answer decides (roll-back > pause > hold > alert). */
import type { Observation } from '../world.ts';
import { alertSentence, dataLossSentence, pauseSentence } from './explain.ts';
import { bucketIndex, prune } from './fold.ts';
import { type Before, type Evaluated, evaluate } from './guards/evaluate.ts';
import { type Evidence, kept as keptBefore } from './guards/evidence.ts';
import { splitAfter, splitMismatch } from './guards/split-check.ts';
import { starved } from './guards/starved.ts';
import type { Guard, Policy, Stage } from './policy.ts';
import { beginRollback } from './rollback.ts';
import { endOfHold, pause, stageOf } from './stages.ts';
import { ROUNDING_MS, type RolloutState } from './state.ts';
import { alert, change, type Turn } from './turn.ts';

/** Name under which lost windows are told; no guard of a policy may have it. */
export const DATA_LOSS = 'data-loss';

/** Whether a guard looks at this stage. */
export const isActive = (guard: Guard, stage: Stage): boolean =>
  guard.stages === null || guard.stages.includes(stage.name);

/** The evaluation that is due at the state's wake time. */
export function evaluateAll(policy: Policy, turn: Turn, observation: Observation): void {
  const atMs = turn.state.wakeMs;
  const { evaluated, evidence } = ask(policy, turn);
  turn.verdicts.push(...evaluated.map(({ verdict }) => verdict));
  tell(policy, turn, atMs, evaluated);
  act(policy, turn, atMs, evaluated, evidence, observation);
}

/** What every active guard says at the state's wake time, and that they remember it; nobody is told, and nothing follows from it. */
export function ask(policy: Policy, turn: Turn): { evaluated: readonly Evaluated[]; evidence: Evidence } {
  const { state } = turn;
  const atMs = state.wakeMs;
  const stage = stageOf(policy, state.stageIndex);
  const evidence: Evidence = {
    policy,
    stage,
    header: state.header,
    buckets: state.buckets,
    index: state.evaluations,
    firstOfStage: bucketIndex(state.stageStartMs, policy.evaluateEveryMs) + 1,
    before: state.before,
  };
  const bucket = state.buckets.find(({ index }) => index === evidence.index);
  const split = splitAfter(state.split, bucket);
  const mismatch = splitMismatch(split, stage, state.header.users);
  const evaluated = policy.guards
    .filter((guard) => isActive(guard, stage))
    .map((guard) => evaluate(guard, evidence, beforeOf(guard, state), mismatch, atMs));
  const evaluations = state.evaluations + 1;
  change(turn, {
    evaluations,
    wakeMs: (evaluations + 1) * policy.evaluateEveryMs,
    streaks: { ...state.streaks, ...kept(evaluated, ({ streak }) => streak) },
    memories: { ...state.memories, ...kept(evaluated, ({ memory }) => memory) },
    standing: kept(evaluated, ({ guard, standing }) => (guard.delayMs > 0 || guard.test !== null ? standing : null)),
    split,
    before: keptBefore(state.before, evidence),
    buckets: prune(policy, state.buckets, state.evaluations),
  });
  return { evaluated, evidence };
}

const beforeOf = ({ name }: Guard, { streaks, memories, standing }: RolloutState): Before => ({
  streak: streaks[name],
  memory: memories[name],
  standing: standing[name] ?? 0,
});

/** What the guards have to remember, by name; null is nothing. */
const kept = <T>(evaluated: readonly Evaluated[], of: (each: Evaluated) => T | null): Record<string, T> =>
  Object.fromEntries(
    evaluated.flatMap((each) => {
      const value = of(each);
      return value === null ? [] : [[each.guard.name, value] as const];
    }),
  );

/** Alerts, once per onset: it ends when the guard passes. */
function tell(policy: Policy, turn: Turn, atMs: number, evaluated: readonly Evaluated[]): void {
  const alerted = new Set(turn.state.alerted);
  for (const each of evaluated) {
    const { guard, verdict, dataLoss } = each;
    if (dataLoss) alert(turn, atMs, DATA_LOSS, dataLossSentence(each, policy));
    if (verdict.verdict === 'pass') alerted.delete(guard.name);
    if (verdict.verdict !== 'breach' || guard.action !== 'alert' || alerted.has(guard.name)) continue;
    alerted.add(guard.name);
    alert(turn, atMs, guard.name, alertSentence(verdict));
  }
  change(turn, { alerted: [...alerted] });
}

/** How much speaks for a breach, ln E; −Infinity of a guard that does not weigh it. */
export const evidenceOf = ({ verdict }: Evaluated): number => verdict.test?.evidence ?? -Infinity;

/**
 * Of several broken guards the one with the most evidence (ln E of a test that weighs it); of guards without any the first of the policy. How long
 * each has been broken says nothing: a trailing sum breaks at its first look beyond the bound, a streak only after its whole length.
 */
function foremost(broken: readonly Evaluated[]): Evaluated | undefined {
  return broken.toSorted((a, b) => (evidenceOf(a) === evidenceOf(b) ? 0 : evidenceOf(b) - evidenceOf(a)))[0];
}

function act(
  policy: Policy,
  turn: Turn,
  atMs: number,
  evaluated: readonly Evaluated[],
  evidence: Evidence,
  observation: Observation,
): void {
  const broken = (action: Guard['action']): Evaluated | undefined =>
    foremost(evaluated.filter(({ guard, verdict }) => guard.action === action && verdict.verdict === 'breach'));
  const worst = broken('roll-back');
  if (worst !== undefined) return beginRollback(policy, turn, atMs, worst.verdict, observation);
  const silence = starved(evidence, atMs);
  if (silence !== null) {
    turn.verdicts.push(silence);
    alert(turn, atMs, silence.guard, alertSentence(silence));
  }
  const stop = silence ?? broken('pause')?.verdict ?? null;
  if (stop !== null) {
    pause(turn, atMs, stop.guard, pauseSentence(stop));
    change(turn, { endedBy: stop });
  } else if (atMs - turn.state.stageStartMs >= evidence.stage.holdMs - ROUNDING_MS)
    endOfHold(policy, turn, atMs, evaluated);
}
