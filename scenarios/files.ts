/** Where the files a scenario names are. */
import { statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { packageRoot } from '../config/package-root.ts';

export { packageRoot };

/** Absolute path of a file that `statedIn` names: relative to that file, else to the package. Null when there is no such file. */
export function locate(name: string, statedIn: string): string | null {
  const candidates = isAbsolute(name) ? [name] : [resolve(dirname(statedIn), name), join(packageRoot, name)];
  return candidates.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true) ?? null;
}
