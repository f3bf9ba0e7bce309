/** Which decisions the error of the calibration could have changed. */
import type { GuardVerdict } from '../controller/decision.ts';
import type { Outcome } from '../outcome.ts';
import type { Flip, Sensitivity } from './comparison.ts';
import type { Factors } from './shifted.ts';

export type Errors = Pick<Sensitivity, 'error' | 'source'>;
/** What a judge says of a recording. */
export interface Judged {
  readonly verdict: string;
  readonly verdicts: readonly GuardVerdict[];
}

/** Beyond this busy share nothing is known of the response time. */
const BUSIEST = 0.95;

/**
 * How far the mean service time may be off: half the interval of a calibration. Without one, how far the live servers' own was from what
 * was declared, which is what calibrating would have told.
 */
export function errorsOf({ calibration }: Outcome, { live }: Outcome): Errors {
  const { baseline = null, candidate = null } = calibration?.uncertainty ?? {};
  if (baseline !== null && candidate !== null) return { error: { baseline, candidate }, source: 'calibration' };
  const off = (arm: 'baseline' | 'candidate'): number => {
    const { intendedMs, heldMs } = live?.service[arm] ?? { intendedMs: null, heldMs: null };
    return intendedMs === null || heldMs === null ? 0 : Math.abs(heldMs.mean / intendedMs.mean - 1);
  };
  return { error: { baseline: off('baseline'), candidate: off('candidate') }, source: 'declared times' };
}

/** Factors on latency: 1 ± ε/(1 − ρ), since an error ε of the service time moves response times by that much at a busy share ρ. */
export function factorsOf({ error }: Errors, { utilisation }: Outcome, sign: -1 | 0 | 1): Factors {
  const of = (arm: 'baseline' | 'candidate'): number =>
    Math.max(0.01, 1 + (sign * error[arm]) / (1 - Math.min(BUSIEST, utilisation[arm] ?? 0)));
  return { baseline: of('baseline'), candidate: of('candidate') };
}

export function sensitivityOf(
  errors: Errors,
  outcome: Outcome,
  { faster, stated, slower }: { readonly faster: Judged; readonly stated: Judged; readonly slower: Judged },
): Sensitivity {
  return {
    ...errors,
    verdicts: { faster: faster.verdict, stated: stated.verdict, slower: slower.verdict },
    flips: [
      ...flipsOf(stated, faster, factorsOf(errors, outcome, -1)['candidate']!),
      ...flipsOf(stated, slower, factorsOf(errors, outcome, 1)['candidate']!),
    ],
  };
}

const key = ({ atMs, guard, stage }: GuardVerdict): string => `${atMs} ${stage} ${guard}`;

/** The first evaluation of each guard in each stage at which the two differ. */
function flipsOf(stated: Judged, other: Judged, factor: number): Flip[] {
  const byKey = new Map(other.verdicts.map((each) => [key(each), each.verdict]));
  const seen = new Set<string>();
  return stated.verdicts.flatMap((each): Flip[] => {
    const to = byKey.get(key(each));
    const place = `${each.stage} ${each.guard}`;
    if (to === undefined || to === each.verdict || seen.has(place)) return [];
    seen.add(place);
    const { guard, stage, atMs, verdict } = each;
    return [{ guard, stage, atMs, from: verdict, to, factor }];
  });
}
