/** What must hold for a guard, beyond what each field must look like. */
import type { Path } from '../config/issues.ts';
import { ifKnown, type Report, type Rule } from '../config/rules.ts';
import { didYouMean } from '../config/suggest.ts';
import { DATA_LOSS } from './evaluation.ts';
import { STARVED } from './guards/starved.ts';
import { defaultMinSamples } from './min-samples.ts';
import { EACH, nameIn } from './per-segment.ts';
import type { Metric } from './policy.ts';
import type { ChangeForm, GuardForm, PolicyForm, StageForm } from './policy-form.ts';
import { isActiveIn } from './policy-stage-checks.ts';
import { isMultiple, TEST_RULES } from './policy-test-checks.ts';
import { boundOf } from './resolve-policy.ts';
import { duration } from './words.ts';

/** A rule about one guard; paths are inside it. */
type GuardRule = (guard: GuardForm, report: Report, form: PolicyForm, i: number) => void;

export const checkGuards: Rule<PolicyForm> = (form, report) => {
  for (const i of form.guards.keys())
    for (const rule of [...GUARD_RULES, ...TEST_RULES])
      ifKnown(() => rule(form.guards[i]!, (path, message) => report(['guards', i, ...path], message), form, i));
};

const ownName: GuardRule = ({ name }, report, { guards }, i) => {
  const names = [...guards.keys()].map((k) => ifKnown(() => guards[k]!.name));
  if (names.indexOf(name) < i) report(['name'], `got '${name}' a second time, expected a name of its own`);
  if (name === STARVED || name === DATA_LOSS)
    report(['name'], `got '${name}', expected another name: alerts of the controller itself bear this one`);
};

const noOthersPart: GuardRule = ({ name, segment }, report, { guards }, i) => {
  if (segment !== EACH) return;
  for (const k of guards.keys())
    ifKnown(() => {
      const other = guards[k]!.name;
      if (k !== i && other.startsWith(nameIn(name, '')))
        report(['segment'], `got each beside guard '${other}', expected no other guard with a name of this kind`);
    });
};

/** What the number in a bound must be, by metric. */
const UNITS: Readonly<Record<Metric['kind'], readonly ['time' | 'share' | 'number', string]>> = {
  latency: ['time', "a time such as '> 50ms'"],
  'feature-fetch': ['time', "a time such as '> 5ms'"],
  score: ['number', "a number such as '> 0.5'"],
  measure: ['number', "a number such as '< 0.3', or a time"],
  'error-ratio': ['share', "a percentage such as '> 0.1%'"],
  'outcome-ratio': ['share', "a percentage such as '< 2%'"],
  'young-outcome-ratio': ['share', "a percentage such as '< 2%'"],
  'mismatch-ratio': ['share', "a percentage such as '> 1%'"],
  'features-missing-ratio': ['share', "a percentage such as '> 1%'"],
  'slow-ratio': ['share', "a percentage such as '> 5%'"],
  distribution: ['share', 'a change against another arm'],
};

const actsOnBound: GuardRule = ({ breachWhen, action }, report) => {
  if (breachWhen === undefined && action !== 'watch')
    report(['action'], `got ${action} without breachWhen, expected a bound to act on, or watch`);
};

const requiresBound: GuardRule = ({ breachWhen, requiredToAdvance }, report) => {
  if (breachWhen === undefined && requiredToAdvance === true)
    report(['requiredToAdvance'], 'got true without breachWhen, expected a bound that can pass');
};

const boundFitsMetric: GuardRule = ({ breachWhen, metric }, report) => {
  if (breachWhen === undefined || !('kind' in breachWhen)) return;
  const [unit, rule] = UNITS[metric.kind];
  // A share may also be written as a fraction, since `0.1%` and `0.001` are the same.
  const fits =
    breachWhen.unit === unit ||
    (metric.kind === 'measure' && breachWhen.unit === 'time') ||
    (unit === 'share' && breachWhen.unit === 'number' && isShare(breachWhen.value));
  if (!fits) report(['breachWhen'], `got an amount that is no bound on ${metric.kind}, expected ${rule}`);
};

const samplesFollow: GuardRule = (guard, report) => {
  const { breachWhen, minSamples, metric } = guard;
  const reading = guard.sustained?.reading;
  if (breachWhen === undefined || minSamples !== undefined || reading === undefined) return;
  if (defaultMinSamples(metric, boundOf(guard), reading) === null)
    report(['breachWhen'], 'got a bound of 0, expected minSamples beside it: no default follows from 0');
};

