/**
 * Guards that prefix sums do not tell, tests and delays and means: the controller's own evaluation is stepped through the recording once, and what
 * each guard said of each stage is kept, whatever policy it then stands in.
 */
import { evidenceOf, isActive } from '../../controller/evaluation.ts';
import { GuardWatch } from '../../controller/guard-watch.ts';
import type { Guard, Policy } from '../../controller/policy.ts';
import { ROUNDING_MS } from '../../controller/state.ts';
import type { Judged } from '../judge.ts';
import { BREACH, INCONCLUSIVE, PASS } from './guard.ts';

export class SteppedGuard {
  /** The same for guards that say the same: all that they and their policy bring to an evaluation. */
  readonly key: string;
  readonly guard: Guard;
  /** Whose stages, coverage and gaps hold. */
  readonly policy: Policy;

  constructor(guard: Guard, policy: Policy, key: string) {
    this.guard = guard;
    this.policy = policy;
    this.key = key;
  }

  isActive(stage: number): boolean {
    return isActive(this.guard, this.policy.stages[stage]!);
  }
}

/** What a guard said, stage by stage of the schedule. */
export interface Answers {
  /** Evaluation of the first breach; Infinity: none. */
  readonly breachAt: Float64Array;
  /** ln of the evidence at that breach; −Infinity where none is weighed. */
  readonly evidence: Float64Array;
  /** PASS, BREACH or INCONCLUSIVE at the stage's last evaluation that was recorded. */
  readonly atEnd: Uint8Array;
}

const SAID = { pass: PASS, breach: BREACH, inconclusive: INCONCLUSIVE } as const;

/** `firsts`: first evaluation of each stage, and the end of the schedule, as the recording was led. Answers are in the order of the guards. */
export function stepThrough(
  guards: readonly SteppedGuard[],
  { header, windows }: Judged,
  firsts: readonly number[],
  evaluations: number,
): readonly Answers[] {
  const answers = guards.map((): Answers => {
    const stages = firsts.length - 1;
    return {
      breachAt: new Float64Array(stages).fill(Infinity),
      evidence: new Float64Array(stages).fill(-Infinity),
      atEnd: new Uint8Array(stages).fill(INCONCLUSIVE),
    };
  });
  // A policy's stages, coverage and gaps are part of the key, so guards of equal ones can be asked together.
  const groups = Map.groupBy(guards.keys(), (g) => JSON.stringify(settingsOf(guards[g]!.policy)));
  for (const places of groups.values()) {
    const { policy } = guards[places[0]!]!;
    // Names are places: guards of several policies may share one. Nobody acts, so nobody need say how much more a guard would need.
    const asked = places.map(
      (g): Guard => ({
        ...guards[g]!.guard,
        name: String(g),
        action: 'watch',
        requiredToAdvance: false,
      }),
    );
    const watch = new GuardWatch({ ...policy, guards: asked }, header);
    let next = 0;
    let stage = -1;
    for (let t = 0; t < evaluations; t++) {
      while (stage < firsts.length - 2 && firsts[stage + 1]! <= t) watch.begin(++stage, t * policy.evaluateEveryMs);
      const from = next;
      const untilMs = (t + 1) * policy.evaluateEveryMs + ROUNDING_MS;
      while (next < windows.length && windows[next]!.endMs <= untilMs) next++;
      for (const each of watch.evaluate(windows.slice(from, next))) {
        const { breachAt, evidence, atEnd } = answers[Number(each.guard.name)]!;
        const said = SAID[each.verdict.verdict];
        atEnd[stage] = said;
        if (said !== BREACH || breachAt[stage] !== Infinity) continue;
        breachAt[stage] = t;
        evidence[stage] = evidenceOf(each);
      }
    }
  }
  return answers;
}

/** What of a policy its guards read when they are evaluated. */
export const settingsOf = ({ stages, coverage, maxGap, evaluateEveryMs }: Policy): object => ({
  stages,
  coverage,
  maxGap,
  evaluateEveryMs,
});
