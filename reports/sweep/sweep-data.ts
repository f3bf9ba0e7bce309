import type { Policy } from '../../controller/policy.ts';
import type { Characteristics } from '../../tuning/characteristics.ts';
import type { SweepResult } from '../../tuning/result.ts';
import type { SearchResult } from '../../tuning/search/search-result.ts';
import { MOST_POLICIES } from './palette.ts';

/** Everything a sweep's report is made from: what its directory holds, read and checked elsewhere. */
export interface SweepData {
  readonly result: SweepResult;
  /** At their own size, in the plan's order. */
  readonly policies: readonly Policy[];
  /** What a search through a policy space found; null when there was none. */
  readonly search: Searched | null;
  /** `coalmine what-if` can judge again. */
  readonly keepsRecordings: boolean;
}

export interface Searched {
  readonly result: SearchResult;
  /** The policies worth reading as YAML, by id: those of the front, the base and the recommended one. */
  readonly yaml: ReadonlyMap<number, string>;
}

export type Subjects = readonly Characteristics[];

/** Policies that are drawn; tables have all of them. */
export const shownPolicies = ({ result }: SweepData): readonly string[] =>
  result.policies.slice(0, MOST_POLICIES).map(({ name }) => name);

/** Characteristics of the policies that are drawn. */
export function shown(sweep: SweepData): Subjects {
  const names = new Set(shownPolicies(sweep));
  return sweep.result.characteristics.filter(({ policy }) => names.has(policy));
}

/** What a note adds when not every policy is drawn; empty when all are. */
export function leftOutPolicies({ result }: SweepData): string {
  const { length } = result.policies;
  return length <= MOST_POLICIES ? '' : ` The first ${MOST_POLICIES} of ${length} policies; the tables have all.`;
}

/** The scenario; a variation by what was varied: "error-creep, errorRatio 0.2%". */
export const nameOf = ({ scenario, family, variation }: Characteristics): string =>
  variation === null ? scenario : `${family}, ${variation.path.split('.').at(-1)!} ${variation.value}`;

/** The same with the policy when there are several. */
export const underPolicy = (subject: string, policy: string, many: boolean): string =>
  many ? `${subject} under ${policy}` : subject;
