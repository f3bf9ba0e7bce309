/** The file that a wrong file name was probably meant to be. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { packageRoot } from './package-root.ts';
import { nearest } from './suggest.ts';

const YAML = /\.ya?ml$/;
/** What comes with the package is named from its root. */
const SHIPPED = ['scenarios', 'policies', 'suites'];

/** A YAML file of nearly this name, beside where it was looked for or among those that came with the package; null without one. */
export function nearFile(file: string): string | null {
  const folder = dirname(file);
  const beside = yamlIn(folder).map((name) => join(folder, name));
  const found = [
    ...beside,
    ...SHIPPED.flatMap((room) => yamlIn(join(packageRoot, room)).map((name) => join(room, name))),
  ];
  const stem = nearest(stemOf(file), found.map(stemOf));
  return found.find((each) => stemOf(each) === stem) ?? null;
}

const stemOf = (file: string): string => basename(file).replace(YAML, '');

function yamlIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => YAML.test(name))
      .toSorted();
  } catch {
    // Where there is no folder there is no file.
    return [];
  }
}
