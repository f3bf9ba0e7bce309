/** A whole rehearsal of one policy, for what no recording holds: what came of an extension, and how long the rollback took. */
import { controller } from '../controller/decide.ts';
import { readsUsers } from '../controller/needs.ts';
import { type Policy, usesControl } from '../controller/policy.ts';
import { thresholdsOf } from '../controller/thresholds.ts';
import type { Outcome } from '../outcome.ts';
import { rehearse } from '../rehearse.ts';
import { preFlightOf } from '../pre-flight.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { ScoredContent } from '../sim/answers.ts';
import { SimWorld } from '../sim/world.ts';
import { WindowChecker } from '../telemetry/invariants.ts';
import type { Window } from '../telemetry/window.ts';
import { type Harm, harmUntil } from './harm.ts';

export interface Rehearsed {
  readonly verdict: Outcome['verdict'];
  readonly decidedAtMs: number | null;
  readonly guard: string | null;
  /** Until the decision. */
  readonly harm: Harm;
  /** From the decision until the rollback was complete; null when there was none, or it stayed incomplete. */
  readonly rollbackMs: number | null;
  readonly withinDeadline: boolean | null;
}

export async function rehearseFully(
  scenario: Scenario,
  policy: Policy,
  content: ScoredContent | null,
  check?: () => void,
): Promise<Rehearsed> {
  const preFlight = preFlightOf(scenario);
  const refused = policy.requireCompatibleSchemas && preFlight.schemaIssues.length > 0;
  const world = await SimWorld.open(scenario, {
    thresholds: thresholdsOf(policy),
    content: refused ? null : content,
    control: usesControl(policy),
    users: readsUsers(policy),
  });
  try {
    const checker = new WindowChecker();
    const windows: Window[] = [];
    const { state, endMs } = await rehearse(world, controller, policy, preFlight, {
      window(window) {
        checker.check(window);
        windows.push(window);
      },
      step({ actions }, observation) {
        check?.();
        checker.acted(actions, observation?.nowMs ?? 0);
      },
    });
    const { verdict, decidedAtMs, endedBy, rollback } = state;
    if (verdict === 'running') throw new RangeError('got a running rollout, expected one that has ended');
    const completeMs = rollback?.completeMs ?? null;
    const rollbackMs = rollback === null || completeMs === null ? null : completeMs - rollback.decidedAtMs;
    return {
      verdict,
      decidedAtMs,
      guard: endedBy?.guard ?? null,
      harm: harmUntil({ header: world.header, windows }, policy, decidedAtMs ?? endMs),
      rollbackMs,
      withinDeadline: rollback === null ? null : rollbackMs !== null && rollbackMs <= rollback.deadlineMs,
    };
  } finally {
    await world.close();
  }
}
