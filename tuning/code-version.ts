/** Identity of the code that makes and judges recordings: results of another one are never taken for ours. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hashOf } from '../config/hash.ts';

/** The folder of the sources, or of the compiled code. */
const root = join(import.meta.dirname, '..');
/** Rooms whose code has a say in a result. */
const ROOMS = ['config', 'controller', 'models', 'scenarios', 'sim', 'statistics', 'storage', 'telemetry', 'tuning'];

const known = new Map<string, string>();

/** `sha256:…` over the product's code that makes recordings, and of the further rooms named; read once per process. */
export function codeVersion(also: readonly string[] = []): string {
  const rooms = [...ROOMS, ...also];
  const key = rooms.join(' ');
  const hash =
    known.get(key) ??
    hashOf([...files(rooms)].map((file) => [relative(root, file).replaceAll('\\', '/'), digestOf(file)]));
  known.set(key, hash);
  return hash;
}

const isCode = (name: string): boolean => /\.(ts|js)$/.test(name) && !name.endsWith('.d.ts');

function* files(rooms: readonly string[]): Generator<string> {
  for (const name of readdirSync(root).sort()) if (isCode(name)) yield join(root, name);
  for (const room of rooms) {
    for (const name of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).sort())
      if (isCode(name)) yield join(root, room, name);
  }
}

const digestOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
