/** From the front of a search to one policy: who is still no worse than the base on seeds the search has not seen, with as few changes as it takes. */
import type { Policy } from '../../controller/policy.ts';
import { compare, isNoWorse, paretoFront } from './front.ts';
import type { Tried } from './explore.ts';
import type { Objectives, ScenarioRate } from './search-result.ts';
import { type Point, policyAt, type Space } from './space.ts';

/** More are looked at again only to be dropped. */
const MOST_FINALISTS = 40;

/** Those of the front, the best first, with the base; places in `tried`. */
export function finalistsOf(tried: readonly Tried[]): readonly number[] {
  const front = paretoFront(tried.map(({ objectives }) => objectives));
  const best = front.toSorted((a, b) => compare(tried[a]!.objectives, tried[b]!.objectives));
  // Those that beat the base first: only they can be chosen.
  const base = tried[0]!.objectives;
  const ordered = [
    ...best.filter((i) => holdsUp(tried[i]!.objectives, base)),
    ...best.filter((i) => !holdsUp(tried[i]!.objectives, base)),
  ];
  return [...new Set([0, ...ordered.slice(0, MOST_FINALISTS)])];
}

/** What no policy may pay for the rest with. Harm is weighed, but a base that stops everything at once does little of it. */
const VETOES = ['falseRollback', 'notCaught', 'undecidedHealthy', 'detectionDelayMs'] as const;

const holdsUp = (own: Objectives, base: Objectives): boolean =>
  VETOES.every((name) => (own[name] ?? 0) <= (base[name] ?? 0));

/** Rates below this are not told apart: what is worked out from a few recordings is no more exact. */
export const SMALLEST_RATE = 1e-4;

/**
 * Scenarios in which a policy takes back healthy candidates more often than the base. A mean hides them: a thousandth here is nothing beside
 * what is gained elsewhere, and is counted in no few recordings.
 */
export const oftenerThan = (base: readonly ScenarioRate[], own: readonly ScenarioRate[]): readonly string[] =>
  own.flatMap(({ scenario, ratio }) => {
    const before = base.find((each) => each.scenario === scenario)!;
    return ratio > Math.max(before.ratio, SMALLEST_RATE) ? [scenario] : [];
  });

/**
 * The finalist with the fewest false rollbacks (then missed regressions, then the shortest delay, …) on the choice seeds, of those that
 * have no more false rollbacks, missed regressions, undecided rollouts or delay than the base on either part, and that `isAllowed`; 0 when there
 * is none.
 */
export function choose(
  finalists: readonly number[],
  tried: readonly Tried[],
  choice: readonly Objectives[],
  isAllowed: (policy: Policy) => boolean = () => true,
): number {
  const [base, baseChoice] = [tried[finalists[0]!]!.objectives, choice[0]!];
  let best = 0;
  for (const [i, place] of finalists.entries()) {
    if (!holdsUp(tried[place]!.objectives, base) || !holdsUp(choice[i]!, baseChoice)) continue;
    if (compare(choice[i]!, baseChoice) >= 0) continue;
    const better =
      compare(choice[i]!, choice[best]!) || compare(tried[place]!.objectives, tried[finalists[best]!]!.objectives);
    if ((best === 0 || better < 0) && isAllowed(tried[place]!.policy)) best = i;
  }
  return best;
}

/**
 * Takes back, one by one, the changes that nothing is gained by, the last setting first. `judge` gives the objectives of a policy on
 * every part that may be looked at; policies that are not allowed stay out.
 */
export function prune(
  space: Space,
  point: Point,
  judge: (policy: Policy) => readonly Objectives[],
  isAllowed: (policy: Policy) => boolean = () => true,
): Point {
  let kept = point;
  let now = judge(policyAt(space, point)!);
  for (let s = point.length - 1; s >= 0; s--) {
    if (kept[s]! < 0) continue;
    const without = kept.with(s, -1);
    const policy = policyAt(space, without);
    if (policy === null) continue;
    const objectives = judge(policy);
    if (!objectives.every((each, i) => isNoWorse(each, now[i]!)) || !isAllowed(policy)) continue;
    kept = without;
    now = objectives;
  }
  return kept;
}
