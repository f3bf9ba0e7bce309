/**
 * Rehearses every shipped scenario at full size and prints what its policy did: `npm run rehearse:all [-- --write] [NAME…]`.
 * `--write` puts the rows into docs/scenarios.md. Ends with 3 when a rehearsal did not end as its scenario expects.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatDuration } from '../config/units.ts';
import type { Outcome } from '../outcome.ts';
import { policyFor, runScenario } from '../run.ts';
import { packageRoot } from '../scenarios/files.ts';
import { loadScenario } from '../scenarios/load.ts';
import { writeFileAtomic } from '../storage/files.ts';
import { partOf, RIGHT, withPart } from './document.ts';
import { FAMILIES, type Family } from './families.ts';

const DOCUMENT = join(packageRoot, 'docs/scenarios.md');
const HEAD =
  '| scenario | what happens | the candidate is | it was | by | at | requests it served | so that was |\n|---|---|---|---|---|---|---|---|';
/** The markers around a family's table. */
const begin = ({ title }: Family): string => `<!-- scenarios: ${title} -->`;
const END = '<!-- /scenarios -->';

/** One rehearsal as a row. */
function rowOf(description: string, outcome: Outcome): string {
  const { scenario, truth, verdict, guard, decidedAtMs, harm, classification } = outcome;
  const cells = [
    `\`${scenario.name}\``,
    description,
    truth.candidate,
    verdict,
    guard?.name ?? '–',
    decidedAtMs === null ? '–' : formatDuration(decidedAtMs),
    harm.requestsToCandidate.toLocaleString('en-US'),
    RIGHT[classification],
  ];
  return `| ${cells.join(' | ')} |`;
}

async function rehearsed(name: string): Promise<Outcome> {
  const { scenario } = loadScenario(join(packageRoot, 'scenarios', `${name}.yaml`));
  const outcome = await runScenario(scenario, policyFor(scenario), {
    out: resolve('runs', `${scenario.name}-${scenario.seed}`),
    replace: true,
    clock: () => performance.now(),
  });
  const met = outcome.expectation?.met === true;
  process.stderr.write(
    `${met ? 'as expected ' : 'NOT EXPECTED'}  ${scenario.name}: ${outcome.explanation}  (${(outcome.timing.wallMs / 1000).toFixed(1)} s)\n`,
  );
  if (!met) process.exitCode = 3;
  return outcome;
}

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
let text = readFileSync(DOCUMENT, 'utf8');
for (const family of FAMILIES) {
  const wanted = family.scenarios.filter((each) => positionals.length === 0 || positionals.includes(each));
  if (wanted.length === 0) continue;
  const rows = new Map<string, string>();
  for (const name of wanted) {
    const outcome = await rehearsed(name);
    rows.set(name, rowOf(loadScenario(join(packageRoot, 'scenarios', `${name}.yaml`)).scenario.description, outcome));
  }
  process.stdout.write(`${family.title}\n\n${HEAD}\n${[...rows.values()].join('\n')}\n\n`);
  // The other rows stay as they were written.
  const before = partOf(text, begin(family), END).split('\n');
  const table = family.scenarios.flatMap(
    (name) => rows.get(name) ?? before.filter((row) => row.startsWith(`| \`${name}\` |`)),
  );
  text = withPart(text, begin(family), END, [HEAD, ...table].join('\n'));
}
if (values.write) writeFileAtomic(DOCUMENT, text);
