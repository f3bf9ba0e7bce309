/**
 * How many samples of the candidate a guard takes before it can say anything but "inconclusive", at given ratios: its minimum samples, or
 * for a test the samples at which a typical course of events is proof, which each test's file knows beside
 * its formula. An estimate, to tell a stage that is too small from one that is not; half of the rollouts take longer.
 */
import type { Guard } from '../policy.ts';
import { cdfBandSamples } from './cdf-band.ts';
import { eProcessSamples } from './e-process.ts';
import type { Expected } from './least-samples.ts';
import { quantileSequenceSamples } from './quantile-sequence.ts';
import { ratioSequenceSamples } from './ratio-sequence.ts';
import { twoArmSamples } from './two-arm.ts';

/** Null: it cannot be told, or no number of samples is enough. */
export function samplesNeeded(guard: Guard, expected: Expected): number | null {
  const proof = toProve(guard, expected);
  return proof === null ? minimum(guard, expected) : Math.max(proof, minimum(guard, expected));
}

/** What the guard asks for before it looks at its bound at all. */
export function minimum(
  { minSamples, minPositives, bound }: Guard,
  { own, reference, times }: Pick<Expected, 'own' | 'reference' | 'times'>,
): number {
  const forPositives = (ratio: number | null, per: number): number =>
    bound?.kind !== 'relative' || ratio === null || ratio <= 0 ? 0 : minPositives / ratio / per;
  return Math.ceil(Math.max(minSamples, minSamples / times, forPositives(own, 1), forPositives(reference, times)));
}

function toProve(guard: Guard, expected: Expected): number | null {
  const { test } = guard;
  switch (test?.method) {
    case 'e-process':
      return eProcessSamples(guard, test, expected);
    case 'two-arm':
      return twoArmSamples(guard, test, expected);
    case 'ratio-sequence':
      return ratioSequenceSamples(guard, test, expected);
    case 'cdf-band':
      return cdfBandSamples(guard, test, expected);
    case 'quantile-sequence':
      return quantileSequenceSamples(guard, test, expected);
    default:
      // Fixed-sample tests state their samples, the evidence of `betting` comes from windows, and how many values a mean takes depends on
      // how much they scatter, which nobody knows before.
      return null;
  }
}
