/** Quantities as people write them (`30m`, `10M`, `0.1%`, `500/min`) to numbers and back. Parsers give null for what they cannot read. */

const NUMBER = String.raw`(\d+(?:\.\d+)?|\.\d+)`;
const MS_PER: Readonly<Record<string, number>> = { d: 86_400e3, h: 3_600e3, m: 60e3, s: 1e3, ms: 1, us: 1e-3 };
const DURATION = new RegExp(
  `^${Object.keys(MS_PER)
    .map((unit) => `(?:${NUMBER}${unit})?`)
    .join('')}$`,
);
const DURATION_PART = new RegExp(`${NUMBER}(us|ms|s|m|h|d)`, 'g');
const SIZE = new RegExp(String.raw`^(\d[\d_]*(?:\.\d+)?(?:e\d+)?)([kMG]?)$`);
const SIZES: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };
const PERCENT = new RegExp(`^${NUMBER}\\s*%$`);
const RATE = /^(.+)\/(s|min|h)$/;
const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

/** Decimal text times a unit, without the last-digit noise of multiplying binary fractions (to 1 ns for times). */
const tidy = (value: number): number => Number(value.toPrecision(15));

/** Hundreds of digits are more than a number holds. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** `250ms`, `10s`, `1h30m`, `1.5h`, `200us`, `1d` or 0 → ms; larger units first. A bare number other than 0 has no unit, so null. */
export function parseDuration(value: unknown): number | null {
  if (value === 0 || value === '0') return 0;
  if (typeof value !== 'string' || value === '' || !DURATION.test(value)) return null;
  let ms = 0;
  for (const [, digits, unit] of value.matchAll(DURATION_PART))
    ms += tidy(Number(digits) * (MS_PER[unit ?? ''] ?? Number.NaN));
  return finite(tidy(ms));
}

/** `10M`, `500k`, `2e6`, `10_000`, 250 → a whole number ≥ 0. */
export function parseSize(value: unknown): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null;
  const match = typeof value === 'string' ? SIZE.exec(value) : null;
  if (match === null) return null;
  const [, digits = '', unit = ''] = match;
  const size = tidy(Number(digits.replaceAll('_', '')) * (SIZES[unit] ?? 1));
  return Number.isSafeInteger(size) ? size : null;
}

/** `1%` → 1. Only text with a percent sign: a bare 1 could be 1 % or all of it. Not limited to 100. */
export function parsePercent(value: unknown): number | null {
  const match = typeof value === 'string' ? PERCENT.exec(value) : null;
  return match === null ? null : finite(Number(match[1]));
}

/** `1%` or 0.01 → 0.01. Bare numbers are fractions, so above 1 they are null (nobody can tell 5 from 5 %). */
export function parseFraction(value: unknown): number | null {
  if (typeof value === 'number') return value >= 0 && value <= 1 ? value : null;
  const percent = parsePercent(value);
  // Shifting the decimal point is exact where dividing by 100 is not (0.7 %).
  return percent === null ? null : Number(`${percent}e-2`);
}

/** `1389/s`, `500/min`, `10k/h` → per second. */
export function parseRate(value: unknown): number | null {
  const match = typeof value === 'string' ? RATE.exec(value) : null;
  if (match === null) return null;
  const [, amount = '', unit = ''] = match;
  const count = new RegExp(`^${NUMBER}$`).test(amount) ? Number(amount) : parseSize(amount);
  return count === null ? null : finite(count / (SECONDS_PER[unit] ?? Number.NaN));
}

const decimal = (value: number): string => value.toFixed(9).replace(/\.?0+$/, '');

/** ms → `1h30m`, `1m1.5s`, `250ms`, `infinite`; exact to 1 ns, so that `parseDuration` gives the same ms back. */
export function formatDuration(ms: number): string {
  if (ms === Infinity) return 'infinite';
  if (ms < 0) return `-${formatDuration(-ms)}`;
  const hours = Math.floor(ms / 3_600e3);
  const minutes = Math.floor((ms - hours * 3_600e3) / 60e3);
  const rest = ms - hours * 3_600e3 - minutes * 60e3;
  if (ms < 1000) return ms === 0 ? '0s' : `${decimal(tidy(ms))}ms`;
  const seconds = decimal(tidy(rest / 1000));
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds === '0' ? '' : `${seconds}s`}`;
}

/** A whole number → `10M`, `1.5M`, `500k`, `1234567`: short where that is exact, so that `parseSize` gives the same number back. */
export function formatCount(count: number): string {
  for (const unit of ['G', 'M', 'k'] as const) {
    const size = SIZES[unit] ?? 1;
    if (Math.abs(count) >= size && count % (size / 10) === 0) return `${count / size}${unit}`;
  }
  return String(count);
}
