/** Turns what zod found into issues that say what was there, what the rule is, and what was probably meant. */
import type { z } from 'zod';
import type { Issue, Path } from './issues.ts';
import { isPlain } from './layers.ts';
import type { Places } from './places.ts';
import { didYouMean } from './suggest.ts';

type ZodIssue = z.core.$ZodIssue;

/**
 * Messages zod is to use. An unknown key's issue does not name the keys its map may have, and only here is that map's
 * schema at hand: they travel in the message, one per line.
 */
export const zodMessages: z.core.$ZodErrorMap = (raw) => {
  if (raw.code !== 'unrecognized_keys') return undefined;
  const { shape } = (raw.inst as z.ZodObject)._zod.def;
  return Object.keys(shape).join('\n');
};

/** All issues of a document that zod refused. `value` is the document, as zod saw it. */
export const explain = (error: z.ZodError, value: unknown, places: Places): Issue[] =>
  error.issues.flatMap((issue) => explainOne(issue, value, places, []));

function explainOne(issue: ZodIssue, value: unknown, places: Places, parent: Path): Issue[] {
  const path = [...parent, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  const got = valueAt(value, path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, issue.message, path, places));
  if (issue.code === 'invalid_key') {
    const rule = issue.issues.map((each) => ruleOf(each, undefined)).join(' and ');
    return [places.keyIssue(path, `got key ${show(path.at(-1))}, ${rule}`)];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branch = likeliest(issue.errors, got);
    if (branch !== null) return branch.flatMap((each) => explainOne(each, value, places, path));
    return [places.issue(path, `got ${show(got)}, ${anyOf(issue.errors.flat(), got)}`)];
  }
  const rule = ruleOf(issue, got);
  return [places.issue(path, rule.startsWith('got ') ? rule : `got ${show(got)}, ${rule}`)];
}

function unknownKey(key: string, allowedLines: string, path: Path, places: Places): Issue {
  const allowed = allowedLines.split('\n');
  const rule = `expected one of: ${allowed.join(', ')}${didYouMean(key, allowed)}`;
  return places.keyIssue([...path, key], `got the unknown key '${key}', ${rule}`);
}

/**
 * Of the alternatives, the one that was probably meant: the issues of the first whose own type the value has, so that they
 * lie inside it, or, for a map, of one that takes maps but not this combination of keys. Null when the value fits none.
 */
function likeliest(branches: readonly ZodIssue[][], got: unknown): ZodIssue[] | null {
  const atRoot = (issues: readonly ZodIssue[]): ZodIssue[] => issues.filter(isAboutWhole);
  const inside = branches.find((issues) => atRoot(issues).length === 0);
  if (inside !== undefined || !isPlain(got)) return inside ?? null;
  return branches.find((issues) => atRoot(issues).every(({ code }) => code === 'custom')) ?? null;
}

const isAboutWhole = ({ code, path }: ZodIssue): boolean => path.length === 0 && code !== 'unrecognized_keys';

/** The rules of all alternatives in one: "expected a duration or a map". */
function anyOf(issues: readonly ZodIssue[], got: unknown): string {
  const rules = issues.map((each) => ruleOf(each, undefined).replace('expected ', ''));
  const words = issues.flatMap((each) => (each.code === 'invalid_value' ? each.values.map(String) : []));
  return `expected ${[...new Set(rules)].join(' or ')}${typeof got === 'string' ? didYouMean(got, words) : ''}`;
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function ruleOf(issue: ZodIssue, got: unknown): string {
  // The schema's own words are better than ours.
  if (issue.message.startsWith('expected ')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return oneOf(issue.values, got);
    case 'invalid_union':
      return oneOf('options' in issue ? (issue.options ?? []) : [], got);
    case 'too_small':
      return `expected ${measureOf(issue.origin)}${issue.inclusive === false ? '>' : '≥'} ${issue.minimum}`;
    case 'too_big':
      return `expected ${measureOf(issue.origin)}${issue.inclusive === false ? '<' : '≤'} ${issue.maximum}`;
    case 'invalid_format':
      return `expected text that matches ${issue.pattern ?? issue.format}`;
    default:
      return issue.message;
  }
}

const MEASURES: Readonly<Record<string, string>> = { string: 'text of a length ', array: 'a list of a length ' };
const measureOf = (origin: string): string => MEASURES[origin] ?? '';

function oneOf(values: readonly unknown[], got: unknown): string {
  const words = values.map(String);
  const [only] = words;
  const rule = words.length === 1 ? `expected ${only}` : `expected one of: ${words.join(', ')}`;
  return typeof got === 'string' ? rule + didYouMean(got, words) : rule;
}

/** A value as an issue shows it: short, on one line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string')
    return `'${value.length > 60 ? `${value.slice(0, 59)}…` : value}'`.replaceAll(/\s+/g, ' ');
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'a map';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path)
    at = typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[step] : undefined;
  return at;
}
