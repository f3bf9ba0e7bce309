/** One text and one hash per value, whatever order its keys were written in. */
import { createHash } from 'node:crypto';

/**
 * JSON with sorted keys and no spaces. Keys with undefined are left out, -0 is 0, ±Infinity is 1e999 (which JSON reads back
 * as Infinity). Throws TypeError for what has no JSON form: NaN, bigints, functions, undefined in a list.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return canonicalNumber(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (ArrayBuffer.isView(value)) return canonicalJson([...(value as Float64Array)]);
  if (typeof value !== 'object') throw new TypeError(`got ${typeof value}, expected a value with a JSON form`);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  // By UTF-16 code unit, not by locale: the same on every machine.
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(',')}}`;
}

function canonicalNumber(value: number): string {
  if (Number.isNaN(value)) throw new TypeError('got NaN, expected a number with a JSON form');
  if (!Number.isFinite(value)) return value > 0 ? '1e999' : '-1e999';
  return JSON.stringify(value);
}

/** `sha256:…` of the canonical JSON. */
export const hashOf = (value: unknown): string =>
  `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`;
