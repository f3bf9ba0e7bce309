/**
 * `npm run tune:seed`: how often the seed policy takes back a healthy candidate, how long it leaves a bad one, and a policy that is better in
 * both. Records the shipped scenarios at full size, searches policies/spaces/seed.yaml, and puts the finding into docs/tuning.md. A second
 * run finds its recordings done.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../config/package-root.ts';
import { duration, percent } from '../reports/format.ts';
import { rareRate } from '../reports/rate-words.ts';
import { writeFileAtomic } from '../storage/files.ts';
import type { Figures, Objectives, SearchResult } from '../tuning/search/search-result.ts';
import { withPart } from './document.ts';

const SCENARIOS = [
  'seed-healthy',
  'autoscaling-lag',
  'cold-cache',
  'feature-brownout',
  'small-fleet',
  'slow-tail',
  'ctr-drop',
  'error-creep',
  'score-skew',
  'unit-bug',
];
/** Ten scenarios of ten replications are what a quarter of an hour on two cores holds, and enough to bound the rates of healthy scenarios below a thousandth. */
const REPLICATIONS = '10';
const OUT = join(packageRoot, 'runs', 'tune-seed');
const DOCUMENT = join(packageRoot, 'docs', 'tuning.md');
const [BEGIN, END] = ['<!-- tune:seed: written by tools/tune-seed.ts -->', '<!-- /tune:seed -->'];

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const delayOf = ({ scenarios }: Figures, name: string): string => {
  const found = scenarios.find(({ scenario }) => scenario === name)!;
  const missed = found.missedRegression!.events + found.undecided.events;
  const delay = duration(found.detectionDelayMs?.p50 ?? null);
  return missed === 0 ? delay : `${delay}, ${missed} of ${found.rollouts} not caught`;
};

const objectives = (name: string, of: Objectives): readonly string[] => [
  name,
  percent(of.falseRollback),
  percent(of.notCaught),
  percent(of.undecidedHealthy),
  duration(of.detectionDelayMs),
  String(Math.round(of.harm ?? 0)),
];

/** The finding, as it stands in the documents. */
export function findingOf(search: SearchResult): string {
  const { chosen, falseRollbackRates: rates, seeds, base, policies, space } = search;
  const all = seeds.search.length + seeds.choice.length + seeds.heldOut.length;
  const [before, after] = [chosen.baseHeldOut, chosen.heldOut];
  const regressed = after.scenarios
    .filter(({ candidate }) => candidate === 'regressed')
    .map(({ scenario }) => scenario);
  const { changes } = policies[chosen.id]!;
  const chosenRates = new Map(rates?.chosen.map((rate) => [rate.scenario, rate]));
  return [
    `Ten shipped scenarios at full size, ${all} seeds each (${seeds.search.length} to search, ${seeds.choice.length} to choose, ${seeds.heldOut.length} held out); ${policies.length} policies of ${space.name} judged.`,
    '',
    `**How often \`${base}\` takes back a healthy candidate**, over all ${all} seeds, and the recommended policy on the ${seeds.heldOut.length} held-out ones:`,
    '',
    table(
      ['scenario', base, 'recommended'],
      (rates?.base ?? []).map((rate) => [
        `\`${rate.scenario}\``,
        rareRate(rate),
        rareRate(chosenRates.get(rate.scenario)!),
      ]),
    ),
    '',
    '**How long a bad candidate stays** (median from its beginning, held-out seeds):',
    '',
    table(
      ['scenario', base, 'recommended'],
      regressed.map((name) => [`\`${name}\``, delayOf(before, name), delayOf(after, name)]),
    ),
    '',
    '**Both policies**, mean over scenarios:',
    '',
    table(
      ['policy, seeds', 'false rollbacks', 'not caught', 'undecided', 'mean delay', 'users harmed per regression'],
      [
        objectives(`${base}, held out`, before.objectives),
        objectives('recommended, search', chosen.search.objectives),
        objectives('recommended, held out', after.objectives),
      ],
    ),
    '',
    chosen.id === 0 ? `No policy of the space was better: ${chosen.why}.` : `In words: ${chosen.why}. It changes:`,
    '',
    ...changes.map(({ path, from, to }) => `- \`${path}\`: \`${from ?? 'not there'}\` → \`${to ?? 'taken back'}\``),
    ...(changes.length > 0 ? [''] : []),
  ].join('\n');
}

if (import.meta.main) {
  const scenarios = SCENARIOS.map((name) => join('scenarios', `${name}.yaml`));
  const space = join('policies', 'spaces', 'seed.yaml');
  const begun = performance.now();
  const { status } = spawnSync(
    process.execPath,
    ['bin/coalmine.mjs', 'tune', ...scenarios, '--space', space, '--replications', REPLICATIONS, '--out', OUT],
    { cwd: packageRoot, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  if (status !== 0 || !existsSync(join(OUT, 'search.json'))) process.exit(status ?? 1);
  const finding = findingOf(JSON.parse(readFileSync(join(OUT, 'search.json'), 'utf8')) as SearchResult);
  process.stdout.write(`\n${finding}\nIt took ${duration(performance.now() - begun)}.\n`);
  writeFileAtomic(DOCUMENT, withPart(readFileSync(DOCUMENT, 'utf8'), BEGIN, END, finding));
}
