/** What a stage that could not be decided would have taken: more time at the same rate, or more traffic in the same time. */
import type { GuardVerdict } from './decision.ts';
import type { Guard } from './policy.ts';
import { duration, whole } from './words.ts';

export interface Shortfall {
  /** Samples of the candidate that the guard takes, at the ratios seen. */
  readonly samples: number;
  /** That many times the traffic would have been enough. */
  readonly times: number;
  /** How long the stage would have to last at the same rate, ms; null for a guard whose stretch is fixed. */
  readonly stageMs: number | null;
}

/** Null when the guard does not lack samples, or nobody knows how many it lacks. `stageMs`: how long the stage has lasted. */
export function shortfallOf(
  { sustained }: Pick<Guard, 'sustained'>,
  { needed, samples }: Pick<GuardVerdict, 'needed' | 'samples'>,
  stageMs: number,
): Shortfall | null {
  if (needed === undefined || samples === 0) return null;
  const times = needed / samples;
  return { samples: needed, times, stageMs: sustained === null ? stageMs * times : null };
}

/** ` (2,995 samples take 21h 50m at this rate, or 22 times the traffic)`. */
export function shortfallWords({ samples, times, stageMs }: Shortfall): string {
  const more = `${times >= 10 ? whole(Math.ceil(times)) : Number(times.toPrecision(2))} times the traffic`;
  const rounded = stageMs === null ? null : duration(Math.ceil(stageMs / 60_000) * 60_000);
  return ` (${whole(samples)} samples take ${rounded === null ? '' : `${rounded} at this rate, or `}${more})`;
}
