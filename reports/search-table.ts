/** A search through a policy space for a terminal: what was found, and what it is worth on seeds nobody had looked at. */
import type { Objectives, ScenarioFigures, SearchResult } from '../tuning/search/search-result.ts';
import { count, duration, NONE, percent } from './format.ts';
import type { FalseRollbackRate } from '../tuning/rare/false-rollback.ts';
import { rareRate } from './rate-words.ts';
import { section } from './text-table.ts';

type Row = readonly string[];

export function searchText(search: SearchResult): string {
  const { space, policies, base, chosen, seeds } = search;
  const { changes } = policies[chosen.id]!;
  const front = policies.filter(({ isOnFront }) => isOnFront).length;
  return [
    `Search of ${space.name}: ${count(policies.length)} policies of ${count(space.size)} judged (${search.method}), ${front} on the Pareto front; seeds ${seeds.search.length} to search, ${seeds.choice.length} to choose, ${seeds.heldOut.length} held out`,
    '',
    ...section('The figures of the search flatter what it found; those of held-out seeds do not', HEAD, [
      objectivesRow(`${base}, held out`, chosen.baseHeldOut.objectives),
      objectivesRow('recommended, search', chosen.search.objectives),
      objectivesRow('recommended, held out', chosen.heldOut.objectives),
    ]),
    ...section(
      'Held out, scenario by scenario: base, recommended',
      SCENARIOS,
      chosen.heldOut.scenarios.map((own, i) =>
        scenarioRow(chosen.baseHeldOut.scenarios[i]!, own, chosen.comparisons[i]!.p),
      ),
    ),
    ...section(
      'How often a healthy candidate is taken back',
      ['scenario', 'policy', 'false rollbacks (95 %)'],
      [
        ...rareRows(`${base}, all seeds`, search.falseRollbackRates?.base),
        ...(chosen.id === 0 ? [] : rareRows('recommended, held out', search.falseRollbackRates?.chosen)),
      ],
    ),
    ...(chosen.byLuck === null
      ? []
      : [
          `By luck alone the best of ${count(policies.length)} policies would show ${percent(chosen.byLuck)} false rollbacks on the search seeds.`,
        ]),
    ...(search.vetoed === 0
      ? []
      : [
          `Kept out, since some healthy scenario is rolled back more often than by ${base}: ${count(search.vetoed)} policies.`,
        ]),
    ...(changes.length === 0
      ? [`No policy of the space is better: ${chosen.why}.`]
      : [
          'Changes',
          ...changes.map(({ path, from, to }) => `  ${path}: ${from ?? 'not there'} → ${to ?? 'taken back'}`),
        ]),
    '',
  ].join('\n');
}

const HEAD: Row = [
  'policy, seeds',
  'false rollbacks',
  'not caught',
  'undecided',
  'mean delay',
  'harmed',
  'promoted after',
];

const objectivesRow = (name: string, of: Objectives): Row => [
  name,
  ...[of.falseRollback, of.notCaught, of.undecidedHealthy].map((share) => (share === null ? NONE : percent(share))),
  duration(of.detectionDelayMs),
  of.harm === null ? NONE : count(Math.round(of.harm)),
  duration(of.timeToPromoteMs),
];

const rareRows = (name: string, rates: readonly FalseRollbackRate[] = []): readonly Row[] =>
  rates.map((rate) => [rate.scenario, name, rareRate(rate)]);

const SCENARIOS: Row = ['scenario', 'is', 'false rollbacks', 'missed', 'undecided', 'delay', 'harmed', 'p (McNemar)'];

function scenarioRow(base: ScenarioFigures, own: ScenarioFigures, p: number): Row {
  const both = (of: (figures: ScenarioFigures) => string): string => `${of(base)}, ${of(own)}`;
  const isHealthy = own.candidate === 'healthy';
  return [
    own.scenario,
    own.candidate,
    both(({ falseRollback: { events, of } }) => `${events}/${of}`),
    isHealthy ? NONE : both(({ missedRegression: rate }) => `${rate!.events}/${rate!.of}`),
    both(({ undecided: { events, of } }) => `${events}/${of}`),
    isHealthy ? NONE : both(({ detectionDelayMs }) => duration(detectionDelayMs?.p50 ?? null)),
    isHealthy ? NONE : both(({ harm }) => count(Math.round(harm.mean))),
    p.toFixed(3),
  ];
}
