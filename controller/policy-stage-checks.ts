/** What must hold between the stages of a policy, beyond what each field must look like. */
import type { Path } from '../config/issues.ts';
import { duration, percent } from './words.ts';
import type { PolicyForm } from './policy-form.ts';

/** A broken rule, `got X, expected Y`, at a path of the document. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
}

export function checkStages({ stages, guards }: PolicyForm): Finding[] {
  const found: Finding[] = [];
  const last = stages.length - 1;
  for (const [i, stage] of stages.entries()) {
    const at = (field: string, message: string): number => found.push({ path: ['stages', i, field], message });
    const before = stages[i - 1];
    if (stages.findIndex(({ name }) => name === stage.name) < i)
      at('name', `got '${stage.name}' a second time, expected a name of its own`);
    if (before !== undefined && stage.weight < before.weight)
      at('weight', `got ${percent(stage.weight)} after ${percent(before.weight)}, expected weights that never fall`);
    if (i === last && stage.weight !== 100)
      at('weight', `got ${percent(stage.weight)} in the last stage, expected 100%: that is what promotion means`);
    const promotesAtOnce = i === last && i > 0 && stage.hold === 0;
    if (stage.hold === 0 && !promotesAtOnce)
      at('hold', 'got 0, expected a duration: only a last stage after another one may be promoted when reached');
    const required = guards.filter((guard) => guard.requiredToAdvance === true && isActiveIn(guard.stages, stage.name));
    if (!promotesAtOnce && required.length === 0)
      at(
        'name',
        `got no guard with requiredToAdvance in stage '${stage.name}', expected one: without evidence nothing advances`,
      );
    const longest = stage.hold + (stage.extend ?? stage.hold);
    for (const guard of stage.hold === 0 ? [] : required)
      if (guard.sustained !== undefined && guard.sustained.for > longest && guard.carryOver !== true)
        at(
          'hold',
          `got at most ${duration(longest)} with its extension, expected at least the ${duration(guard.sustained.for)} that guard '${guard.name}' must look back`,
        );
  }
  return found;
}

export const isActiveIn = (stages: readonly string[] | undefined, stage: string): boolean =>
  stages === undefined || stages.includes(stage);
