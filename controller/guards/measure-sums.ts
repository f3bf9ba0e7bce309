/** The sums behind a guard on a measure. */
import { type Moments, NO_MOMENTS, NO_PAIRS, type PairMoments } from '../../telemetry/measures.ts';
import type { Metric } from '../policy.ts';
import type { Tally } from '../tally.ts';

type Measured = Extract<Metric, { kind: 'measure' }>;

/** The arm's own, or, for a measure of pairs, those the candidate's tally carries. */
export const momentsOf = ({ name }: Measured, tally: Tally): Moments =>
  tally.measures[name] ?? tally.pairMeasures[name] ?? NO_MOMENTS;

/** Of both copies of mirrored requests. */
export const pairsOf = ({ name }: Measured, candidate: Tally): PairMoments =>
  candidate.pairedMeasures[name] ?? NO_PAIRS;
