/** `segment: each`: one guard written once, asked of every segment by itself. */
import { type Guard, opens, type Policy } from './policy.ts';

export const EACH = 'each';

/** What a guard is called that is asked of one segment. */
export const nameIn = (guard: string, segment: string): string => `${guard}/${segment}`;

/**
 * The policy with one guard per segment in place of every guard that reads `each`, active in the stages that open its segment. They are
 * guards like all others: every one must pass where it is required, the worst decides, and too few samples in one segment are
 * inconclusive there whatever the others say (law L3). A test's α covers all of them, so each gets an equal part (Bonferroni).
 * Without segments nothing can stand for `each`: the policy comes back as it is, and `misfits` says so.
 */
export function perSegment(policy: Policy, segments: readonly string[]): Policy {
  if (segments.length === 0 || policy.guards.every(({ segment }) => segment !== EACH)) return policy;
  const guards = policy.guards.flatMap((guard) =>
    guard.segment === EACH ? segments.flatMap((segment) => guardIn(guard, segment, segments.length, policy)) : [guard],
  );
  return { ...policy, guards };
}

function guardIn(guard: Guard, segment: string, count: number, { stages }: Policy): readonly Guard[] {
  const { test } = guard;
  const own = stages.filter((stage) => opens(stage, segment)).map(({ name }) => name);
  const active = own.filter((name) => guard.stages === null || guard.stages.includes(name));
  if (active.length === 0) return [];
  return [
    {
      ...guard,
      name: nameIn(guard.name, segment),
      segment,
      test: test !== null && 'alpha' in test ? { ...test, alpha: test.alpha / count } : test,
      stages: guard.stages === null && own.length === stages.length ? null : active,
    },
  ];
}
