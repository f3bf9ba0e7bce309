/**
 * The table "readings of the same sentence" of docs/guards.md, measured by asking the real controller about drawn windows:
 * `node tools/readings/main.ts --write [ROLLOUTS]`; without `--write` it prints the table. A few minutes at 2,000 rollouts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../scenarios/files.ts';
import { writeFileAtomic } from '../../storage/files.ts';
import { sentences } from './cells.ts';
import { measured, tableOf } from './table.ts';

export const DOCUMENT: string = join(packageRoot, 'docs', 'guards.md');
const BEGIN = '<!-- readings: written by tools/readings/main.ts -->';
const END = '<!-- /readings -->';

/** What stands between the markers of the document. */
export function writtenReadings(): string {
  const text = readFileSync(DOCUMENT, 'utf8');
  return text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)).trim();
}

export function readings(rollouts: number, progress: (title: string) => void = () => undefined): string {
  const parts = sentences().map((sentence) => {
    progress(sentence.title);
    return `**${sentence.title}**\n\n${tableOf(sentence, measured(sentence, rollouts))}`;
  });
  const note = `Two hours, a look a minute, ${rollouts.toLocaleString('en-US')} rollouts per column. In brackets the 95 % interval (Clopper and Pearson), then the median delay from the onset in minutes.`;
  return [note, ...parts].join('\n\n');
}

if (import.meta.main) {
  const rollouts = Number(process.argv.findLast((each) => /^\d+$/.test(each)) ?? 2000);
  const text = readings(rollouts, (title) => process.stderr.write(`${title}\n`));
  if (process.argv.includes('--write')) {
    const before = readFileSync(DOCUMENT, 'utf8');
    const after = `${before.slice(0, before.indexOf(BEGIN) + BEGIN.length)}\n${text}\n${before.slice(before.indexOf(END))}`;
    writeFileAtomic(DOCUMENT, after);
  } else process.stdout.write(`${text}\n`);
}
