/** Reads a policy file: `> 50ms` and `30m` in, a Policy out, or every issue with its place. */
import { refuse } from '../config/issues.ts';
import { loadYaml } from '../config/yaml.ts';
import type { Policy } from './policy.ts';
import { checkGuards } from './policy-guard-checks.ts';
import { policySchema } from './policy-schema.ts';
import { checkStages } from './policy-stage-checks.ts';
import { resolvePolicy } from './resolve-policy.ts';

/** `text` stands for the file's content when given (standard input). Throws BadInput with all issues. */
export function loadPolicy(file: string, text?: string): Policy {
  const { value, places } = loadYaml(file, policySchema, text);
  refuse([...checkStages(value), ...checkGuards(value)].map((found) => places.issue(found.path, found.message)));
  return resolvePolicy(value);
}
