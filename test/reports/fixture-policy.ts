/** The fixture's policy, its course of weights, and what makes the candidate slow. */
import type { Guard, Policy } from '../../controller/policy.ts';
import type { WindowHeader } from '../../telemetry/window.ts';

export type Kind = 'rolled-back' | 'promoted' | 'paused' | 'refused';
export const MINUTE = 60_000;
export const END: number = 390 * MINUTE;
export const ONSET: number = 318 * MINUTE;
export const DECIDED: number = 372 * MINUTE;

const guard = (name: string, part: Partial<Guard> & Pick<Guard, 'metric' | 'bound' | 'action'>): Guard => ({
  name,
  description: null,
  sustained: { forMs: 15 * MINUTE, reading: 'every' },
  test: null,
  delayMs: 0,
  stages: null,
  segment: 'all',
  requiredToAdvance: part.action === 'hold',
  minSamples: 100,
  minPositives: 5,
  carryOver: false,
  ...part,
});

export const GUARDS: readonly Guard[] = [
  guard('latency-p95', {
    metric: { kind: 'latency', quantile: 0.95 },
    bound: { kind: 'absolute', breachWhen: '>', value: 50 },
    action: 'roll-back',
  }),
  guard('feature-fetch-p99', {
    metric: { kind: 'feature-fetch', quantile: 0.99 },
    bound: { kind: 'absolute', breachWhen: '>', value: 30 },
    action: 'hold',
  }),
  guard('error-ratio', {
    metric: { kind: 'error-ratio' },
    bound: { kind: 'absolute', breachWhen: '>', value: 0.01 },
    action: 'roll-back',
  }),
  guard('score-median', {
    metric: { kind: 'score', quantile: 0.5 },
    bound: { kind: 'relative', to: 'baseline', direction: 'either', by: 0.02 },
    action: 'pause',
  }),
  guard('click-through', {
    metric: { kind: 'outcome-ratio' },
    bound: { kind: 'relative', to: 'baseline', direction: 'drop', by: 0.05 },
    action: 'alert',
    sustained: { forMs: 30 * MINUTE, reading: 'pooled' },
    minSamples: 5000,
  }),
];

const stage = (
  name: string,
  weightPercent: number,
  mirrorPercent: number,
  holdMs: number,
): Policy['stages'][number] => ({ name, weightPercent, mirrorPercent, holdMs, extendMs: 30 * MINUTE });

export const POLICY: Policy = {
  name: 'seed',
  description: null,
  dialect: 'coalmine',
  evaluateEveryMs: MINUTE,
  maxGap: 3,
  coverage: 0.8,
  requireCompatibleSchemas: true,
  stages: [
    stage('shadow', 0, 100, 120 * MINUTE),
    stage('canary-1', 1, 0, 60 * MINUTE),
    stage('canary-5', 5, 0, 60 * MINUTE),
    stage('canary-25', 25, 0, 60 * MINUTE),
    stage('half', 50, 0, 60 * MINUTE),
    stage('full', 100, 0, 30 * MINUTE),
  ],
  guards: GUARDS,
  rollback: { deadlineMs: 5 * MINUTE, preWarm: true, verifyMs: MINUTE },
};

export const STARTS: readonly number[] = [0, 120, 180, 240, 300, 360].map((m) => m * MINUTE);
const SHORT: readonly Kind[] = ['rolled-back', 'paused'];

/** Router's share of the candidate at an instant. */
export function weightAt(kind: Kind, ms: number): number {
  if (kind === 'rolled-back' && ms >= DECIDED) return 0;
  const reached = kind === 'paused' ? STARTS.slice(0, 3) : SHORT.includes(kind) ? STARTS.slice(0, 5) : STARTS;
  return POLICY.stages[reached.findLastIndex((start) => ms >= start)]!.weightPercent;
}

/** How much longer the candidate's tail is. */
export const tailFactor = (kind: Kind, ms: number): number =>
  kind === 'rolled-back' ? 1 + 0.9 * Math.min(1, Math.max(0, (ms - ONSET) / (25 * MINUTE))) : 1.04;

export const header = (windowMs: number): WindowHeader => ({
  windowMs,
  arms: ['baseline', 'candidate'],
  segments: ['all'],
  thresholds: [{ thresholdMs: 50, operator: '>' }],
  scoreGrid: { low: 0, high: 40, bins: 400 },
});
