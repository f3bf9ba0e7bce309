/** The fields of every configuration file, as zod pieces: read a quantity with its unit, or refuse it with the rule. */
import { z } from 'zod';
import { parseDuration, parseFraction, parsePercent, parseRate, parseSize } from './units.ts';

/** A field whose text form is parsed by `parse`; null from it means the rule is broken. `json` is its JSON Schema. */
function field<T>(
  parse: (value: unknown) => T | null,
  rule: string,
  json: Readonly<Record<string, unknown>>,
): z.ZodType<T> {
  const schema = z.unknown().transform((value, context) => {
    const parsed = parse(value);
    if (parsed !== null) return parsed;
    context.addIssue({ code: 'custom', message: `expected ${rule}` });
    return z.NEVER;
  });
  return schema.meta({ ...json });
}

const DURATION_TEXT = '(0|((\\d+(\\.\\d+)?|\\.\\d+)(us|ms|s|m|h|d))+)';
const EXAMPLES = '250ms, 10s, 30m or 1h30m';
const text = (pattern: string, numbers?: object): Record<string, unknown> =>
  numbers === undefined
    ? { type: 'string', pattern }
    : {
        anyOf: [
          { type: 'string', pattern },
          { type: 'number', ...numbers },
        ],
      };

const positive = (value: number | null): number | null => (value !== null && value > 0 ? value : null);

/** ms ≥ 0. */
export const duration: z.ZodType<number> = field(
  parseDuration,
  `a duration with its unit, such as ${EXAMPLES}`,
  text(`^${DURATION_TEXT}$`, { const: 0 }),
);

/** ms > 0. */
export const positiveDuration: z.ZodType<number> = field(
  (value) => positive(parseDuration(value)),
  `a duration above 0 with its unit, such as ${EXAMPLES}`,
  text(`^${DURATION_TEXT}$`),
);

/** ms ≥ 0, or `infinite`. */
export const durationOrInfinite: z.ZodType<number> = field(
  (value) => (value === 'infinite' ? Infinity : parseDuration(value)),
  `a duration with its unit, such as ${EXAMPLES}, or infinite`,
  text(`^(${DURATION_TEXT}|infinite)$`, { const: 0 }),
);

const SIZE_TEXT = '\\d[\\d_]*(\\.\\d+)?(e\\d+)?[kMG]?';

/** A whole number ≥ 0. */
export const size: z.ZodType<number> = field(
  parseSize,
  'a whole number, such as 250, 10_000, 500k or 10M',
  text(`^${SIZE_TEXT}$`, { minimum: 0 }),
);

/** A whole number ≥ 1. */
export const positiveSize: z.ZodType<number> = field(
  (value) => positive(parseSize(value)),
  'a whole number of at least 1, such as 250, 10_000, 500k or 10M',
  text(`^${SIZE_TEXT}$`, { minimum: 1 }),
);

/** A whole number ≥ 0, or `infinite`. */
export const sizeOrInfinite: z.ZodType<number> = field(
  (value) => (value === 'infinite' ? Infinity : parseSize(value)),
  'a whole number, such as 250, 10_000 or 500k, or infinite',
  text(`^(${SIZE_TEXT}|infinite)$`, { minimum: 0 }),
);

const PERCENT_TEXT = '(\\d+(\\.\\d+)?|\\.\\d+)\\s*%';

/** 0…1, written as a percentage or a fraction. */
export const fraction: z.ZodType<number> = field(
  (value) => {
    const parsed = parseFraction(value);
    return parsed !== null && parsed <= 1 ? parsed : null;
  },
  'a percentage from 0% to 100%, or a fraction from 0 to 1',
  text(`^${PERCENT_TEXT}$`, { minimum: 0, maximum: 1 }),
);

/** A share of the traffic in percent, 0…100, always written with its sign: a bare 1 could be 1 % or everything. */
export const weightPercent: z.ZodType<number> = field(
  (value) => {
    const percent = value === 0 ? 0 : parsePercent(value);
    return percent !== null && percent <= 100 ? percent : null;
  },
  'a percentage with its sign, from 0% to 100%, such as 5%',
  text(`^${PERCENT_TEXT}$`, { const: 0 }),
);

/** Per second, > 0. */
export const rate: z.ZodType<number> = field(
  (value) => positive(parseRate(value)),
  'a rate above 0 with its unit, such as 1389/s, 500/min or 10k/h',
  text('^[\\d._kMG]+/(s|min|h)$'),
);

/** Per second, ≥ 0. */
export const rateOrZero: z.ZodType<number> = field(
  (value) => (value === 0 ? 0 : parseRate(value)),
  'a rate with its unit, such as 1389/s, 500/min or 0/s',
  text('^[\\d._kMG]+/(s|min|h)$', { const: 0 }),
);
