/** `> 50ms`, `>= 0.1%`, `< 0.03`: an absolute bound as people write it. */
import { z } from 'zod';
import { parseDuration, parseFraction } from '../config/units.ts';
import type { Bound } from './policy.ts';

type Absolute = Extract<Bound, { kind: 'absolute' }>;

/** What the number is, as far as its unit tells: the metric decides whether that fits. */
export interface BoundText extends Absolute {
  readonly unit: 'time' | 'share' | 'number';
}

const PATTERN = /^\s*(>=|<=|>|<)\s*(\S.*?)\s*$/;

export function parseBound(text: string): BoundText | null {
  const [, operator, amount = ''] = PATTERN.exec(text) ?? [];
  if (operator === undefined) return null;
  const breachWhen = operator as Absolute['breachWhen'];
  const bound = (value: number | null, unit: BoundText['unit']): BoundText | null =>
    value === null || !Number.isFinite(value) ? null : { kind: 'absolute', breachWhen, value, unit };
  if (amount.endsWith('%')) return bound(parseFraction(amount), 'share');
  return /^-?(\d+(\.\d+)?|\.\d+)$/.test(amount)
    ? bound(Number(amount), 'number')
    : bound(parseDuration(amount), 'time');
}

/** A string in YAML, a bound in code. */
export const boundText: z.ZodType<BoundText, string> = z
  .string()
  .transform((text, context) => {
    const bound = parseBound(text);
    if (bound !== null) return bound;
    context.addIssue({
      code: 'custom',
      // The reader of unions adds the other form: "or a map".
      message: 'expected an operator with an amount (> 50ms, > 0.1%, < 0.2)',
    });
    return z.NEVER;
  })
  .meta({ pattern: String.raw`^\s*(>=|<=|>|<)\s*\S` });
