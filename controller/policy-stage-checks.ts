/** What must hold between the stages of a policy, beyond what each field must look like. */
import { ifKnown, type Rule } from '../config/rules.ts';
import { EACH } from './per-segment.ts';
import { duration, percent } from './words.ts';
import type { PolicyForm, StageForm } from './policy-form.ts';

/** A rule about one stage; `at` reports a field of it. */
type StageRule = (form: PolicyForm, i: number, at: (field: string, message: string) => void) => void;

export const checkStages: Rule<PolicyForm> = (form, report) => {
  for (const i of form.stages.keys())
    for (const rule of STAGE_RULES)
      ifKnown(() => rule(form, i, (field, message) => report(['stages', i, field], message)));
};

const ownName: StageRule = ({ stages }, i, at) => {
  const names = [...stages.keys()].map((k) => ifKnown(() => stages[k]!.name));
  const name = stages[i]!.name;
  if (names.indexOf(name) < i) at('name', `got '${name}' a second time, expected a name of its own`);
};

/** Whoever sees the candidate goes on seeing it: an expansion only adds segments, and raises weights. */
const neverFalls: StageRule = ({ stages }, i, at) => {
  const [before, stage] = [stages[i - 1], stages[i]!];
  if (before === undefined) return;
  if (stage.weight < before.weight)
    at('weight', `got ${percent(stage.weight)} after ${percent(before.weight)}, expected weights that never fall`);
  if (stage.segments === undefined || before.weight === 0) return;
  const lost = before.segments?.filter((segment) => !stage.segments!.includes(segment)) ?? ['all others'];
  if (lost.length > 0)
    at(
      'segments',
      `got ${stage.segments.join(', ')} without ${lost.join(', ')}, which had ${percent(before.weight)} in ${before.name}, expected weights that never fall for any segment`,
    );
};

const segmentsOnce: StageRule = ({ stages }, i, at) => {
  const { segments = [] } = stages[i]!;
  const twice = segments.find((segment, k) => segments.indexOf(segment) < k);
  if (twice !== undefined) at('segments', `got '${twice}' twice, expected each segment once`);
  for (const name of ['all', EACH])
    if (segments.includes(name)) at('segments', `got '${name}', expected names of segments, or none for every request`);
};

const endsWithEverybody: StageRule = ({ stages }, i, at) => {
  const { segments } = stages[i]!;
  if (i === stages.length - 1 && segments !== undefined)
    at('segments', `got ${segments.join(', ')} in the last stage, expected none: promotion is about every request`);
};

const endsWithAll: StageRule = ({ stages }, i, at) => {
  const { weight } = stages[i]!;
  if (i === stages.length - 1 && weight !== 100)
    at('weight', `got ${percent(weight)} in the last stage, expected 100%: that is what promotion means`);
};

/** The last of several stages, when it has no hold. */
const promotesAtOnce = ({ stages }: PolicyForm, i: number): boolean =>
  i > 0 && i === stages.length - 1 && stages[i]!.hold === 0;

const holds: StageRule = (form, i, at) => {
  if (form.stages[i]!.hold === 0 && !promotesAtOnce(form, i))
    at('hold', 'got 0, expected a duration: only a last stage after another one may be promoted when reached');
};

/** Whether the stage advances only when this guard passes. */
const isRequired = ({ guards }: PolicyForm, k: number, { name }: StageForm): boolean =>
  guards[k]!.requiredToAdvance === true && isActiveIn(guards[k]!.stages, name);

const advancesByEvidence: StageRule = (form, i, at) => {
  const stage = form.stages[i]!;
  if (!promotesAtOnce(form, i) && ![...form.guards.keys()].some((k) => isRequired(form, k, stage)))
    at(
      'name',
      `got no guard with requiredToAdvance in stage '${stage.name}', expected one: without evidence nothing advances`,
    );
};

const fitsTogether: StageRule = ({ stages }, i, at) => {
  const { weight, control = 0 } = stages[i]!;
  if (weight + control > 100)
    at(
      'control',
      `got ${percent(control)} beside a weight of ${percent(weight)}, expected at most ${percent(100 - weight)}: all three arms share the requests`,
    );
};

const hasItsControl: StageRule = (form, i, at) => {
  const { name, weight, control = 0 } = form.stages[i]!;
  if (control > 0 || promotesAtOnce(form, i)) return;
  for (const k of form.guards.keys())
    ifKnown(() => {
      const guard = form.guards[k]!;
      if (comparesWithControl(guard) && isActiveIn(guard.stages, name))
        at(
          'name',
          `got no control cohort in stage '${name}', expected control: ${weight}%, since guard '${guard.name}' is relative to it (or name the guard's stages)`,
        );
    });
};

const lastsLongEnough: StageRule = (form, i, at) => {
  const stage = form.stages[i]!;
  const longest = stage.hold + (stage.extend ?? stage.hold);
  if (stage.hold === 0) return;
  for (const k of form.guards.keys())
    ifKnown(() => {
      const { name, sustained, carryOver } = form.guards[k]!;
      if (isRequired(form, k, stage) && sustained !== undefined && sustained.for > longest && carryOver !== true)
        at(
          'hold',
          `got at most ${duration(longest)} with its extension, expected at least the ${duration(sustained.for)} that guard '${name}' must look back`,
        );
    });
};

const STAGE_RULES: readonly StageRule[] = [
  ownName,
  neverFalls,
  segmentsOnce,
  endsWithAll,
  endsWithEverybody,
  holds,
  advancesByEvidence,
  fitsTogether,
  hasItsControl,
  lastsLongEnough,
];

const comparesWithControl = ({ breachWhen }: PolicyForm['guards'][number]): boolean =>
  breachWhen !== undefined && 'relativeTo' in breachWhen && breachWhen.relativeTo === 'control';

export const isActiveIn = (stages: readonly string[] | undefined, stage: string): boolean =>
  stages === undefined || stages.includes(stage);
