/** search.json: what a search tried and chose, with the figures of the seeds that nobody had looked at. */
import type { Policy } from '../../controller/policy.ts';
import { expectedSmallest } from '../../statistics/selection.ts';
import { isFast } from '../fast/judge.ts';
import { mcnemar } from '../mcnemar.ts';
import { type Plan, planHash } from '../plan.ts';
import { paretoFront } from './front.ts';
import { figuresOf, isFalseRollback, isMissed, type Trials } from './objectives.ts';
import type { Part, PolicyBench } from './policy-bench.ts';
import { verdictOf } from './reasons.ts';
import { valueText } from './recommend.ts';
import type { Search } from './run-search.ts';
import type { Change, HeldOutComparison, SearchResult } from './search-result.ts';
import { settingAt } from './setting-path.ts';
import { type Point, sizeOf, type Space } from './space.ts';
import { falseRollbackRates } from './veto.ts';

export function resultOf(plan: Plan, space: Space, bench: PolicyBench, search: Search): SearchResult {
  const { tried, refused, finalists, chosen: id, veto } = search;
  const front = new Set(paretoFront(tried.map(({ objectives }) => objectives)));
  const figures = (part: Part, i: number) => figuresOf(bench.trials(part, tried[i]!.policy));
  return {
    schemaVersion: 1,
    plan: planHash(plan),
    space: {
      name: space.name,
      hash: space.hash,
      size: sizeOf(space),
      settings: space.settings.map(({ path, values }) => ({ path, values: values.map(textOf) })),
    },
    base: tried[0]!.policy.name,
    method: space.method,
    seeds: bench.parts,
    refused,
    policies: tried.map((each, i) => ({
      id: i,
      hash: each.hash,
      changes: changesOf(space, each.point),
      search: each.objectives,
      isOnFront: front.has(i),
    })),
    finalists: [...new Set([...finalists, id])].map((i) => ({
      id: i,
      search: figures('search', i),
      choice: figures('choice', i),
      falseRollbacks: veto.ratesOf(tried[i]!.policy),
    })),
    vetoed: veto.vetoed,
    chosen: chosenOf(bench, search),
    falseRollbackRates: ratesOf(bench, tried[0]!.policy, tried[id]!.policy),
  };
}

function chosenOf(bench: PolicyBench, { tried, chosen: id }: Search): SearchResult['chosen'] {
  const [base, chosen] = [tried[0]!.policy, tried[id]!.policy];
  const [baseHeldOut, heldOut] = [bench.trials('heldOut', base), bench.trials('heldOut', chosen)];
  const figures = { base: figuresOf(baseHeldOut), chosen: figuresOf(heldOut) };
  return {
    id,
    why:
      id === 0
        ? 'no policy of the space was better than the base policy on the choice seeds'
        : verdictOf(figures.base.objectives, figures.chosen.objectives),
    search: figuresOf(bench.trials('search', chosen)),
    heldOut: figures.chosen,
    baseHeldOut: figures.base,
    byLuck: luckOf(base, bench, tried.length),
    comparisons: heldOut.map((each, i) => comparisonOf(baseHeldOut[i]!, each)),
  };
}

/** Null where a guard's windows cannot be read one by one. */
const ratesOf = (bench: PolicyBench, base: Policy, chosen: Policy): SearchResult['falseRollbackRates'] =>
  isFast(base) && isFast(chosen)
    ? {
        base: falseRollbackRates(bench, base, ['search', 'choice', 'heldOut']),
        chosen: falseRollbackRates(bench, chosen, ['heldOut']),
      }
    : null;

/**
 * What the best of so many policies would show on the search seeds if none of them were better than the base is on the seeds it was not
 * chosen by; null where that is nothing.
 */
function luckOf(base: Policy, bench: PolicyBench, policies: number): number | null {
  const healthy = (part: Part): readonly Trials[] =>
    bench.trials(part, base).filter(({ scenario }) => scenario.truth.candidate === 'healthy');
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

/** What a point changes in the base policy; what it leaves as it was is not there. */
export function changesOf({ settings, base }: Space, point: Point): readonly Change[] {
  return settings.flatMap(({ path, values }, s): Change[] => {
    if (point[s]! < 0) return [];
    const found = settingAt(base, path);
    const from = 'value' in found ? textOf(found.value) : null;
    const to = textOf(values[point[s]!]);
    return from === to ? [] : [{ path, from, to }];
  });
}
