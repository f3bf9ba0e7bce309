/** What a night comes to. */
import type { Comparison } from './compare-nights.ts';
import type { Night } from './night.ts';

/**
 * `regressed`: a figure is worse than tolerated, a rehearsal ended worse than the last time, or one did not end as its scenario expects.
 * `inconclusive`: none of these, but a live rehearsal proves nothing. `held`: none of all that.
 */
export type Conclusion = 'held' | 'regressed' | 'inconclusive';

/** result.json of a night. */
export interface NightResult {
  readonly schemaVersion: 1;
  readonly conclusion: Conclusion;
  readonly night: Night;
  readonly comparison: Comparison;
}

/** Whether a document is one that a night has written. */
export function isNightResult(value: unknown): value is NightResult {
  const { schemaVersion, night, comparison } = (value ?? {}) as Partial<NightResult>;
  const lists = [
    night?.runs,
    comparison?.dates,
    comparison?.verdicts,
    comparison?.figures,
    comparison?.missing,
    comparison?.gone,
  ];
  return schemaVersion === 1 && lists.every(Array.isArray);
}

export function resultOf(night: Night, comparison: Comparison): NightResult {
  const { figures, verdicts } = comparison;
  const regressed =
    figures.some(({ status }) => status === 'worse') ||
    verdicts.some(({ newlyWorse, unexpected }) => newlyWorse.length + unexpected.length > 0);
  const invalid = verdicts.some((each) => each.invalid.length > 0);
  const conclusion = regressed ? 'regressed' : invalid ? 'inconclusive' : 'held';
  return { schemaVersion: 1, conclusion, night, comparison };
}