const isShare = (value: number): boolean => value >= 0 && value <= 1;

/** The change a guard is about, if any. */
const changeOf = ({ breachWhen }: GuardForm): ChangeForm | null =>
  breachWhen === undefined || 'kind' in breachWhen ? null : breachWhen;

const oneSide: GuardRule = (guard, report) => {
  const change = changeOf(guard);
  if (change === null) return;
  const named = (['rise', 'drop', 'change'] as const).filter((side) => change[side] !== undefined);
  if (named.length !== 1)
    report(
      ['breachWhen'],
      `got ${named.length === 0 ? 'none' : named.join(' and ')}, expected exactly one of rise, drop, change`,
    );
};

const mismatchIsAbsolute: GuardRule = (guard, report) => {
  if (guard.metric.kind === 'mismatch-ratio' && changeOf(guard) !== null)
    report(
      ['breachWhen'],
      "got a change of mismatch-ratio, expected an absolute bound such as '> 1%': it compares both arms already",
    );
};

const beforeIsPast: GuardRule = (guard, report, form) => {
  if (changeOf(guard)?.relativeTo !== 'before') return;
  if (guard.test !== undefined)
    report(
      ['test'],
      'got a test against what was before, expected sustained: no test knows what else has changed since',
    );
  const [names] = stagesWhere(guard, form, ({ weight }) => weight === 0);
  if (names !== '')
    report(
      ['breachWhen', 'relativeTo'],
      `got before in ${names}, expected only stages with a weight: nothing was before`,
    );
  if (ifKnown(() => form.stages[0]!.weight) !== 0)
    report(['breachWhen', 'relativeTo'], 'got before, expected a first stage with a weight of 0% to compare with');
};

const wholeWindows: GuardRule = ({ sustained }, report, form) => {
  const everyMs = form.evaluateEvery ?? 60_000;
  if (sustained !== undefined && !isMultiple(sustained.for, everyMs))
    report(
      ['sustained', 'for'],
      `got ${duration(sustained.for)}, expected a multiple of evaluateEvery, ${duration(everyMs)}`,
    );
};

const namesStages: GuardRule = (guard, report, form) => {
  const names = form.stages.map(({ name }) => name);
  for (const [j, name] of (guard.stages ?? []).entries())
    if (!names.includes(name))
      report(['stages', j], `got '${name}', expected a stage: one of ${names.join(', ')}${didYouMean(name, names)}`);
};

/** Names of the stages a guard is active in for which `isSo` holds, and where the guard says that it is active there. */
function stagesWhere(guard: GuardForm, form: PolicyForm, isSo: (stage: StageForm) => boolean): [string, Path] {
  const names = [...form.stages.keys()].flatMap(
    (j) =>
      ifKnown(() => {
        const stage = form.stages[j]!;
        return isActiveIn(guard.stages, stage.name) && isSo(stage) ? [stage.name] : [];
      }) ?? [],
  );
  return [names.join(', '), guard.stages === undefined ? ['metric'] : ['stages']];
}

const mismatchNeedsMirror: GuardRule = (guard, report, form) => {
  if (guard.metric.kind !== 'mismatch-ratio') return;
  const [names, place] = stagesWhere(guard, form, ({ mirror }) => (mirror ?? 0) === 0);
  if (names !== '')
    report(place, `got mismatch-ratio in ${names}, expected only stages that mirror: it compares mirrored answers`);
};

const isOutcome = ({ kind }: Metric): boolean => kind === 'outcome-ratio' || kind === 'young-outcome-ratio';

const outcomeNeedsWeight: GuardRule = (guard, report, form) => {
  if (!isOutcome(guard.metric) || guard.requiredToAdvance !== true) return;
  const [names, place] = stagesWhere(guard, form, ({ weight }) => weight === 0);
  if (names !== '')
    report(
      place,
      `got a required outcome-ratio in ${names}, expected stages with a weight: copies no user sees have no outcome`,
    );
};

const GUARD_RULES: readonly GuardRule[] = [
  ownName,
  noOthersPart,
  actsOnBound,
  requiresBound,
  boundFitsMetric,
  oneSide,
  mismatchIsAbsolute,
  samplesFollow,
  beforeIsPast,
  wholeWindows,
  namesStages,
  mismatchNeedsMirror,
  outcomeNeedsWeight,
];
