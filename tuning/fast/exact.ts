/** Signs of products of whole numbers: in doubles where those are certain, else in big integers, so always exact. */
import { type Operator, type Rational } from '../../controller/guards/rational.ts';

/** A rational in lowest terms, as doubles and exactly. */
export interface Ratio {
  readonly a: number;
  readonly b: number;
  readonly exact: Rational;
}

/** Largest whole number up to which doubles are exact. */
const WHOLE = 2 ** 53;
/** More than the relative error of a product of four doubles, each of them rounded. */
const UNSURE = 2 ** -49;

export function ratioOf({ a, b }: Rational): Ratio {
  const divisor = gcd(a < 0n ? -a : a, b);
  const exact = { a: a / divisor, b: b / divisor };
  return { a: Number(exact.a), b: Number(exact.b), exact };
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

/** Whether b·x − a·n is exact in doubles for all counts up to these. */
export const isPlain = (x: number, n: number, { a, b }: Ratio): boolean => b < WHOLE && b * x + Math.abs(a) * n < WHOLE;

/** Sign of x/n − a/b, for whole x ≥ 0, n > 0. */
export function signOfRatio(x: number, n: number, { a, b, exact }: Ratio): number {
  const left = b * x;
  const right = a * n;
  const sum = left + Math.abs(right);
  const difference = left - right;
  if (sum < WHOLE ? b < WHOLE : Math.abs(difference) > sum * UNSURE) return difference;
  return signOf(exact.b * BigInt(x) - exact.a * BigInt(n));
}

/** Sign of (x/n)/(y/m) − a/b, for whole numbers with n, y, m > 0. */
export function signOfRelative(x: number, n: number, y: number, m: number, { a, b, exact }: Ratio): number {
  const left = b * x * m;
  const right = a * y * n;
  const sum = left + Math.abs(right);
  const difference = left - right;
  if (sum < WHOLE ? b < WHOLE : Math.abs(difference) > sum * UNSURE) return difference;
  return signOf(exact.b * BigInt(x) * BigInt(m) - exact.a * BigInt(y) * BigInt(n));
}

const signOf = (value: bigint): number => (value > 0n ? 1 : value < 0n ? -1 : 0);

/** Operators as small numbers. */
export const OPERATORS: readonly Operator[] = ['>', '>=', '<', '<='];

export function fulfils(sign: number, operator: number): boolean {
  if (operator === 0) return sign > 0;
  if (operator === 1) return sign >= 0;
  return operator === 2 ? sign < 0 : sign <= 0;
}
