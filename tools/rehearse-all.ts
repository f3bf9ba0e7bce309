/** Rehearses every shipped scenario at full size and prints what the policy did: `npm run rehearse:all [-- --markdown]`. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatDuration } from '../config/units.ts';
import type { Outcome } from '../outcome.ts';
import { policyFor, runScenario } from '../run.ts';
import { packageRoot } from '../scenarios/files.ts';
import { loadScenario } from '../scenarios/load.ts';

const RIGHT: Readonly<Record<Outcome['classification'], string>> = {
  'true-promotion': 'right',
  'true-rollback': 'right',
  'false-rollback': '**wrong**: false rollback',
  'missed-regression': '**wrong**: missed regression',
  inconclusive: 'asks a person',
};

const folder = join(packageRoot, 'scenarios');
const rows: string[] = [];
let unmet = 0;
for (const name of readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .sort()) {
  const { scenario } = loadScenario(join(folder, name));
  const out = resolve('runs', `${scenario.name}-${scenario.seed}`);
  const outcome = await runScenario(scenario, policyFor(scenario), {
    out,
    replace: true,
    clock: () => performance.now(),
  });
  const met = outcome.expectation?.met === true;
  if (!met) unmet++;
  process.stderr.write(
    `${met ? 'as expected ' : 'NOT EXPECTED'}  ${scenario.name}: ${outcome.explanation}  (${(outcome.timing.wallMs / 1000).toFixed(1)} s)\n`,
  );
  const when = outcome.decidedAtMs === null ? '–' : formatDuration(outcome.decidedAtMs);
  rows.push(
    `| \`${scenario.name}\` | ${outcome.truth.candidate} | ${outcome.verdict} | ${outcome.guard?.name ?? '–'} | ${when} | ${outcome.harm.requestsToCandidate.toLocaleString('en-US')} | ${RIGHT[outcome.classification]} |`,
  );
}
process.stdout.write(
  '| scenario | the candidate is | the policy | guard | at | requests it served | so it was |\n|---|---|---|---|---|---|---|\n',
);
process.stdout.write(`${rows.join('\n')}\n`);
process.exitCode = unmet === 0 ? 0 : 3;
