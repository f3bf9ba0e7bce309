/**
 * Rules between the values of a document. They are asked also when some values are wrong on their own, so that one reading
 * finds everything; a rule that needs such a value says nothing.
 */
import { z } from 'zod';
import type { Path } from './issues.ts';

/** Says that a rule is broken: "expected Y", or "got X, expected Y", at a path inside the value that was checked. */
export type Report = (path: Path, message: string) => void;
export type Rule<T> = (value: T, report: Report) => unknown;

type ZodIssue = z.core.$ZodRawIssue;

/** Reading a value that has an issue of its own, which is listed already. */
class Unknown extends Error {}

/** What `read` gives; undefined when it needs a value that is wrong. Also asks a part of a rule without ending the rest. */
export function ifKnown<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

/**
 * A check of a map or list, to be put before any transform of its own. `plain` says that no map inside it is transformed
 * either, so that what it lacks is really absent, and not just missing because something else in that map is wrong.
 */
export function between<T>(
  rules: readonly Rule<T>[],
  { plain = false }: { plain?: boolean } = {},
): z.core.$ZodCheck<T> {
  return z.superRefine<T>(
    (value, context) => {
      const known = knownPart(value, context.issues, plain);
      if (known === null) return;
      const report: Report = (path, message) => context.addIssue({ code: 'custom', path: [...path], message });
      for (const rule of rules) ifKnown(() => rule(known, report));
    },
    { when: () => true },
  );
}

/** What an issue leaves unknown: the value at its path, or which keys the map there was meant to have. */
interface Gap {
  readonly path: readonly PropertyKey[];
  readonly of: 'value' | 'keys';
}

/** The value with its gaps, which throw Unknown when they are read; null when nothing of it is known. */
function knownPart<T>(value: T, issues: readonly ZodIssue[], plain: boolean): T | null {
  const gaps = issues.flatMap((issue) => gapOf(issue, value));
  if (gaps.length === 0) return value;
  if (!isObject(value) || gaps.some(isWhole)) return null;
  return viewer(plain)(value, gaps, true);
}

const isWhole = ({ path, of }: Gap): boolean => path.length === 0 && of === 'value';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function gapOf({ code, path = [], ...rest }: ZodIssue, root: unknown): Gap[] {
  // One of the keys that are absent was probably meant.
  if (code === 'unrecognized_keys') return [{ path, of: 'keys' }];
  // Without its kind no field of a map was read.
  if (code === 'invalid_union' && 'discriminator' in rest && rest.discriminator !== undefined)
    return [{ path: path.slice(0, -1), of: 'value' }];
  const value = path.reduce<unknown>((at, step) => (isObject(at) ? Reflect.get(at, step) : undefined), root);
  // A rule between the fields of a map: each of them is fine.
  if (code === 'custom' && isObject(value) && value !== z.NEVER) return [];
  return [{ path, of: 'value' }];
}

/** Makes views of maps and lists; `complete` says that what one lacks is absent: else a transform that has not run may have given it. */
function viewer(plain: boolean) {
  const view = <T extends object>(value: T, gaps: readonly Gap[], complete: boolean): T => {
    const lacks = complete && !gaps.some(({ path }) => path.length === 0) ? () => undefined : unknown;
    return new Proxy(value, {
      get(target, key) {
        const below = gaps.flatMap(({ path: [step, ...path], of }) => (String(step) === key ? [{ path, of }] : []));
        if (below.some(isWhole)) return unknown();
        if (!Array.isArray(target) && !(key in target)) return lacks();
        const found: unknown = Reflect.get(target, key);
        return below.length > 0 && isObject(found) ? view(found, below, plain) : found;
      },
      has: (target, key) => key in target || lacks() !== undefined,
    });
  };
  return view;
}

function unknown(): never {
  throw new Unknown();
}
