/** Where this package is, and where in it a document may find what it extends. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

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
