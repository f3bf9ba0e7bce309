/** The end of a rollback: the baseline, with all traffic back, keeps the bounds the candidate was held to. */
import type { Window } from '../telemetry/window.ts';
import { judge } from './guards/judge.ts';
import { cellOf, needsOf } from './needs.ts';
import type { Guard, Metric, Policy, Stage } from './policy.ts';
import type { RolloutState } from './state.ts';
import { tallyOf } from './tally.ts';

/** What a fleet does while it serves. Outcomes and predictions say nothing about a rollback: their labels come later. */
const SERVING: readonly Metric['kind'][] = [
  'latency',
  'slow-ratio',
  'feature-fetch',
  'error-ratio',
  'features-missing-ratio',
];

/** ms of answering within the bounds, without a break, after these windows. An empty window is no evidence and starts anew. */
export function verifiedAfter(policy: Policy, state: RolloutState, stage: Stage, windows: readonly Window[]): number {
  const step = state.rollback?.steps.at(-1);
  if (step?.name !== 'verify') return state.verifiedMs;
  const guards = policy.guards.filter(
    // A budget is no bound on ten seconds: it may be burnt faster for a while.
    ({ bound, metric, test }) =>
      bound?.kind === 'absolute' && SERVING.includes(metric.kind) && test?.method !== 'burn-rate',
  );
  let verifiedMs = state.verifiedMs;
  for (const window of windows) {
    if (window.startMs < step.startMs) continue;
    const within = answered(window) && guards.every((guard) => !exceeds(policy, guard, stage, state, window));
    verifiedMs = within ? verifiedMs + window.endMs - window.startMs : 0;
  }
  return verifiedMs;
}

export const verified = (policy: Policy, state: RolloutState): boolean => state.verifiedMs >= policy.rollback.verifyMs;

const baselineRow = ({ rows }: Window, segment: string): Window['rows'][number] | undefined =>
  rows.find((row) => row.arm === 'baseline' && row.segment === segment);

const answered = (window: Window): boolean => (baselineRow(window, 'all')?.requests ?? 0) > 0;

function exceeds(policy: Policy, guard: Guard, stage: Stage, { header }: RolloutState, window: Window): boolean {
  const row = baselineRow(window, guard.segment);
  if (row === undefined) return false;
  const tally = tallyOf(row, needsOf(policy).get(cellOf('baseline', guard.segment)) ?? new Set());
  const held = { ...guard, minSamples: fewest(guard) };
  return judge(held, 'baseline', () => tally, stage, header).over === true;
}

/** With fewer samples than 1/θ a single event would be over the line. */
function fewest({ metric, bound }: Guard): number {
  const theta = 'quantile' in metric ? 1 - metric.quantile : bound?.kind === 'absolute' ? bound.value : 0;
  return theta > 0 ? Math.ceil(1 / theta - 1e-9) : 1;
}
