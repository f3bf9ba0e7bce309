/**
 * The tables of docs/guards.md that are measured by asking the real controller about drawn windows:
 * `node tools/readings/main.ts --write [ROLLOUTS]`; without `--write` it prints them, and `readings` or `halting` does one of them
 * only. A few minutes each at 2,000 rollouts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../scenarios/files.ts';
import { writeFileAtomic } from '../../storage/files.ts';
import { partOf, withPart } from '../document.ts';
import { sentences } from './cells.ts';
import { HALTING_RULES, HALTING_TRUTHS, measuredHalting } from './halting.ts';
import { measured, tableOf, tableWith } from './table.ts';

export const DOCUMENT: string = join(packageRoot, 'docs', 'guards.md');

type Progress = (title: string) => void;

const HOW = (rollouts: number): string =>
  `a look a minute, ${rollouts.toLocaleString('en-US')} rollouts per column. In brackets the 95 % interval (Clopper and Pearson), then the median delay from the onset in minutes; 0 (≤ …) is none, with the one-sided 95 % bound.`;

export function readings(rollouts: number, progress: Progress = () => undefined): string {
  const parts = sentences().map((sentence) => {
    progress(sentence.title);
    return `**${sentence.title}**\n\n${tableOf(sentence, measured(sentence, rollouts))}`;
  });
  return [`Two hours, ${HOW(rollouts)}`, ...parts].join('\n\n');
}

export function halting(rollouts: number, progress: Progress = () => undefined): string {
  const rules = HALTING_RULES.map(({ words }) => words);
  return `Six hours, ${HOW(rollouts)}\n\n${tableWith(rules, HALTING_TRUTHS, measuredHalting(rollouts, progress))}`;
}

/** By the name in their markers. */
type Name = 'readings' | 'halting';
const TABLES: Readonly<Record<Name, typeof readings>> = { readings, halting };

const marks = (name: Name): readonly [begin: string, end: string] => [
  `<!-- ${name}: written by tools/readings/main.ts -->`,
  `<!-- /${name} -->`,
];

/** What stands between a table's markers in the document. */
export const written = (name: Name): string => partOf(readFileSync(DOCUMENT, 'utf8'), ...marks(name));

if (import.meta.main) {
  const rollouts = Number(process.argv.findLast((each) => /^\d+$/.test(each)) ?? 2000);
  const asked = (Object.keys(TABLES) as Name[]).filter((name) => process.argv.includes(name));
  for (const name of asked.length === 0 ? (Object.keys(TABLES) as Name[]) : asked) {
    const text = TABLES[name](rollouts, (title) => process.stderr.write(`${title}\n`));
    if (process.argv.includes('--write')) {
      writeFileAtomic(DOCUMENT, withPart(readFileSync(DOCUMENT, 'utf8'), ...marks(name), text));
    } else process.stdout.write(`${text}\n`);
  }
}
