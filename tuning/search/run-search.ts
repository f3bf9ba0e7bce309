/** Searches a policy space on the recordings of a sweep that is done: from the plan and the recordings alone, so the same everywhere. */
import { readText } from '../../config/document.ts';
import { packageFolders } from '../../config/package-root.ts';
import { mergeYaml } from '../../config/yaml.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import { policyHash } from '../../controller/policy-hash.ts';
import type { Policy } from '../../controller/policy.ts';
import { Stream } from '../../sim/random.ts';
import { expectedSmallest } from '../../statistics/selection.ts';
import { stringify } from 'yaml';
import { isFast } from '../fast/judge.ts';
import type { JobResult } from '../job.ts';
import { mcnemar } from '../mcnemar.ts';
import { type Plan, planHash } from '../plan.ts';
import type { SweepFiles } from '../sweep-files.ts';
import { choose, finalistsOf, prune } from './choose.ts';
import { Explorer, type Tried } from './explore.ts';
import { paretoFront } from './front.ts';
import { figuresOf, isFalseRollback, isMissed, objectivesOf, type Trials } from './objectives.ts';
import { type Part, PolicyBench } from './policy-bench.ts';
import { reasonOf, verdictOf } from './reasons.ts';
import { recommendation, valueText } from './recommend.ts';
import type { Change, HeldOutComparison, Objectives, SearchResult } from './search-result.ts';
import { seedParts } from './seed-parts.ts';
import { settingAt } from './setting-path.ts';
import { type Point, policyAt, sizeOf, type Space } from './space.ts';
import { falseRollbackRates, Veto } from './veto.ts';

export interface Found {
  readonly result: SearchResult;
  /** recommended-policy.yaml; null when the base policy stays. */
  readonly recommended: string | null;
}

/** Throws RangeError when the plan has no space. */
export async function runSearch(plan: Plan, files: SweepFiles, results: readonly JobResult[]): Promise<Found> {
  const { space } = plan;
  if (space === null) throw new RangeError('got a plan without a policy space, expected one');
  const parts = seedParts(Array.from({ length: plan.replications }, (_, r) => r));
  const bench = await PolicyBench.open(plan, files, results, space, parts);
  const trialsOf = (part: Part, policy: Policy): readonly Trials[] => bench.judge(part, [policy])[0]!;
  const onSearch = (policies: readonly Policy[]): readonly Objectives[] =>
    bench.judge('search', policies).map(objectivesOf);
  const { tried: explored, refused } = new Explorer(space, onSearch).explore(new Stream(`search/${space.hash}`));
  const places = finalistsOf(explored);
  const choice = places.map((i) => objectivesOf(trialsOf('choice', explored[i]!.policy)));
  const veto = new Veto(bench, explored[0]!.policy);
  const best = explored[places[choose(places, explored, choice, (policy) => veto.allows(policy))]!]!;
  const seen = (policy: Policy): readonly Objectives[] =>
    (['search', 'choice'] as const).map((part) => objectivesOf(trialsOf(part, policy)));
  const point = prune(space, best.point, seen, (policy) => veto.allows(policy));
  const policy = policyAt(space, point)!;
  // What pruning has made is a policy of the space like any other.
  const hash = policyHash(policy);
  const tried = explored.some((each) => each.hash === hash)
    ? explored
    : [...explored, { point, policy, hash, objectives: onSearch([policy])[0]! }];
  const id = tried.findIndex((each) => each.hash === hash);
  const front = new Set(paretoFront(tried.map(({ objectives }) => objectives)));
  const base = tried[0]!;
  const heldOut = trialsOf('heldOut', policy);
  const baseHeldOut = trialsOf('heldOut', base.policy);
  const figures = { chosen: figuresOf(heldOut), base: figuresOf(baseHeldOut) };
  const result: SearchResult = {
    schemaVersion: 1,
    plan: planHash(plan),
    space: {
      name: space.name,
      hash: space.hash,
      size: sizeOf(space),
      settings: space.settings.map(({ path, values }) => ({ path, values: values.map(textOf) })),
    },
    base: base.policy.name,
    method: space.method,
    seeds: parts,
    refused,
    policies: tried.map((each, i) => ({
      id: i,
      hash: each.hash,
      changes: changesOf(space, each.point),
      search: each.objectives,
      isOnFront: front.has(i),
    })),
    finalists: [...new Set([...places, id])].map((i) => ({
      id: i,
      search: figuresOf(trialsOf('search', tried[i]!.policy)),
      choice: figuresOf(trialsOf('choice', tried[i]!.policy)),
      falseRollbacks: veto.ratesOf(tried[i]!.policy),
    })),
    vetoed: veto.vetoed,
    chosen: {
      id,
      why:
        id === 0
          ? 'no policy of the space was better than the base policy on the choice seeds'
          : verdictOf(figures.base.objectives, figures.chosen.objectives),
      search: figuresOf(trialsOf('search', policy)),
      heldOut: figures.chosen,
      baseHeldOut: figures.base,
      byLuck: luckOf(base.policy, bench, tried.length),
      comparisons: heldOut.map((each, i) => comparisonOf(baseHeldOut[i]!, each)),
    },
    falseRollbackRates:
      isFast(base.policy) && isFast(policy)
        ? {
            base: falseRollbackRates(bench, base.policy, ['search', 'choice', 'heldOut']),
            chosen: falseRollbackRates(bench, policy, ['heldOut']),
          }
        : null,
  };
  return { result, recommended: id === 0 ? null : recommend(space, tried[id]!, result, seen) };
}

