/**
 * One-sided silence (statistics §2.6): the router gives the candidate weight, the baseline has traffic, and the candidate gets none.
 * That is not "no data": under an expected count λ it has probability e^−λ, below 1e-3 from λ = 7.
 */
import type { GuardVerdict } from '../decision.ts';
import { cellOf } from '../needs.ts';
import { NO_TALLY } from '../tally.ts';
import { duration, percent, whole } from '../words.ts';
import { between, type Evidence } from './evidence.ts';

/** Name under which it is told; no guard of a policy may have it. */
export const STARVED = 'starved';
const SURELY = 7;

/** The breach, or null when the candidate is not starved. */
export function starved(evidence: Evidence, atMs: number): GuardVerdict | null {
  const { stage, policy, index } = evidence;
  const [bucket] = between(evidence, index, index);
  if (bucket === undefined || stage.weightPercent <= 0 || stage.weightPercent + stage.controlPercent >= 100)
    return null;
  const baseline = bucket.cells[cellOf('baseline', 'all')] ?? NO_TALLY;
  const candidate = bucket.cells[cellOf('candidate', 'all')] ?? NO_TALLY;
  // Shadow copies come past the weight, so they prove nothing about it.
  const got = candidate.arrived - candidate.arrivedMirrored;
  const expected = (baseline.arrived * stage.weightPercent) / (100 - stage.weightPercent - stage.controlPercent);
  if (got > 0 || expected < SURELY) return null;
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
