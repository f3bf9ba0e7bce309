/**
 * Where a setting stands in a policy's document. Guards and stages are found by name: `guards.p95-sustained.sustained.for`,
 * `stages.canary-1.hold`. Names may hold dots (`guards.p99.9.action`), so the longest one that fits is taken.
 */
import { didYouMean } from '../../config/suggest.ts';

type Plain = Record<string, unknown>;

const isMap = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value);
const nameOf = (item: unknown): string | null => (isMap(item) && typeof item.name === 'string' ? item.name : null);

/** The step of `path` that names something at `at`, and what follows; the text up to the first dot when nothing is named. */
function split(names: readonly string[], path: string): { readonly step: string; readonly rest: string | null } {
  const fits = names.filter((name) => path === name || path.startsWith(`${name}.`));
  const dot = path.indexOf('.');
  const step = fits.toSorted((a, b) => b.length - a.length)[0] ?? (dot < 0 ? path : path.slice(0, dot));
  return { step, rest: path === step ? null : path.slice(step.length + 1) };
}

/** What a path names: its value (undefined when the document leaves it out), or what is wrong with it. */
export type Found = { readonly value: unknown } | { readonly issue: string };

export function settingAt(document: unknown, path: string): Found {
  let at = document;
  let rest: string | null = path;
  while (rest !== null) {
    if (Array.isArray(at)) {
      const names: readonly string[] = at.map(nameOf).filter((name) => name !== null);
      const next = split(names, rest);
      const item: unknown = at.find((each) => nameOf(each) === next.step);
      // A whole guard may be added by its name; there is nothing inside one that is not there.
      if (item === undefined && next.rest !== null)
        return { issue: `got '${next.step}', expected one of ${names.join(', ')}${didYouMean(next.step, names)}` };
      at = item;
      rest = next.rest;
    } else if (isMap(at)) {
      const next: ReturnType<typeof split> = split(Object.keys(at), rest);
      at = at[next.step];
      rest = next.rest;
    } else if (at === undefined) {
      return { value: undefined };
    } else {
      return { issue: `got '${rest}' inside ${JSON.stringify(at)}, expected no further steps` };
    }
  }
  return { value: at };
}

/**
 * A copy of the document with a setting in place. `null` takes back what the document says, as it does under `extends`. A guard or
 * stage that is not there is added at the end, under the name the path gives it. Ask `settingAt` first.
 */
export function withSetting(document: unknown, path: string, value: unknown): unknown {
  if (Array.isArray(document)) {
    const names = document.map(nameOf).filter((name) => name !== null);
    const { step, rest } = split(names, path);
    const at = document.findIndex((each) => nameOf(each) === step);
    const item: unknown = rest === null ? named(value, step) : withSetting(document[at], rest, value);
    if (at < 0) return item === null ? document : [...(document as unknown[]), item];
    return item === null ? document.toSpliced(at, 1) : document.with(at, item);
  }
  const map: Plain = isMap(document) ? document : {};
  const { step, rest } = split(Object.keys(map), path);
  const inner = rest === null ? value : withSetting(map[step], rest, value);
  if (inner !== null) return { ...map, [step]: inner };
  const { [step]: _, ...others } = map;
  return others;
}

const named = (value: unknown, name: string): unknown => (isMap(value) ? { name, ...value } : value);
