/** The help that bin/ shows without loading anything: `node tools/publish-help.ts --write` writes it down; a test says when it is old. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../config/package-root.ts';
import { writeFileAtomic } from '../storage/files.ts';

const PAGES = join(packageRoot, 'bin/help.json');

/** What the command says of itself when asked for help, line by line, by the words that name it ('' is the program). */
export type HelpPages = Readonly<Record<string, readonly string[]>>;

/** Asks the program and every command it lists, and those that these list. */
export function askHelp(words: readonly string[] = []): HelpPages {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(packageRoot, 'cli/main.ts'), ...words, '--help'],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`got exit ${status} from '${words.join(' ')} --help', expected 0: ${stderr}`);
  const inside = commandsIn(stdout).map((name) => askHelp([...words, name]));
  return Object.assign({ [words.join(' ')]: stdout.trimEnd().split('\n') }, ...inside) as HelpPages;
}

/** Names listed under `Commands:`, but for help itself. */
function commandsIn(help: string): string[] {
  const [, list = ''] = /^Commands:\n((?: .*\n)+)/m.exec(help) ?? [];
  return [...list.matchAll(/^ {2}(\w[\w-]*)/gm)].flatMap(([, name]) => (name === 'help' ? [] : [name!]));
}

export const writtenPages = (): HelpPages =>
  existsSync(PAGES) ? (JSON.parse(readFileSync(PAGES, 'utf8')) as HelpPages) : {};

if (import.meta.main) {
  const pages = askHelp();
  const stale = JSON.stringify(pages) !== JSON.stringify(writtenPages());
  const write = process.argv.includes('--write');
  if (stale && write) writeFileAtomic(PAGES, `${JSON.stringify(pages, null, 2)}\n`);
  const state = !stale ? 'up to date' : write ? 'written' : 'out of date: run node tools/publish-help.ts --write';
  process.stdout.write(`bin/help.json: ${state}\n`);
  process.exitCode = stale && !write ? 1 : 0;
}
