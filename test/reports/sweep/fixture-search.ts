/** A made-up search: a grid of two settings whose false rollbacks and delays pull in opposite directions. */
import type { SweepData } from '../../../reports/sweep/sweep-data.ts';
import { rateOf, spreadOf } from '../../../tuning/distribution.ts';
import type { FalseRollbackRate } from '../../../tuning/rare/false-rollback.ts';
import { paretoFront } from '../../../tuning/search/front.ts';
import type { Figures, Objectives, SearchedPolicy, SearchResult } from '../../../tuning/search/search-result.ts';

const MINUTE = 60_000;
const FOR = ['5m', '8m', '10m', '12m', '15m', '20m', '30m'];
const BOUND = ['> 40ms', '> 45ms', '> 50ms', '> 55ms', '> 60ms', '> 70ms'];

const objectivesOf = (i: number, k: number): Objectives => ({
  falseRollback: Math.round(1000 * Math.exp(-0.6 * i - 0.5 * k) * 0.6) / 1000,
  undecidedHealthy: 0.02,
  notCaught: Math.round(20 * k * k) / 1000,
  detectionDelayMs: (5 + 6 * i + 9 * k + ((i * 7 + k * 3) % 5)) * MINUTE,
  harm: 200 + 300 * i + 420 * k + 40 * ((i * 3 + k * 5) % 7),
  timeToPromoteMs: 390 * MINUTE,
});

const figuresOf = (objectives: Objectives, worse: number): Figures => {
  const falseRollback = (objectives.falseRollback ?? 0) * worse;
  return {
    objectives: { ...objectives, falseRollback },
    scenarios: [
      {
        scenario: 'seed-healthy',
        candidate: 'healthy',
        rollouts: 400,
        falseRollback: rateOf(Math.round(400 * falseRollback), 400),
        missedRegression: null,
        undecided: rateOf(8, 400),
        detectionDelayMs: null,
        timeToPromoteMs: spreadOf([390 * MINUTE]),
        harm: spreadOf([0, 0, 12])!,
      },
      {
        scenario: 'slow-tail',
        candidate: 'regressed',
        rollouts: 400,
        falseRollback: rateOf(0, 400),
        missedRegression: rateOf(2, 400),
        undecided: rateOf(5, 400),
        detectionDelayMs: spreadOf([objectives.detectionDelayMs!]),
        timeToPromoteMs: null,
        harm: spreadOf([objectives.harm!])!,
      },
    ],
  };
};

const rareRate = (ratio: number, spread: number): FalseRollbackRate => ({
  scenario: 'seed-healthy',
  recordings: 60,
  events: 0,
  estimator: 'guard by guard',
  assumes: ['independent minutes'],
  counted: { low: 0, high: 0.0596 },
  guards: [],
  ratio,
  low: ratio / (1 + spread),
  high: ratio * (1 + spread),
});

/** Place 0 is the base: 15m over 50 ms. */
export function searchOf(): SearchResult {
  const grid = FOR.flatMap((length, i) => BOUND.map((bound, k) => ({ length, bound, objectives: objectivesOf(i, k) })));
  const isBase = ({ length, bound }: (typeof grid)[number]): boolean => length === '15m' && bound === '> 50ms';
  const all = [grid.find(isBase)!, ...grid.filter((each) => !isBase(each))];
  const front = new Set(paretoFront(all.map(({ objectives }) => objectives)));
  const policies = all.map(({ length, bound, objectives }, id): SearchedPolicy => {
    const changes = [
      { path: 'guards.p95-sustained.sustained.for', from: '15m', to: length },
      { path: 'guards.p95-sustained.breachWhen', from: '> 50ms', to: bound },
    ].filter(({ from, to }) => from !== to);
    return { id, hash: `sha256:${id}`, changes, search: objectives, isOnFront: front.has(id) };
  });
  const chosen = policies.find(({ id, isOnFront }) => isOnFront && id > 8)!;
  return {
    schemaVersion: 1,
    plan: 'sha256:plan',
    space: {
      name: 'seed-space',
      hash: 'sha256:space',
      size: all.length,
      settings: [
        { path: 'guards.p95-sustained.sustained.for', values: FOR },
        { path: 'guards.p95-sustained.breachWhen', values: BOUND },
      ],
    },
    base: 'seed',
    method: 'grid',
    seeds: { search: [1, 2], choice: [3], heldOut: [4] },
    refused: 0,
    policies,
    falseRollbackRates: {
      base: [rareRate(0.02, 0.6)],
      chosen: [rareRate(0.0004, 3)],
    },
    finalists: policies
      .filter(({ isOnFront, id }) => isOnFront || id === 0)
      .map(({ id, search }) => ({
        id,
        search: figuresOf(search, 1),
        choice: figuresOf(search, 1.1),
        falseRollbacks: [],
      })),
    vetoed: 3,
    chosen: {
      id: chosen.id,
      why: 'Fewer false rollbacks than seed at a shorter delay, of all finalists by the choice seeds.',
      search: figuresOf(chosen.search, 1),
      heldOut: figuresOf(chosen.search, 1.2),
      baseHeldOut: figuresOf(policies[0]!.search, 1),
      byLuck: 0.012,
      comparisons: [],
    },
  };
}

export function withSearch(sweep: SweepData): SweepData {
  const result = searchOf();
  const shown = result.policies.filter(({ id, isOnFront }) => isOnFront || id === 0 || id === result.chosen.id);
  return { ...sweep, search: { result, yaml: new Map(shown.map(({ id }) => [id, `name: "policy-${id}"\n`])) } };
}
