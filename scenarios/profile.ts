/** Arrival profiles read from a file: how a day's traffic is spread, without saying how much there is. */
import { z } from 'zod';
import { BadInput } from '../config/issues.ts';
import { loadYaml } from '../config/yaml.ts';
import type { RateSegment } from './scenario.ts';

const profileSchema: z.ZodType<{ readonly relativeRate: readonly number[] }> = z.object({
  relativeRate: z
    .array(z.number().min(0))
    .min(1)
    .describe('rate of each slot of the period, relative to the mean rate'),
});

/**
 * Reads a JSON file whose `relativeRate` lists shares of the mean rate, one per slot of equal length, and stretches them over `periodMs`.
 * Shares are rescaled to a mean of 1, so the profile has exactly the mean rate asked for. Throws BadInput.
 */
export function readProfile(file: string, meanRps: number, periodMs: number): RateSegment[] {
  const { value, places } = loadYaml(file, profileSchema);
  const { relativeRate: shares } = value;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  if (mean === 0) throw new BadInput([places.issue(['relativeRate'], 'got only zeros, expected some traffic')]);
  return shares.map((share, slot) => {
    const rps = (meanRps * share) / mean;
    return {
      startMs: (periodMs * slot) / shares.length,
      endMs: (periodMs * (slot + 1)) / shares.length,
      fromRps: rps,
      toRps: rps,
    };
  });
}
