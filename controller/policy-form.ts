/** A policy as it is written, after zod has read the units: what is left out is undefined. policy-schema.ts describes each field. */
import type { BoundText } from './bound-text.ts';
import type { GuardAction, Metric, Sustained } from './policy.ts';
import type { TestForm } from './test-schema.ts';

export interface StageForm {
  readonly name: string;
  readonly weight: number;
  readonly mirror?: number | undefined;
  readonly control?: number | undefined;
  readonly segments?: readonly string[] | undefined;
  readonly hold: number;
  readonly extend?: number | undefined;
}

/** A bound on the change against another arm; exactly one of rise, drop and change. */
export interface ChangeForm {
  readonly rise?: number | undefined;
  readonly drop?: number | undefined;
  readonly change?: number | undefined;
  readonly relativeTo: 'baseline' | 'control' | 'before';
}

export interface GuardForm {
  readonly name: string;
  readonly description?: string | undefined;
  readonly metric: Metric;
  readonly breachWhen?: BoundText | ChangeForm | undefined;
  readonly sustained?: { readonly for: number; readonly reading: Sustained['reading'] } | undefined;
  readonly test?: TestForm | undefined;
  readonly delay?: number | undefined;
  readonly action: GuardAction;
  readonly stages?: readonly string[] | undefined;
  readonly segment?: string | undefined;
  readonly requiredToAdvance?: boolean | undefined;
  readonly minSamples?: number | undefined;
  readonly minPositives?: number | undefined;
  readonly carryOver?: boolean | undefined;
}

export interface PolicyForm {
  readonly name: string;
  readonly description?: string | undefined;
  readonly evaluateEvery?: number | undefined;
  readonly maxGap?: number | undefined;
  readonly coverage?: number | undefined;
  readonly requireCompatibleSchemas?: boolean | undefined;
  readonly alarmBudget?: number | undefined;
  readonly stages: readonly StageForm[];
  readonly guards: readonly GuardForm[];
  readonly rollback?:
    | {
        readonly deadline?: number | undefined;
        readonly preWarm?: boolean | 'first' | undefined;
        readonly verify?: number | undefined;
      }
    | undefined;
}
