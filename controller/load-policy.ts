/** Reads a policy file: `> 50ms` and `30m` in, a Policy out, or every issue with its place. */
import { refuse } from '../config/issues.ts';
import { packageFolders } from '../config/package-root.ts';
import { between } from '../config/rules.ts';
import type { Places } from '../config/places.ts';
import { loadYaml } from '../config/yaml.ts';
import { alarmBudget, budgetWords, totalOf } from './alarm-budget.ts';
import type { Policy } from './policy.ts';
import type { PolicyForm } from './policy-form.ts';
import { checkGuards } from './policy-guard-checks.ts';
import { policySchema } from './policy-schema.ts';
import { checkStages } from './policy-stage-checks.ts';
import { resolvePolicy } from './resolve-policy.ts';
import { share } from './words.ts';

/** `text` stands for the file's content when given (standard input). Throws BadInput with all issues. */
export const loadPolicy = (file: string, text?: string): Policy => loadPolicyWithPlaces(file, text).policy;

/** The same with the places of its values, for checks that need more than the policy. Guards and stages keep their order. */
export function loadPolicyWithPlaces(
  file: string,
  text?: string,
): { readonly policy: Policy; readonly places: Places } {
  const { value, places } = loadYaml(file, policySchema, text, packageFolders('policies'), {
    rules: () => [checkStages, checkGuards],
    // The policy's form is as it is written, but for units.
    plain: true,
  });
  const policy = resolvePolicy(value);
  const message = overBudget(value, policy);
  if (message !== null) refuse([places.issue(['alarmBudget'], message)]);
  return { policy, places };
}

const documentSchema = policySchema.check(between([checkStages, checkGuards], { plain: true }));

/** The policy that a document states, which extends no other one; null when anything is wrong with it. For trying many, without places. */
export function policyFrom(document: unknown): Policy | null {
  const read = documentSchema.safeParse(document);
  if (!read.success) return null;
  const policy = resolvePolicy(read.data);
  return overBudget(read.data, policy) === null ? policy : null;
}

/**
 * The most that the tests may be wrong together is stated once, so that adding a guard cannot raise it unnoticed. What is wrong with
 * it, when everything else is right; null when nothing is.
 */
function overBudget({ alarmBudget: stated }: PolicyForm, policy: Policy): string | null {
  const budget = alarmBudget(policy);
  const total = totalOf(budget);
  return stated === undefined || total <= stated + 1e-12
    ? null
    : `got ${share(stated)}, expected at least ${share(total)}: ${budgetWords(budget)}`;
}
