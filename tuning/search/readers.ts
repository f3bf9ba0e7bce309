/** Policies that together read all that any policy of a space may read: what they are shown is what recordings must hold. */
import type { Policy } from '../../controller/policy.ts';
import type { LatencyThreshold } from '../../telemetry/window.ts';
import { thresholdsOfAll } from '../plan.ts';
import { coverage, schedules } from './points.ts';
import { policyAt, type Space } from './space.ts';

/** So many are listed; a space of more is judged on whole recordings. */
const MOST = 5000;

export interface Readers {
  readonly policies: readonly Policy[];
  /** Whether no policy of the space reads more. */
  readonly all: boolean;
}

export function readersOf(space: Space): Readers {
  let all = true;
  const policies = schedules(space).flatMap((start) => {
    const points = coverage(space, start, MOST);
    all &&= points !== null;
    return (points ?? [start]).map((point) => policyAt(space, point)).filter((policy) => policy !== null);
  });
  return { policies, all };
}

/** Every latency bound that occurs in the space, whatever goes with it. */
export const thresholdsIn = (space: Space): readonly LatencyThreshold[] =>
  thresholdsOfAll(
    space.settings.flatMap(({ values }, s) =>
      [-1, ...values.keys()]
        .map((i) =>
          policyAt(
            space,
            space.settings.map((_, other) => (other === s ? i : -1)),
          ),
        )
        .filter((policy) => policy !== null),
    ),
  );
