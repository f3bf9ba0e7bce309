/** Guard verdicts out of the log: grouped, named by what they meant for the rollout, and run together into spans. */
import type { GuardVerdict } from '../controller/decision.ts';
import type { Guard, Policy } from '../controller/policy.ts';
import type { LogLine } from '../outcome.ts';

/** `over`: beyond the bound, but not (yet) ending the rollout: not long enough, or a guard that only holds, alerts or watches. */
export type GuardState = 'pass' | 'over' | 'breach' | 'inconclusive';
export const STATES: readonly GuardState[] = ['pass', 'over', 'breach', 'inconclusive'];
export const STATE_WORDS: Readonly<Record<GuardState, string>> = {
  pass: 'pass',
  over: 'over the bound, rollout goes on',
  breach: 'breach',
  inconclusive: 'inconclusive',
};

export interface StateSpan {
  readonly guard: string;
  readonly state: GuardState;
  readonly startMs: number;
  endMs: number;
  /** Evaluations in the span. */
  times: number;
}

export const isVerdict = (line: LogLine): line is Extract<LogLine, { type: 'verdict' }> => line.type === 'verdict';
export const isDecision = (line: LogLine): line is Extract<LogLine, { type: 'decision' }> => line.type === 'decision';
export const isFault = (line: LogLine): line is Extract<LogLine, { type: 'fault' }> => line.type === 'fault';

export function stateOf(guard: Guard, verdict: GuardVerdict): GuardState {
  const ends = guard.action === 'pause' || guard.action === 'roll-back';
  if (verdict.verdict === 'breach') return ends ? 'breach' : 'over';
  // A streak that is not long enough yet is inconclusive to the controller; a reader wants to see it grow.
  const building = guard.sustained?.reading === 'every' && verdict.sustainedMs > 0 && verdict.value !== null;
  return building ? 'over' : verdict.verdict;
}

/** Verdicts per guard of the policy that was evaluated at least once, in the policy's order. */
export function verdictsByGuard(log: readonly LogLine[], policy: Policy): ReadonlyMap<Guard, readonly GuardVerdict[]> {
  const byName = Map.groupBy(log.filter(isVerdict), (verdict) => verdict.guard);
  return new Map(
    policy.guards.flatMap((guard) => {
      const verdicts = byName.get(guard.name);
      return verdicts === undefined ? [] : [[guard, verdicts] as const];
    }),
  );
}

/** A verdict speaks for the evaluation window before it; equal neighbours run together, gaps mean "not active". */
export function stateSpans(guard: Guard, verdicts: readonly GuardVerdict[], evaluateEveryMs: number): StateSpan[] {
  const spans: StateSpan[] = [];
  for (const verdict of verdicts) {
    const state = stateOf(guard, verdict);
    const last = spans.at(-1);
    const joined = last !== undefined && last.state === state && verdict.atMs - last.endMs <= evaluateEveryMs * 1.5;
    if (joined) {
      last.endMs = verdict.atMs;
      last.times++;
      continue;
    }
    const startMs = Math.max(last?.endMs ?? 0, verdict.atMs - evaluateEveryMs);
    spans.push({ guard: guard.name, state, startMs, endMs: verdict.atMs, times: 1 });
  }
  return spans;
}
