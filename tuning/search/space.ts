/** Reads a policy space: every setting's values, each of them tried on the base policy, or every issue with its place. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { hashOf } from '../../config/hash.ts';
import { BadInput, type Issue, refuse } from '../../config/issues.ts';
import { findStated, packageFolders } from '../../config/package-root.ts';
import { formatDuration } from '../../config/units.ts';
import { loadYaml, mergeYaml } from '../../config/yaml.ts';
import { loadPolicy, policyFrom } from '../../controller/load-policy.ts';
import type { Policy } from '../../controller/policy.ts';
import { type Method, METHODS, methodFor } from './methods.ts';
import { settingAt, withSetting } from './setting-path.ts';
import { type Quantity, type RangeForm, spaceSchema } from './space-schema.ts';

export interface Setting {
  readonly path: string;
  /** As YAML reads them; null takes back what the base says. In the order in which neighbours are like each other. */
  readonly values: readonly unknown[];
}

/** Plain data, so that a plan can hold it. */
export interface Space {
  readonly name: string;
  readonly hash: string;
  /** File of the base policy, for messages. */
  readonly baseFile: string;
  /** The base policy's document, whatever it extends laid in. */
  readonly base: unknown;
  readonly settings: readonly Setting[];
  readonly method: Method;
  readonly budget: number;
}

/** One place per setting: which of its values, −1 for what the base says. */
export type Point = readonly number[];

/** Throws BadInput with every issue of the space; of each value that the base policy refuses, at its place. */
export function loadSpace(file: string, text?: string): Space {
  const folders = packageFolders('policies');
  const { value: form, places } = loadYaml(file, spaceSchema, text, folders);
  const baseFile = findStated(form.base, file, folders) ?? join(dirname(file), form.base);
  const base = baseOf(baseFile, (message) => places.issue(['base'], message));
  const issues: Issue[] = [];
  const settings = Object.entries(form.settings).map(([path, given]): Setting => {
    const found = settingAt(base, path);
    const values = Array.isArray(given) ? (given as readonly unknown[]) : valuesOf(given as RangeForm);
    if ('issue' in found) issues.push(places.keyIssue(['settings', path], found.issue));
    else
      for (const [i, value] of values.entries()) {
        const place = Array.isArray(given) ? ['settings', path, i] : ['settings', path];
        for (const message of refusals(withSetting(base, path, value), baseFile))
          issues.push(places.issue(place, message));
      }
    return { path, values };
  });
  if (settings.length === 0) issues.push(places.issue(['settings'], 'got no setting, expected at least one'));
  refuse(issues);
  const method = form.method ?? methodFor(sizeOf({ settings }), form.budget);
  const { name, budget } = form;
  const identity = { base, settings, method, budget };
  return { name, hash: hashOf(identity), baseFile, ...identity };
}

/** How many policies there are: what the base says is one more value of a setting that does not list it. */
export const sizeOf = ({ settings }: Pick<Space, 'settings'>): number =>
  settings.reduce((product, { values }) => product * values.length, 1);

/** How large a space is and what searches it, for people. */
export function spaceWords({ settings, method, budget }: Pick<Space, 'settings' | 'method' | 'budget'>): string {
  const [size, most] = [sizeOf({ settings }).toLocaleString('en'), budget.toLocaleString('en')];
  return `${size} policies, at most ${most} of them judged by ${method}: ${METHODS[method]}`;
}

/** The policy at a point of the space; null when it is refused, since some values do not go together. */
export const policyAt = (space: Space, point: Point): Policy | null => policyFrom(documentAt(space, point));

/** The base policy itself. */
export const basePolicy = ({ base, baseFile }: Space): Policy => loadPolicy(baseFile, stringify(base));

/** The document of the policy at a point. */
export const documentAt = ({ base, settings }: Space, point: Point): unknown =>
  settings.reduce(
    (document, { path, values }, i) =>
      point[i]! < 0 ? document : withSetting(document, path, values[point[i]!] ?? null),
    base,
  );

/** What is wrong with a document; nothing when it is a policy. */
function refusals(document: unknown, file: string): readonly string[] {
  if (policyFrom(document) !== null) return [];
  try {
    loadPolicy(file, stringify(document));
    return [];
  } catch (error) {
    if (error instanceof BadInput) return error.issues.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
}

function baseOf(file: string, issue: (message: string) => Issue): unknown {
  try {
    loadPolicy(file);
    return mergeYaml(file, undefined, packageFolders('policies')).value;
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    // A file that is not there is this document's mistake; one that is wrong has its own.
    if (existsSync(file)) throw error;
    throw new BadInput([issue(`got '${file}', expected the file of a policy, beside this one or in the package`)]);
  }
}

function valuesOf({ from, to, step, steps, scale }: RangeForm): readonly unknown[] {
  const count = steps ?? Math.floor((to.value - from.value) / step!.value + 1e-9) + 1;
  const at = (i: number): number => {
    if (step !== undefined) return from.value + i * step.value;
    const part = i / (count - 1);
    return scale === 'log' ? from.value * (to.value / from.value) ** part : from.value + part * (to.value - from.value);
  };
  return Array.from({ length: count }, (_, i) => textOf({ unit: from.unit, value: at(i) }));
}

/** As a person would write it; rounded to what a person would read. */
function textOf({ unit, value }: Quantity): unknown {
  if (unit === 'duration') return formatDuration(Math.round(value));
  const tidy = Number(value.toPrecision(3));
  return unit === 'percent' ? `${tidy}%` : value >= 100 ? Math.round(value) : tidy;
}