/**
 * What the best of so many policies would show on the search seeds if none of them were better than the base is on the seeds it was not
 * chosen by; null where that is nothing.
 */
function luckOf(base: Policy, bench: PolicyBench, policies: number): number | null {
  const healthy = (part: Part): readonly Trials[] =>
    bench.judge(part, [base])[0]!.filter(({ scenario }) => scenario.truth.candidate === 'healthy');
  const events = (part: Part): number =>
    healthy(part).reduce((sum, each) => sum + each.ended.filter((ended) => isFalseRollback(each, ended)).length, 0);
  const rollouts = (part: Part): number => healthy(part).reduce((sum, { ended }) => sum + ended.length, 0);
  const of = rollouts('choice') + rollouts('heldOut');
  const rate = of === 0 ? 0 : (events('choice') + events('heldOut')) / of;
  return rate === 0 || rate === 1 ? null : expectedSmallest(policies, rollouts('search'), rate);
}

function comparisonOf(base: Trials, chosen: Trials): HeldOutComparison {
  const isHealthy = base.scenario.truth.candidate === 'healthy';
  const is = isHealthy ? isFalseRollback : isMissed;
  const { both, onlyFirst, onlySecond, neither, p } = mcnemar(
    base.ended.map((ended, i) => [is(base, ended), is(chosen, chosen.ended[i]!)]),
  );
  const event = isHealthy ? 'false-rollback' : 'missed-regression';
  return { scenario: base.scenario.name, event, both, onlyBase: onlyFirst, onlyChosen: onlySecond, neither, p };
}

const textOf = (value: unknown): string | null => (value === null || value === undefined ? null : valueText(value));

function changesOf({ settings, base }: Space, point: Point): readonly Change[] {
  return settings.flatMap(({ path, values }, s): Change[] => {
    if (point[s]! < 0) return [];
    const found = settingAt(base, path);
    const from = 'value' in found ? textOf(found.value) : null;
    const to = textOf(values[point[s]!]);
    return from === to ? [] : [{ path, from, to }];
  });
}

function recommend(
  space: Space,
  { point, policy, hash }: Tried,
  { base, chosen, seeds, plan }: SearchResult,
  seen: (policy: Policy) => readonly Objectives[],
): string {
  const whole = merged(seen(policy));
  const changes = space.settings.flatMap(({ path, values }, s) => {
    const [change] = changesOf({ ...space, settings: [space.settings[s]!] }, [point[s]!]);
    if (change === undefined) return [];
    const without = policyAt(space, point.with(s, -1));
    const why = reasonOf(change.from ?? 'not there', whole, without === null ? null : merged(seen(without)));
    return [{ path, value: values[point[s]!], why }];
  });
  const name = `${base}-tuned`;
  const text = recommendation(baseText(space), name, headOf(base, chosen.why, seeds.heldOut.length, plan), changes);
  // What is written must be what was judged.
  if (policyHash({ ...loadPolicy(space.baseFile, text), name: policy.name }) !== hash)
    throw new RangeError('got a recommended policy that is not the one that was judged');
  return text;
}

const headOf = (base: string, why: string, heldOut: number, plan: string): readonly string[] => [
  `Recommended by \`coalmine tune --space\` over ${base} (plan ${plan.slice(7, 19)}).`,
  `${why}; ${heldOut} seeds per scenario, which neither search nor choice had looked at.`,
  'Beside each change: what it was, and what taking it back alone would do on the seeds of search and choice.',
];

/** The base policy's own text; one that extends another is written out. */
function baseText({ baseFile, base }: Space): string {
  const { files } = mergeYaml(baseFile, undefined, packageFolders('policies'));
  return files.length === 1 ? readText(baseFile) : stringify(base);
}

/** The mean of two parts, objective by objective. */
function merged(parts: readonly Objectives[]): Objectives {
  const mean = (name: keyof Objectives): number | null => {
    const known = parts.map((each) => each[name]).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    falseRollback: mean('falseRollback'),
    undecidedHealthy: mean('undecidedHealthy'),
    notCaught: mean('notCaught'),
    detectionDelayMs: mean('detectionDelayMs'),
    harm: mean('harm'),
    timeToPromoteMs: mean('timeToPromoteMs'),
  };
}
