/** Reads a policy file: `> 50ms` and `30m` in, a Policy out, or every issue with its place. */
import { refuse } from '../config/issues.ts';
import { packageFolders } from '../config/package-root.ts';
import type { Places } from '../config/places.ts';
import { loadYaml } from '../config/yaml.ts';
import { alarmBudget, budgetWords, totalOf } from './alarm-budget.ts';
import type { Policy } from './policy.ts';
import type { PolicyForm } from './policy-form.ts';
import { checkGuards } from './policy-guard-checks.ts';
import { policySchema } from './policy-schema.ts';
import { checkStages, type Finding } from './policy-stage-checks.ts';
import { resolvePolicy } from './resolve-policy.ts';
import { share } from './words.ts';

/** `text` stands for the file's content when given (standard input). Throws BadInput with all issues. */
export const loadPolicy = (file: string, text?: string): Policy => loadPolicyWithPlaces(file, text).policy;

/** The same with the places of its values, for checks that need more than the policy. Guards and stages keep their order. */
export function loadPolicyWithPlaces(
  file: string,
  text?: string,
): { readonly policy: Policy; readonly places: Places } {
  const { value, places } = loadYaml(file, policySchema, text, packageFolders('policies'));
  const issues = (found: readonly Finding[]): void =>
    refuse(found.map(({ path, message }) => places.issue(path, message)));
  issues([...checkStages(value), ...checkGuards(value)]);
  const policy = resolvePolicy(value);
  issues(checkBudget(value, policy));
  return { policy, places };
}

/** The most that the tests may be wrong together is stated once, so that adding a guard cannot raise it unnoticed. */
function checkBudget({ alarmBudget: stated }: PolicyForm, policy: Policy): Finding[] {
  const budget = alarmBudget(policy);
  const total = totalOf(budget);
  if (stated === undefined || total <= stated + 1e-12) return [];
  const message = `got ${share(stated)}, expected at least ${share(total)}: ${budgetWords(budget)}`;
  return [{ path: ['alarmBudget'], message }];
}
