/** Scenarios that differ in one setting, so that a power curve can be drawn over it. */
import { basename, dirname, extname, join, resolve } from 'node:path';
import { BadInput, fileIssue } from '../config/issues.ts';
import type { Variation } from './plan.ts';

/** `arms.candidate.errorRatio=0.1%,0.2%` as one variation per value. Throws BadInput. */
export function parseVariations(text: string): readonly Variation[] {
  const [, path, values] = /^([A-Za-z][\w.]*)=(.+)$/.exec(text) ?? [];
  if (path === undefined || values === undefined)
    throw new BadInput([
      fileIssue('--vary', `got '${text}', expected a path and its values, such as arms.candidate.errorRatio=0.1%,0.2%`),
    ]);
  return values.split(',').map((value) => ({ path, value: value.trim() }));
}

/** The document that extends the scenario file with one setting changed, and a name for it beside the file. */
export function varied(file: string, name: string, { path, value }: Variation): { file: string; text: string } {
  const keys = path.split('.');
  const nested = keys.map((key, i) => `${'  '.repeat(i)}${key}:${i === keys.length - 1 ? ` ${value}` : ''}`).join('\n');
  const beside = join(dirname(file), `${basename(file, extname(file))} with ${path}=${value}.yaml`);
  const text = `extends: ${JSON.stringify(resolve(file))}\nname: ${JSON.stringify(slug(`${name}-${path}-${value}`))}\n${nested}\n`;
  return { file: beside, text };
}

/** `error-creep-arms.candidate.errorRatio-0.2%` as a scenario may be called: lower-case letters, digits and dashes. */
const slug = (text: string): string =>
  text
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll('%', '-percent')
    .replaceAll(/(\d)\.(\d)/g, '$1-$2')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
