/** Numbers as people read them in a report; "–" where there is none (absent is never 0). */
import { formatDuration } from '../config/units.ts';

export const NONE = '–';

/** Rounded to what the eye can use: three or four digits. */
export function duration(ms: number | null): string {
  if (ms === null) return NONE;
  const size = Math.abs(ms);
  const step = size >= 600_000 ? 1000 : size >= 10_000 ? 100 : size >= 1000 ? 10 : size >= 10 ? 1 : 0.01;
  return formatDuration(Math.round(ms / step) * step);
}

export const count = (n: number | null): string => (n === null ? NONE : Math.round(n).toLocaleString('en-US'));

/** Three significant digits unless told otherwise, without an exponent. */
export function number(value: number | null, digits = 3): string {
  if (value === null) return NONE;
  const size = Math.abs(value);
  if (size >= 100_000) return count(value);
  const decimals = size === 0 ? 0 : Math.min(6, Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
  return value.toLocaleString('en-US', { maximumFractionDigits: decimals });
}

export const ms = (value: number | null): string => (value === null ? NONE : `${number(value)} ms`);

/** A fraction in percent. */
export const percent = (fraction: number | null, digits = 3): string =>
  fraction === null ? NONE : `${number(fraction * 100, digits)} %`;

/** The same with its sign, for changes. */
export const change = (fraction: number | null): string =>
  fraction === null ? NONE : `${fraction > 0 ? '+' : ''}${percent(fraction)}`;

/** 0.999 → "p99.9". */
export const quantileName = (q: number): string => `p${Number((q * 100).toPrecision(10))}`;

/** "1 guard", "2 guards". */
export const plural = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
