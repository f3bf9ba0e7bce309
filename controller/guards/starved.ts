/**
 * One-sided silence: the router gives the candidate weight, the baseline has traffic, and the candidate gets none.
 * That is not "no data": under an expected count λ it has probability e^−λ, below 1e-3 from λ = 7.
 */
import type { GuardVerdict } from '../decision.ts';
import { cellOf } from '../needs.ts';
import type { Stage } from '../policy.ts';
import { NO_TALLY } from '../tally.ts';
import { duration, percent, whole } from '../words.ts';
import { between, type Evidence } from './evidence.ts';

/** Name under which it is told; no guard of a policy may have it. */
export const STARVED = 'starved';
const SURELY = 7;

type Shares = Pick<Stage, 'weightPercent' | 'controlPercent'>;

/** Requests that the candidate should have got when the baseline got this many; null where silence proves nothing. */
export function expectedRequests(baselineArrived: number, { weightPercent, controlPercent }: Shares): number | null {
  const rest = 100 - weightPercent - controlPercent;
  return weightPercent > 0 && rest > 0 ? (baselineArrived * weightPercent) / rest : null;
}

/** Whether nothing at all is a silence, given how much was expected. */
export const isSilence = (expected: number | null): expected is number => expected !== null && expected >= SURELY;

/** The breach, or null when the candidate is not starved. */
export function starved(evidence: Evidence, atMs: number): GuardVerdict | null {
  const { stage, policy, index } = evidence;
  const [bucket] = between(evidence, index, index);
  if (bucket === undefined) return null;
  const baseline = bucket.cells[cellOf('baseline', 'all')] ?? NO_TALLY;
  const candidate = bucket.cells[cellOf('candidate', 'all')] ?? NO_TALLY;
  // Shadow copies come past the weight, so they prove nothing about it.
  const got = candidate.arrived - candidate.arrivedMirrored;
  const expected = expectedRequests(baseline.arrived, stage);
  if (got > 0 || !isSilence(expected)) return null;
  return {
    guard: STARVED,
    stage: stage.name,
    atMs,
    verdict: 'breach',
    value: 0,
    reference: baseline.arrived,
    threshold: SURELY,
    samples: 0,
    sustainedMs: policy.evaluateEveryMs,
    because: `no request reached the candidate in ${duration(policy.evaluateEveryMs)} at a weight of ${percent(stage.weightPercent)}, about ${whole(Math.round(expected))} expected`,
  };
}
