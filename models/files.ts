/** Where the committed models and data are: in the package's own models/ folder, for sources and compiled files alike. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'coalmine';

const isPackageRoot = (folder: string): boolean => {
  const file = join(folder, 'package.json');
  return existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === PACKAGE;
};

/** Compiled code runs from dist/, but the models stay where they are: so the root is looked for, not counted in `..`. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isPackageRoot(folder)) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`got no package.json of '${PACKAGE}' above ${import.meta.url}`);
    folder = parent;
  }
  return folder;
}

/** Absolute path of the folder that holds one folder per model. */
export const modelsFolder: string = join(packageRoot(), 'models');

/** Absolute path of a file under models/data: `flights-june.parquet`, `flights-day.json`, … */
export const dataFile = (name: string): string => join(modelsFolder, 'data', name);
