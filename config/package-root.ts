/** Where this package is, and where in it a document may find what it extends. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** The folder that holds package.json: one above this one in the sources, two above it in the published dist/. */
export const packageRoot: string =
  [join(import.meta.dirname, '..'), join(import.meta.dirname, '../..')].find((folder) =>
    existsSync(join(folder, 'package.json')),
  ) ?? join(import.meta.dirname, '..');

/** The package's root and these folders in it: where `extends` looks for what is not beside the file. */
export const packageFolders = (...names: readonly string[]): readonly string[] => [
  packageRoot,
  ...names.map((name) => join(packageRoot, name)),
];

/** The file that a document at `statedIn` means by `name`: beside it, else in one of these folders; null when there is none. */
export function findStated(name: string, statedIn: string, folders: readonly string[]): string | null {
  const places = isAbsolute(name) ? [name] : [dirname(statedIn), ...folders].map((folder) => join(folder, name));
  return places.find((place) => existsSync(place)) ?? null;
}
