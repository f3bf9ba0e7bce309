import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packageRoot } from '../../scenarios/files.ts';

/** A TypeScript file of the project, with its path relative to the project's root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

const LEFT_OUT = new Set(['node_modules', 'dist', 'runs', '.git', '.cache', 'coverage']);

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (LEFT_OUT.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (/\.m?ts$/.test(entry.name)) yield path;
  }
}

export const sourceFiles: readonly SourceFile[] = [...walk(packageRoot)]
  .map((path) => ({ path: relative(packageRoot, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }))
  .map(({ path, text }) => ({ path, text, lines: text.split('\n') }))
  .sort((a, b) => (a.path < b.path ? -1 : 1));

/** First folder of a path; '.' for files at the root. */
export const roomOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '.');

/** Paths that a file imports from the project, relative to the root, with the line they stand on and whether only types are imported. */
export function importsOf({ path, lines }: SourceFile): { target: string; line: number; typeOnly: boolean }[] {
  return lines.flatMap((line, i) => {
    const from = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/.exec(line)?.[1];
    if (from === undefined) return [];
    const target = join(path, '..', from).replaceAll('\\', '/');
    // A statement over several lines opens with the nearest `import` above.
    const opening = lines.slice(0, i + 1).findLast((each) => /^\s*(import|export)\b/.test(each)) ?? line;
    return [{ target, line: i + 1, typeOnly: /^\s*(import|export) type\b/.test(opening) }];
  });
}
