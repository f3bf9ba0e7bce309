/** A plan names files that come with the package by their place in it, so that it means the same on every machine. */
import { isAbsolute, join, relative, sep } from 'node:path';
import { packageRoot } from '../config/package-root.ts';

const PREFIX = 'package:';

/** Copy of a plain value with every string that is a path inside the package written as `package:…`. */
export const portable = <T>(value: T): T => mapped(value, written);

/** The inverse. */
export const placed = <T>(value: T): T => mapped(value, found);

const written = (text: string): string => {
  if (!isAbsolute(text)) return text;
  const inside = relative(packageRoot, text);
  return inside.startsWith('..') || isAbsolute(inside) ? text : PREFIX + inside.split(sep).join('/');
};

const found = (text: string): string =>
  text.startsWith(PREFIX) ? join(packageRoot, ...text.slice(PREFIX.length).split('/')) : text;

function mapped<T>(value: T, of: (text: string) => string): T {
  if (typeof value === 'string') return of(value) as T;
  if (Array.isArray(value)) return value.map((each) => mapped(each as unknown, of)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapped(each as unknown, of)])) as T;
}
