/** Guards that a test decides, and windows of a minute for them. */
import type { GuardVerdict } from '../../../controller/decision.ts';
import type { EProcess, RatioSequence, Test, TwoArm } from '../../../controller/guard-tests.ts';
import type { Bound, Guard, Policy, Stage } from '../../../controller/policy.ts';
import type { ArmWindow, ScoreHistogram } from '../../../telemetry/window.ts';
import {
  guardOf,
  MINUTE,
  policyOf,
  rehearse,
  rowOf,
  type Run,
  type Script,
  stageOf,
  type WorldSettings,
} from '../support.ts';

export const full: Stage = stageOf('full', 100, { holdMs: 0, extendMs: 0 });
const sequential = {
  alpha: 0.001,
  passAlpha: 0.05,
  passBy: 'evidence' as const,
  inflation: 1,
};
export const E_PROCESS: EProcess = { method: 'e-process', ...sequential, lateOnset: false };
export const TWO_ARM: TwoArm = { method: 'two-arm', ...sequential };
export const SEQUENCE: RatioSequence = { method: 'ratio-sequence', ...sequential, sharpestMs: 30 * MINUTE };
export const BAND: Test = { method: 'cdf-band', ...sequential };
export const QUANTILE: Test = { method: 'quantile-sequence', ...sequential };
export const BURN: Test = { method: 'burn-rate', factor: 14.4, longMs: 60 * MINUTE, shortMs: 5 * MINUTE };

export const tested = (test: Test, changes: Partial<Guard> = {}): Guard =>
  guardOf({ sustained: null, test, ...changes });
export const onClicks: Pick<Guard, 'metric' | 'minPositives'> = { metric: { kind: 'outcome-ratio' }, minPositives: 50 };
type Relative = Extract<Bound, { kind: 'relative' }>;
export const drop = (by: number, to: Relative['to'] = 'baseline'): Relative => ({
  kind: 'relative',
  to,
  direction: 'drop',
  by,
});
export const rise = (by: number, to: Relative['to'] = 'baseline'): Relative => ({ ...drop(by, to), direction: 'rise' });

export const oneStage = (guards: readonly Guard[], holdMs: number = 30 * MINUTE): Policy =>
  policyOf({ guards, stages: [stageOf('canary', 5, { holdMs, extendMs: 0 }), full] });

/** One window a minute: a candidate of 4,167 requests, a baseline of 79,166 and a control of 4,167. */
export const minutely =
  (
    candidate: (index: number) => Partial<ArmWindow>,
    reference: (index: number) => Partial<ArmWindow> = () => ({}),
  ): Script =>
  (index) => [
    rowOf('baseline', index, { requests: 79_166, ...reference(index) }, MINUTE),
    rowOf('candidate', index, { requests: 4167, ...candidate(index) }, MINUTE),
    rowOf('control', index, { requests: 4167, ...reference(index) }, MINUTE),
  ];

export const run = (policy: Policy, script: Script, settings: Partial<WorldSettings> = {}): Run =>
  rehearse(policy, { script, windowMs: MINUTE, ...settings });
export const verdictsOf = (r: Run, guard: string = 'errors'): GuardVerdict[] =>
  r.verdicts.filter((each) => each.guard === guard);

export const scores = (...counts: readonly (readonly [bin: number, count: number])[]): ScoreHistogram => ({
  count: counts.reduce((sum, [, n]) => sum + n, 0),
  sum: 0,
  bins: Uint32Array.from(counts, ([bin]) => bin),
  counts: Uint32Array.from(counts, ([, n]) => n),
});
export const predicting = (candidate: ScoreHistogram, reference: ScoreHistogram): Script =>
  minutely(
    () => ({ scores: candidate }),
    () => ({ scores: reference }),
  );
export const EVEN: ScoreHistogram = scores([20, 1000], [40, 1000], [60, 1000], [80, 1000]);
