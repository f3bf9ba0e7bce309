import { BadInput, fileIssue, type Issue } from '../config/issues.ts';
import { parseDuration, parseSize } from '../config/units.ts';

/** Goes on after bad input, to find all of it: options, scenario and policy are refused together. */
export class Findings {
  readonly #issues: Issue[] = [];

  /** What `step` gives; undefined when it throws BadInput, which `refuse` will throw. */
  of<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      this.#issues.push(...error.issues);
      return undefined;
    }
  }

  /** Throws BadInput with every issue, if there was one. */
  refuse(): void {
    if (this.#issues.length > 0) throw new BadInput(this.#issues);
  }
}

/** A size on the command line: `500k`, `10M`, `1200`. Throws BadInput naming the option. */
export function countOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = parseSize(text);
  if (typeof value !== 'number')
    throw new BadInput([fileIssue(name, `got '${text}', expected a count such as 500k or 10M`)]);
  return value;
}

/** A whole number of 0 or more. */
export function wholeOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new BadInput([fileIssue(name, `got '${text}', expected a whole number`)]);
  return Number(text);
}

/** A number above 0. */
export function positiveOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new BadInput([fileIssue(name, `got '${text}', expected a number above 0`)]);
  return value;
}

/** The text behind a file argument when it is `-`: all of standard input. */
export async function standardInput(file: string): Promise<string | undefined> {
  if (file !== '-') return undefined;
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** `2/8`: the third of eight parts, places counted from 0. */
export function shardOption(name: string, text: string | undefined): { index: number; count: number } | null {
  if (text === undefined) return null;
  const [, index = 0, count = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (!(index < count))
    throw new BadInput([fileIssue(name, `got '${text}', expected a place and a number of parts, from 0/n to n-1/n`)]);
  return { index, count };
}

/** A duration above 0, ms. */
export function durationOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === null || ms <= 0) throw new BadInput([fileIssue(name, `got '${text}', expected a duration such as 30s`)]);
  return ms;
}
