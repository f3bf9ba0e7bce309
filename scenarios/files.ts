/** Where the files a scenario names are. */
import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** The folder that holds package.json: one above this one in the sources, two above it in the published dist/. */
export const packageRoot: string =
  [join(import.meta.dirname, '..'), join(import.meta.dirname, '../..')].find((folder) =>
    existsSync(join(folder, 'package.json')),
  ) ?? join(import.meta.dirname, '..');

/** Absolute path of a file that `statedIn` names: relative to that file, else to the package. Null when there is no such file. */
export function locate(name: string, statedIn: string): string | null {
  const candidates = isAbsolute(name) ? [name] : [resolve(dirname(statedIn), name), join(packageRoot, name)];
  return candidates.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true) ?? null;
}
