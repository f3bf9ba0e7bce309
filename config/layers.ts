/** `extends: other.yaml`: a document that only states how it differs from another one. */
import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, resolve } from 'node:path';
import { parseYaml, readText, type YamlDocument } from './document.ts';
import { BadInput } from './issues.ts';
import { Places } from './places.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Whether a value is a map. */
export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The document and every document it extends, most specific first.
 * A relative name is relative to the file that states it, or else, where that leads to no file, to the first of `folders`
 * that has one. A file that extends itself, however indirectly, is refused.
 */
export function readLayers(file: string, text: string, folders: readonly string[] = []): YamlDocument[] {
  const layers: YamlDocument[] = [];
  const seen = new Set<string>();
  let next: { file: string; text: string } | null = { file, text };
  while (next !== null) {
    seen.add(resolve(next.file));
    const layer: YamlDocument = parseYaml(next.file, next.text);
    layers.push(layer);
    next = baseOf(layer, seen, folders);
  }
  return layers;
}

function baseOf(
  layer: YamlDocument,
  seen: ReadonlySet<string>,
  folders: readonly string[],
): { file: string; text: string } | null {
  const name = isPlain(layer.value) ? layer.value['extends'] : undefined;
  if (name === undefined) return null;
  const refuseBase = (message: string): never => {
    throw new BadInput([new Places([layer]).issue(['extends'], message)]);
  };
  if (typeof name !== 'string') return refuseBase('got no file name, expected the path of a file to extend');
  const file = locateBase(name, layer.file, folders);
  if (seen.has(resolve(file))) return refuseBase(`got '${name}', expected no cycle: it leads back to this file`);
  try {
    return { file, text: readText(file) };
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    const where = folders.length === 0 ? 'beside this one' : 'beside this one or in the package';
    return refuseBase(`got '${name}', expected a file ${where}: ${error.issues[0]?.message}`);
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** The file that is meant: beside the one that states it, also when there is none anywhere, so that the issue names that place. */
function locateBase(name: string, statedIn: string, folders: readonly string[]): string {
  if (isAbsolute(name)) return name;
  const beside = join(dirname(statedIn), name);
  // `../x` is meant from where it is written, never from a folder its author does not know.
  const others = normalize(name).startsWith('..') ? [] : folders.map((folder) => join(folder, name));
  return existsSync(beside) ? beside : (others.find(isFile) ?? beside);
}

/**
 * The base with the changes laid over it: maps merge key by key, anything else replaces what it covers. A map that states
 * its `kind` replaces as well, since the fields of one kind mean nothing to another; null takes back what the base says.
 */
export function merge(base: unknown, changes: unknown): unknown {
  if (!isPlain(base) || !isPlain(changes) || 'kind' in changes) return changes;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete merged[key];
    else merged[key] = key in base ? merge(base[key], value) : value;
  }
  return merged;
}
