/** A time axis people can read: one unit for the whole report, ticks on round values of it. */
export interface TimeAxis {
  readonly unit: 'h' | 'min' | 's';
  readonly unitMs: number;
  /** End of the axis, in units. */
  readonly end: number;
  readonly ticks: readonly number[];
  readonly title: string;
}

const UNITS = [
  { unit: 'h', unitMs: 3_600_000, name: 'hours' },
  { unit: 'min', unitMs: 60_000, name: 'minutes' },
  { unit: 's', unitMs: 1000, name: 'seconds' },
] as const;
const STEPS = [0.25, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600];
const MAX_TICKS = 13;

/** The largest unit of which the span holds at least three. */
export function timeAxis(spanMs: number, since = 'the rehearsal began'): TimeAxis {
  const { unit, unitMs, name } = UNITS.find((u) => spanMs >= 3 * u.unitMs) ?? UNITS[2];
  const end = Math.max(spanMs / unitMs, 0.001);
  const step = STEPS.find((s) => end / s <= MAX_TICKS) ?? end / MAX_TICKS;
  const ticks = Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => i * step);
  return { unit, unitMs, end, ticks, title: `${name} since ${since}` };
}

/** An instant on the axis; four decimals keep the data small and are far below a pixel. */
export const at = (axis: TimeAxis, ms: number): number => Math.round((ms / axis.unitMs) * 10_000) / 10_000;
