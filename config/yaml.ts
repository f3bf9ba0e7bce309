/** How every YAML file of Coalmine is read: one document, checked against one schema, all problems reported at once. */
import type { z } from 'zod';
import { readText } from './document.ts';
import { explain, zodMessages } from './explain.ts';
import { refuse } from './issues.ts';
import { isPlain, merge, readLayers } from './layers.ts';
import { Places } from './places.ts';
import { between, type Rule } from './rules.ts';

export interface LoadedYaml<T> {
  readonly value: T;
  /** Finds the line and column of any value, for checks that need more than the schema knows. */
  readonly places: Places;
  /** The file and all it extends, in that order. */
  readonly files: readonly string[];
}

/**
 * Reads `file` (or `text`, which then stands for it: standard input, a test) and whatever it `extends`, as one document that
 * no schema has seen yet. `folders` are where `extends` looks for what is not beside the file. Throws BadInput.
 */
export function mergeYaml(file: string, text?: string, folders?: readonly string[]): LoadedYaml<unknown> {
  const layers = readLayers(file, text ?? readText(file), folders);
  const value = layers.map((layer) => withoutExtends(layer.value)).reduceRight((base, changes) => merge(base, changes));
  return { value, places: new Places(layers), files: layers.map((layer) => layer.file) };
}

/** What is to be checked beyond the schema, between any values of the document. */
export interface DocumentRules<T> {
  readonly rules: (places: Places) => readonly Rule<T>[];
  /** See `between`. */
  readonly plain?: boolean;
}

/**
 * Reads a document as `mergeYaml` does and checks it with `schema`, whose outermost map is no transform, and by `more`.
 * Throws BadInput with every issue.
 *
 * In schemas, a custom issue's message states the rule ("expected a duration such as 10s"); what was got instead is put
 * in front of it, unless the message begins with "got " itself.
 */
export function loadYaml<T>(
  file: string,
  schema: z.ZodType<T>,
  text?: string,
  folders?: readonly string[],
  more?: DocumentRules<T>,
): LoadedYaml<T> {
  const { value, places, files } = mergeYaml(file, text, folders);
  const whole = more === undefined ? schema : schema.check(between(more.rules(places), { plain: more.plain ?? false }));
  const result = whole.safeParse(value, { error: zodMessages });
  if (!result.success) refuse(explain(result.error, value, places));
  return { value: result.data as T, places, files };
}

function withoutExtends(value: unknown): unknown {
  if (!isPlain(value)) return value;
  const { extends: _, ...rest } = value;
  return rest;
}
