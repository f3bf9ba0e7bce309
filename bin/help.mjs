// Help without starting anything: it is there at once, also under an old Node, which for everything else starts a second one.
import { readFileSync } from 'node:fs';

/** The help that these arguments ask for, as tools/publish-help.ts wrote it down; null when they ask for something else. */
export function writtenHelp(args) {
  if (!['--help', '-h'].includes(args.at(-1))) return null;
  const pages = JSON.parse(readFileSync(new URL('./help.json', import.meta.url), 'utf8'));
  const command = args.slice(0, -1).join(' ');
  return Object.hasOwn(pages, command) ? `${pages[command].join('\n')}\n` : null;
}
