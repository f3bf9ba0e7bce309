/** The policies worth reading: choose one, in the list or in the picture, and see what it changes, its figures and its YAML. */
import type { Figures, Finalist, Objectives, SearchedPolicy, SearchResult } from '../../tuning/search/search-result.ts';
import { count, duration, NONE, percent } from '../format.ts';
import { rareRate } from '../rate-words.ts';
import type { FalseRollbackRate } from '../../tuning/rare/false-rollback.ts';
import { html, type Markup } from '../html/escape.ts';
import type { Prose } from '../html/page.ts';
import { table } from '../html/table.ts';
import { changesText, kindOf } from './pareto.ts';
import { rateText } from './rates.ts';
import type { SweepData } from './sweep-data.ts';

export function chooserSection({ search }: SweepData): Prose[] {
  if (search === null) return [];
  const { result, yaml } = search;
  const shown = result.policies.filter(({ id }) => yaml.has(id));
  const titleOf = (policy: SearchedPolicy): string => {
    const text = policy.changes.length === 0 ? result.base : changesText(policy);
    return `${kindOf(policy, result)}: ${text.length > 110 ? `${text.slice(0, 110)}…` : text}`;
  };
  const body = html`<p>${result.chosen.why}</p>
<p class="tools"><label for="policy-choice">Policy</label> <select id="policy-choice" data-chooser="pareto">${shown.map(
    (policy) =>
      html`<option value="${policy.id}"${policy.id === result.chosen.id && html` selected`}>${titleOf(policy)}</option>`,
  )}</select></p>
${shown.map((policy) => card(policy, result, yaml.get(policy.id)!))}
${heldOut(result)}
${rareRates(result)}`;
  return [{ id: 'policies', title: 'Policies on the front', body }];
}

function card(policy: SearchedPolicy, result: SearchResult, yaml: string): Markup {
  const { id, changes } = policy;
  const { chosen } = result;
  const finalist = result.finalists.find((each) => each.id === id) ?? null;
  const changed = changes.map(({ path, from, to }) => [path, from ?? NONE, to ?? NONE]);
  return html`<div data-policy="${id}"${id !== chosen.id && html` hidden`}>
${table('What it changes', ['setting', result.base, 'here'], changed, 'words')}
${table('Its figures, mean over scenarios', ['', 'false rollbacks', 'not caught', 'mean delay', 'mean harm', 'healthy undecided', 'promoted after'], figureRows(policy, finalist, result))}
<details><summary>The policy as YAML</summary><pre class="scroll" tabindex="0" role="region" aria-label="Policy as YAML">${yaml}</pre></details>
</div>`;
}

/** What the search saw, what the choice saw, and for the recommended one what nobody had looked at. */
function figureRows(policy: SearchedPolicy, finalist: Finalist | null, { chosen }: SearchResult): string[][] {
  const held = policy.id === chosen.id ? chosen.heldOut : policy.id === 0 ? chosen.baseHeldOut : null;
  return [
    ['on the seeds of the search', ...objectiveCells(policy.search)],
    ...(finalist === null ? [] : [['on the seeds of the choice', ...objectiveCells(finalist.choice.objectives)]]),
    ...(held === null ? [] : [['on held-out seeds', ...objectiveCells(held.objectives)]]),
  ];
}

const objectiveCells = (of: Objectives): string[] => [
  percent(of.falseRollback),
  percent(of.notCaught),
  duration(of.detectionDelayMs),
  count(of.harm),
  percent(of.undecidedHealthy),
  duration(of.timeToPromoteMs),
];

const rareRows = (name: string, rates: readonly FalseRollbackRate[]): string[][] =>
  rates.map((rate) => [rate.scenario, name, rareRate(rate)]);

/** By estimators that reach below one in the number of rollouts. */
function rareRates({ falseRollbackRates, base, chosen }: SearchResult): Markup {
  if (falseRollbackRates === null) return html``;
  const both = [
    ...rareRows(`${base}, all seeds`, falseRollbackRates.base),
    ...(chosen.id === 0 ? [] : rareRows('recommended, held-out seeds', falseRollbackRates.chosen)),
  ];
  const heads = ['scenario', 'policy', 'false rollbacks (95 %)'];
  return table('How often a healthy candidate is taken back', heads, both, 'words');
}

const heldOutRows = (name: string, { scenarios }: Figures): string[][] =>
  scenarios.map((each) => [
    each.scenario,
    name,
    rateText(each.falseRollback),
    each.missedRegression === null ? NONE : rateText(each.missedRegression),
    rateText(each.undecided),
    duration(each.detectionDelayMs?.p50 ?? null),
    count(each.harm.mean),
  ]);

/** Scenario by scenario, on seeds that neither the search nor the choice had seen. */
function heldOut({ chosen, base }: SearchResult): Markup {
  const heads = ['scenario', 'policy', 'false rollbacks', 'let through', 'undecided', 'median delay', 'mean harm'];
  const both = [
    ...heldOutRows(base, chosen.baseHeldOut),
    ...(chosen.id === 0 ? [] : heldOutRows('recommended', chosen.heldOut)),
  ];
  return table(
    'On held-out seeds, scenario by scenario',
    heads,
    both.toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1)),
    'words',
  );
}
