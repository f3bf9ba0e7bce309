/** Exact comparison of a ratio of counts with a bound (b·x against a·n in integers, never in floating point). */

/** a/b of a decimal: b is a power of ten. */
export interface Rational {
  readonly a: bigint;
  readonly b: bigint;
}

/** Decimals of a double that are certainly the ones a person wrote. */
const DIGITS = 15;

/**
 * The decimal a person wrote, exactly: a double of up to 15 significant digits gives them back, so 0.001 is 1/1000 and not
 * its nearest binary fraction. Throws RangeError when `value` is not finite.
 */
export function rational(value: number): Rational {
  if (!Number.isFinite(value)) throw new RangeError(`got ${value}, expected a finite number`);
  const [digits = '', exponent = '0'] = value.toExponential(DIGITS - 1).split('e');
  const a = BigInt(digits.replace('.', ''));
  const power = Number(exponent) - (DIGITS - 1);
  return power >= 0 ? { a: a * 10n ** BigInt(power), b: 1n } : { a, b: 10n ** BigInt(-power) };
}

/** 1 − r, 1 + r. */
export const oneMinus = ({ a, b }: Rational): Rational => ({ a: b - a, b });
export const onePlus = ({ a, b }: Rational): Rational => ({ a: b + a, b });

/** Sign of x/n − a/b for whole x and n > 0. */
export function compareRatio(x: number, n: number, { a, b }: Rational): number {
  const difference = b * BigInt(x) - a * BigInt(n);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

/** Sign of (x/n)/(y/m) − a/b for whole numbers with y, m, n > 0: change relative to another ratio. */
export function compareRelative(x: number, n: number, y: number, m: number, { a, b }: Rational): number {
  const difference = b * BigInt(x) * BigInt(m) - a * BigInt(y) * BigInt(n);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

export type Operator = '>' | '>=' | '<' | '<=';

/** Whether `sign` of (value − bound) fulfils the operator. */
export function holds(sign: number, operator: Operator): boolean {
  if (operator === '>') return sign > 0;
  if (operator === '>=') return sign >= 0;
  return operator === '<' ? sign < 0 : sign <= 0;
}
