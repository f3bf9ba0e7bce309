/** What must hold for a guard, beyond what each field must look like. */
import type { Path } from '../config/issues.ts';
import { didYouMean } from '../config/suggest.ts';
import { DATA_LOSS } from './evaluation.ts';
import { STARVED } from './guards/starved.ts';
import { defaultMinSamples } from './min-samples.ts';
import type { Metric } from './policy.ts';
import type { ChangeForm, GuardForm, PolicyForm } from './policy-form.ts';
import { type Finding, isActiveIn } from './policy-stage-checks.ts';
import { checkTest, isMultiple } from './policy-test-checks.ts';
import { boundOf } from './resolve-policy.ts';
import { duration } from './words.ts';

type Report = (path: Path, message: string) => void;

export function checkGuards(form: PolicyForm): Finding[] {
  const found: Finding[] = [];
  for (const [i, guard] of form.guards.entries()) {
    const report: Report = (path, message) => found.push({ path: ['guards', i, ...path], message });
    checkName(form, guard, i, report);
    checkBound(guard, report);
    checkSustained(form, guard, report);
    checkTest(form, guard, report);
    checkStagesOf(form, guard, report);
  }
  return found;
}

function checkName({ guards }: PolicyForm, { name }: GuardForm, i: number, report: Report): void {
  if (guards.findIndex((guard) => guard.name === name) < i)
    report(['name'], `got '${name}' a second time, expected a name of its own`);
  if (name === STARVED || name === DATA_LOSS)
    report(['name'], `got '${name}', expected another name: alerts of the controller itself bear this one`);
}

/** What the number in a bound must be, by metric. */
const UNITS: Readonly<Record<Metric['kind'], readonly ['time' | 'share' | 'number', string]>> = {
  latency: ['time', "a time such as '> 50ms'"],
  'feature-fetch': ['time', "a time such as '> 5ms'"],
  score: ['number', "a number such as '> 0.5'"],
  'error-ratio': ['share', "a percentage such as '> 0.1%'"],
  'outcome-ratio': ['share', "a percentage such as '< 2%'"],
  'mismatch-ratio': ['share', "a percentage such as '> 1%'"],
  'features-missing-ratio': ['share', "a percentage such as '> 1%'"],
  'slow-ratio': ['share', "a percentage such as '> 5%'"],
  distribution: ['share', 'a change against another arm'],
};

function checkBound(guard: GuardForm, report: Report): void {
  const { breachWhen, metric, action } = guard;
  if (breachWhen === undefined) {
    if (action !== 'watch')
      report(['action'], `got ${action} without breachWhen, expected a bound to act on, or watch`);
    if (guard.requiredToAdvance === true)
      report(['requiredToAdvance'], 'got true without breachWhen, expected a bound that can pass');
    return;
  }
  if ('kind' in breachWhen) {
    const [unit, rule] = UNITS[metric.kind];
    // A share may also be written as a fraction, since `0.1%` and `0.001` are the same.
    const fits =
      breachWhen.unit === unit || (unit === 'share' && breachWhen.unit === 'number' && isShare(breachWhen.value));
    if (!fits) report(['breachWhen'], `got an amount that is no bound on ${metric.kind}, expected ${rule}`);
  } else checkChange(breachWhen, metric, report);
  const reading = guard.sustained?.reading;
  if (
    reading !== undefined &&
    guard.minSamples === undefined &&
    defaultMinSamples(metric, boundOf(guard), reading) === null
  )
    report(['breachWhen'], 'got a bound of 0, expected minSamples beside it: no default follows from 0');
}

const isShare = (value: number): boolean => value >= 0 && value <= 1;

function checkChange(change: ChangeForm, metric: Metric, report: Report): void {
  const named = (['rise', 'drop', 'change'] as const).filter((side) => change[side] !== undefined);
  if (named.length !== 1)
    report(
      ['breachWhen'],
      `got ${named.length === 0 ? 'none' : named.join(' and ')}, expected exactly one of rise, drop, change`,
    );
  if (metric.kind === 'mismatch-ratio')
    report(
      ['breachWhen'],
      "got a change of mismatch-ratio, expected an absolute bound such as '> 1%': it compares both arms already",
    );
}

function checkSustained(form: PolicyForm, { sustained }: GuardForm, report: Report): void {
  const everyMs = form.evaluateEvery ?? 60_000;
  if (sustained !== undefined && !isMultiple(sustained.for, everyMs))
    report(
      ['sustained', 'for'],
      `got ${duration(sustained.for)}, expected a multiple of evaluateEvery, ${duration(everyMs)}`,
    );
}

function checkStagesOf(form: PolicyForm, guard: GuardForm, report: Report): void {
  const names = form.stages.map(({ name }) => name);
  for (const [j, name] of (guard.stages ?? []).entries())
    if (!names.includes(name))
      report(['stages', j], `got '${name}', expected a stage: one of ${names.join(', ')}${didYouMean(name, names)}`);
  const active = form.stages.filter(({ name }) => isActiveIn(guard.stages, name));
  const place: Path = guard.stages === undefined ? ['metric'] : ['stages'];
  const unmirrored = active.filter((stage) => (stage.mirror ?? 0) === 0).map(({ name }) => name);
  if (guard.metric.kind === 'mismatch-ratio' && unmirrored.length > 0)
    report(
      place,
      `got mismatch-ratio in ${unmirrored.join(', ')}, expected only stages that mirror: it compares mirrored answers`,
    );
  const unseen = active.filter(({ weight }) => weight === 0).map(({ name }) => name);
  if (guard.metric.kind === 'outcome-ratio' && guard.requiredToAdvance === true && unseen.length > 0)
    report(
      place,
      `got a required outcome-ratio in ${unseen.join(', ')}, expected stages with a weight: copies no user sees have no outcome`,
    );
}
