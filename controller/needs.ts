/** Which histograms and labels by user a policy's guards read, so that nothing else is decoded, kept and copied. */
import type { Arm } from '../telemetry/window.ts';
import type { Guard, Metric, Policy } from './policy.ts';
import type { Part } from './tally.ts';

/** Name of the tally of an arm and segment. */
export const cellOf = (arm: Arm, segment: string): string => `${arm}/${segment}`;

/** Parts per cell; a cell that is not named needs its counts only. */
export type Needs = ReadonlyMap<string, ReadonlySet<Part>>;

function partOf(metric: Metric): Part | null {
  switch (metric.kind) {
    case 'latency':
    case 'feature-fetch':
      return metric.kind;
    case 'score':
      return 'scores';
    case 'distribution':
      return metric.of === 'score' ? 'scores' : 'latency';
    default:
      return null;
  }
}

/** The arms a guard compares, the guarded one first. */
export const armsOf = (guard: Guard): readonly Arm[] =>
  guard.bound?.kind === 'relative' ? ['candidate', guard.bound.to] : ['candidate'];

/** Whether a guard tells users apart. */
export const tellsUsersApart = ({ test }: Pick<Guard, 'test'>): boolean =>
  test?.method === 'ratio-sequence' && test.clusterBy !== undefined;

/** Whether some guard does, which a world must know before the first request. */
export const readsUsers = ({ guards }: Pick<Policy, 'guards'>): boolean => guards.some(tellsUsersApart);

/** What one guard reads beside counts: of mirrored pairs when it compares those, else of the arms. */
export function partsOf(guard: Guard, ofPairs: boolean): ReadonlySet<Part> {
  if (tellsUsersApart(guard)) return new Set(['users']);
  const part = partOf(guard.metric);
  return new Set(part === null ? [] : [ofPairs ? 'pairs' : part]);
}

export function needsOf(policy: Policy): Needs {
  const needs = new Map<string, Set<Part>>();
  const need = (arm: Arm, segment: string, part: Part): void => {
    const cell = cellOf(arm, segment);
    needs.set(cell, (needs.get(cell) ?? new Set()).add(part));
  };
  for (const guard of policy.guards) {
    if (tellsUsersApart(guard)) for (const arm of armsOf(guard)) need(arm, guard.segment, 'users');
    const part = partOf(guard.metric);
    if (part === null) continue;
    for (const arm of armsOf(guard)) need(arm, guard.segment, part);
    if (part === 'scores') need('candidate', guard.segment, 'pairs');
    // The baseline is held to this bound when a rollback verifies it.
    if (part === 'feature-fetch' && guard.bound?.kind === 'absolute') need('baseline', guard.segment, part);
  }
  return needs;
}

/** Segments some guard reads, and "all", which the rules about traffic read. */
export const segmentsOf = (policy: Policy): ReadonlySet<string> =>
  new Set(['all', ...policy.guards.map((guard) => guard.segment)]);
