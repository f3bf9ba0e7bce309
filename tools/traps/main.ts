/**
 * The tables of docs/traps.md: `node tools/traps/main.ts [--write] [TITLE…]` rehearses every trap at full size, or those with these titles;
 * without `--write` it prints them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatDuration } from '../../config/units.ts';
import type { Outcome } from '../../outcome.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { writeFileAtomic } from '../../storage/files.ts';
import { partOf, RIGHT, withPart } from '../document.ts';
import { rehearseTrap, TRAPS } from './cases.ts';

export const DOCUMENT: string = join(packageRoot, 'docs', 'traps.md');
const HEAD =
  '| scenario | the candidate is | policy | it was | by | at | p50 | p95 | p99.9 | so that was |\n|---|---|---|---|---|---|---|---|---|---|';

/** One rehearsal as a row; latencies of the candidate against the baseline's, ms. */
export function rowOf(outcome: Outcome): string {
  const { scenario, policy, truth, verdict, guard, decidedAtMs, classification, latencyMs } = outcome;
  const pair = (name: 'p50' | 'p95' | 'p999'): string =>
    `${ms(latencyMs.candidate[name])} / ${ms(latencyMs.baseline[name])}`;
  const cells = [
    `\`${scenario.name}\``,
    truth.candidate,
    `\`${policy.name}\``,
    verdict,
    guard?.name ?? '–',
    decidedAtMs === null ? '–' : formatDuration(decidedAtMs),
    pair('p50'),
    pair('p95'),
    pair('p999'),
    RIGHT[classification],
  ];
  return `| ${cells.join(' | ')} |`;
}

const ms = (value: number | null): string => (value === null ? '–' : String(Number(value.toPrecision(3))));

const begin = (title: string): string => `<!-- trap: ${title} -->`;
const END = '<!-- /trap -->';

/** The rows written under a trap's title, without the head. */
export const writtenRows = (title: string): string[] =>
  partOf(readFileSync(DOCUMENT, 'utf8'), begin(title), END)
    .split('\n')
    .filter((line) => line.startsWith('| `'));

if (import.meta.main) {
  let text = readFileSync(DOCUMENT, 'utf8');
  const asked = process.argv.slice(2).filter((each) => !each.startsWith('--'));
  for (const { title, runs } of TRAPS.filter((trap) => asked.length === 0 || asked.includes(trap.title))) {
    const rows: string[] = [];
    for (const run of runs) rows.push(rowOf(await rehearseTrap(run)));
    const table = `${HEAD}\n${rows.join('\n')}`;
    if (!process.argv.includes('--write')) process.stdout.write(`${title}\n${table}\n\n`);
    text = withPart(text, begin(title), END, table);
  }
  if (process.argv.includes('--write')) writeFileAtomic(DOCUMENT, text);
}
