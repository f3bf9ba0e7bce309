/** Searches a policy space on the recordings of a sweep that is done: from the plan and the recordings alone, so the same everywhere. */
import { policyHash } from '../../controller/policy-hash.ts';
import type { Policy } from '../../controller/policy.ts';
import { Stream } from '../../sim/random.ts';
import type { JobResult } from '../job.ts';
import type { Plan } from '../plan.ts';
import type { SweepFiles } from '../sweep-files.ts';
import { choose, finalistsOf, prune } from './choose.ts';
import { Explorer, type Tried } from './explore.ts';
import { objectivesOf } from './objectives.ts';
import { PolicyBench } from './policy-bench.ts';
import { recommend } from './recommended-policy.ts';
import { resultOf } from './result-of.ts';
import type { Objectives, SearchResult } from './search-result.ts';
import { seedParts } from './seed-parts.ts';
import { policyAt, type Space } from './space.ts';
import { Veto } from './veto.ts';

export interface Found {
  readonly result: SearchResult;
  /** recommended-policy.yaml; null when the base policy stays. */
  readonly recommended: string | null;
}

/** A search that is over: what was tried, and what came out best. */
export interface Search {
  /** The base policy first, what pruning made last. */
  readonly tried: readonly Tried[];
  /** Points whose values fail together. */
  readonly refused: number;
  /** Places in `tried` of the policies that the choice was among. */
  readonly finalists: readonly number[];
  /** Place in `tried` of the policy that is recommended; 0 is the base policy. */
  readonly chosen: number;
  readonly veto: Veto;
}

/** Throws RangeError when the plan has no space. */
export async function runSearch(plan: Plan, files: SweepFiles, results: readonly JobResult[]): Promise<Found> {
  const { space } = plan;
  if (space === null) throw new RangeError('got a plan without a policy space, expected one');
  const parts = seedParts(Array.from({ length: plan.replications }, (_, r) => r));
  const bench = await PolicyBench.open(plan, files, results, space, parts);
  const search = await searchIn(space, bench);
  const result = resultOf(plan, space, bench, search);
  const chosen = search.tried[search.chosen]!;
  return {
    result,
    recommended: search.chosen === 0 ? null : recommend(space, chosen, result, (policy) => seenOf(bench, policy)),
  };
}

/** Explores on the seeds of search, chooses on those of choice, and takes back what nothing is gained by. */
async function searchIn(space: Space, bench: PolicyBench): Promise<Search> {
  const onSearch = (policies: readonly Policy[]): readonly Objectives[] =>
    bench.judge('search', policies).map(objectivesOf);
  const explorer = new Explorer(space, onSearch);
  const { tried: explored, refused } = await explorer.explore(new Stream(`search/${space.hash}`));
  const finalists = finalistsOf(explored);
  const choice = finalists.map((i) => objectivesOf(bench.trials('choice', explored[i]!.policy)));
  const veto = new Veto(bench, explored[0]!.policy);
  const allows = (policy: Policy): boolean => veto.allows(policy);
  const best = explored[finalists[choose(finalists, explored, choice, allows)]!]!;
  const point = prune(space, best.point, (policy) => seenOf(bench, policy), allows);
  const policy = policyAt(space, point)!;
  // What pruning has made is a policy of the space like any other.
  const hash = policyHash(policy);
  const tried = explored.some((each) => each.hash === hash)
    ? explored
    : [...explored, { point, policy, hash, objectives: onSearch([policy])[0]! }];
  return { tried, refused, finalists, chosen: tried.findIndex((each) => each.hash === hash), veto };
}

/** A policy on the seeds that a recommendation may be explained by, part by part. */
const seenOf = (bench: PolicyBench, policy: Policy): readonly Objectives[] =>
  (['search', 'choice'] as const).map((part) => objectivesOf(bench.trials(part, policy)));
