/** The YAML form of a policy space: a policy, and what may be changed in it. What each value means is filled in by space.ts. */
import { z } from 'zod';
import { positiveSize } from '../../config/fields.ts';
import { between } from '../../config/rules.ts';
import { parseDuration, parsePercent } from '../../config/units.ts';
import { METHODS, type Method } from './methods.ts';

/** A quantity at the end of a range: a duration, a percentage, or a number. */
export interface Quantity {
  readonly unit: 'duration' | 'percent' | 'number';
  /** ms, per cent, or the number itself. */
  readonly value: number;
}

/** null for what is none. A bare 0 has no unit of its own. */
export function quantityOf(value: unknown): Quantity | null {
  if (typeof value === 'number') return Number.isFinite(value) ? { unit: 'number', value } : null;
  const percent = parsePercent(value);
  if (percent !== null) return { unit: 'percent', value: percent };
  const ms = parseDuration(value);
  return ms === null ? null : { unit: 'duration', value: ms };
}

const quantity: z.ZodType<Quantity> = z
  .unknown()
  .transform((value, context) => {
    const found = quantityOf(value);
    if (found !== null) return found;
    context.addIssue({ code: 'custom', message: 'expected a duration (15m), a percentage (0.1%) or a number' });
    return z.NEVER;
  })
  .meta({ type: ['string', 'number'] });

const MOST_STEPS = 1000;

export interface RangeForm {
  readonly from: Quantity;
  readonly to: Quantity;
  readonly step?: Quantity | undefined;
  readonly steps?: number | undefined;
  readonly scale?: 'linear' | 'log' | undefined;
}

const range: z.ZodType<RangeForm> = z
  .strictObject({
    from: quantity.describe('The first value.'),
    to: quantity.describe('The last value; above the first.'),
    step: quantity.optional().describe('From one value to the next. Exactly one of step and steps.'),
    steps: positiveSize.optional().describe('How many values, both ends among them.'),
    scale: z
      .enum(['linear', 'log'])
      .optional()
      .describe('log: from one value to the next by the same factor. Default linear.'),
  })
  .check(
    between<RangeForm>([
      ({ from, to }, report) => to.unit !== from.unit && report(['to'], `expected a ${from.unit}, as in from`),
      ({ from, to }, report) =>
        to.unit === from.unit && to.value <= from.value && report(['to'], 'expected more than from'),
      ({ step, steps }, report) =>
        (step === undefined) === (steps === undefined) && report([], 'expected exactly one of step and steps'),
      ({ from, step }, report) =>
        step !== undefined &&
        (step.unit !== from.unit || step.value <= 0) &&
        report(['step'], `expected a ${from.unit} above 0, as in from`),
      ({ steps }, report) =>
        steps !== undefined && (steps < 2 || steps > MOST_STEPS) && report(['steps'], `expected 2 to ${MOST_STEPS}`),
      ({ from, to, step }, report) =>
        step !== undefined &&
        (to.value - from.value) / step.value > MOST_STEPS &&
        report(['step'], `expected at most ${MOST_STEPS} values`),
      ({ from, scale, step }, report) =>
        scale === 'log' &&
        (from.value <= 0 || step !== undefined) &&
        report(['scale'], 'expected steps and a first value above 0 with it'),
    ]),
  );

export interface SpaceForm {
  readonly name: string;
  readonly description?: string | undefined;
  readonly base: string;
  readonly settings: Readonly<Record<string, readonly unknown[] | RangeForm>>;
  readonly method?: Method | undefined;
  readonly budget: number;
}

const spaceForm = z
  .strictObject({
    name: z.string().min(1).describe('Name of the space.'),
    description: z.string().optional().describe('What is looked for.'),
    base: z
      .string()
      .min(1)
      .describe('The policy that is varied: a file beside this one, or one that came with the package.'),
    settings: z
      .record(z.string(), z.union([z.array(z.unknown()).min(1), range]))
      .describe(
        'By path in the policy, guards and stages by name (guards.errors.sustained.for): a list of values, any YAML, ~ for taking back what the policy says; or a range of durations, percentages or numbers.',
      ),
    method: z
      .enum(Object.keys(METHODS) as Method[])
      .optional()
      .describe(
        `${Object.entries(METHODS)
          .map(([name, words]) => `${name}: ${words}.`)
          .join(' ')} Default: grid within the budget, refinement beyond.`,
      ),
    budget: positiveSize.prefault(2000).describe('Policies that are judged, at most.'),
  })
  .describe('A policy space of Coalmine: what `coalmine tune --space` searches.');

/** What a policy space must look like. */
export const spaceSchema: z.ZodType<SpaceForm> = spaceForm;
