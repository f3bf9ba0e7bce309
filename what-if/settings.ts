/** What can be moved on the page: one slider per number of a guard that decides, each with the values it snaps to. */
import { formatDuration } from '../config/units.ts';
import { thresholdOf } from '../controller/guards/latency.ts';
import { boundAsText, fractionText } from '../controller/policy-text.ts';
import type { Guard, Policy } from '../controller/policy.ts';
import type { LatencyThreshold } from '../telemetry/window.ts';
import { decides } from './guards.ts';
import { readsQuantile } from './packed-quantiles.ts';

export type Kind = 'bound' | 'for' | 'minSamples' | 'alpha' | 'reading' | 'action' | 'required';
export type Value = number | string;

export interface Setting {
  /** `p95-sustained/bound`. */
  readonly id: string;
  readonly guard: string;
  readonly kind: Kind;
  readonly label: string;
  readonly values: readonly Value[];
  /** Place of the policy's own value. */
  readonly own: number;
}

/** Place of the chosen value by id; a setting that is not named stays as the policy has it. */
export type Choice = Readonly<Record<string, number>>;

const TIMES = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.94, 0.96, 0.98, 1, 1.02, 1.04, 1.06, 1.1, 1.15, 1.2, 1.3, 1.4, 1.6, 2];
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.35, 1.5, 1.75, 2, 2.5, 3, 4, 5, 7.5, 10];
const WINDOWS = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 45, 50, 60, 75, 90, 105, 120];
/** Every length of a guard on quantiles is worked out beforehand, so there are few. */
const TIMES_AS_LONG = [1 / 3, 2 / 3, 1, 1.5, 2, 3];
const SAMPLES = [0.1, 0.2, 0.5, 1, 2, 5, 10];
const ALPHAS = [1e-5, 1e-4, 1e-3, 0.005, 0.01, 0.02, 0.05, 0.1];

export const settingsOf = (policy: Policy): readonly Setting[] =>
  policy.guards.filter(decides).flatMap((guard) => {
    const setting = (kind: Kind, label: string, own: Value, values: readonly Value[]): Setting => {
      const known = [...new Set([...values, own])];
      if (typeof own === 'number') known.sort((a, b) => Number(a) - Number(b));
      return { id: `${guard.name}/${kind}`, guard: guard.name, kind, label, values: known, own: known.indexOf(own) };
    };
    const { bound, sustained, test, minSamples, action } = guard;
    const amount = bound === null ? null : bound.kind === 'relative' ? bound.by : bound.value;
    const settings: Setting[] = [];
    if (amount !== null && amount !== 0)
      settings.push(setting('bound', boundLabel(guard), amount, boundsAround(guard, amount)));
    if (sustained !== null) {
      settings.push(setting('for', 'sustained for', sustained.forMs, lengthsOf(guard, policy)));
      settings.push(setting('reading', 'reading', sustained.reading, ['pooled', 'every']));
    }
    if (test !== null && 'alpha' in test) settings.push(setting('alpha', 'α', test.alpha, ALPHAS));
    settings.push(setting('minSamples', 'minimum samples', minSamples, around(minSamples, SAMPLES).map(atLeastOne)));
    settings.push(setting('action', 'on breach', action, ['watch', 'hold', 'pause', 'roll-back']));
    if (guard.requiredToAdvance) settings.push(setting('required', 'must pass to advance', 'yes', ['yes', 'no']));
    return settings;
  });

const atLeastOne = (n: number): number => Math.max(1, Math.round(n));
const around = (value: number, factors: readonly number[]): number[] =>
  factors.map((factor) => Number((value * factor).toPrecision(3)));

function boundsAround({ metric, bound }: Guard, amount: number): number[] {
  const isTime = metric.kind === 'latency' || metric.kind === 'feature-fetch';
  if (bound?.kind === 'absolute' && (isTime || metric.kind === 'score' || metric.kind === 'measure'))
    return around(amount, TIMES);
  return around(amount, SHARES).filter((share) => share < 1);
}

function boundLabel({ bound }: Guard): string {
  if (bound === null) return '';
  if (bound.kind === 'absolute') return `breach when ${bound.breachWhen}`;
  return `breach when ${{ rise: 'rise', drop: 'drop', either: 'change' }[bound.direction]} against ${bound.to} >`;
}

/** Whole evaluation windows, no longer than the longest stage the guard is active in. */
function lengthsOf(guard: Guard, policy: Policy): number[] {
  const { stages } = guard;
  const active = policy.stages.filter(({ name }) => stages === null || stages.includes(name));
  const longest = Math.max(...active.map(({ holdMs }) => holdMs));
  const { sustained } = guard;
  const own = Math.round((sustained?.forMs ?? 0) / policy.evaluateEveryMs);
  const lengths = readsQuantile(guard) ? TIMES_AS_LONG.map((factor) => Math.max(1, Math.round(own * factor))) : WINDOWS;
  return lengths.map((n) => n * policy.evaluateEveryMs).filter((ms) => ms <= longest);
}

/** How long each guard may look back. */
export function lengthsByGuard(policy: Policy): ReadonlyMap<string, readonly number[]> {
  return new Map(
    settingsOf(policy).flatMap(({ guard, kind, values }) => (kind === 'for' ? [[guard, values as number[]]] : [])),
  );
}

/** A chosen value in the words of a policy file. */
export function valueText(policy: Policy, setting: Setting, place: number): string {
  const value = setting.values[place]!;
  if (typeof value === 'string') return value;
  if (setting.kind === 'for') return formatDuration(value);
  if (setting.kind === 'alpha') return fractionText(value);
  if (setting.kind === 'minSamples') return value.toLocaleString('en-US');
  const guard = policy.guards.find(({ name }) => name === setting.guard)!;
  const { bound, metric } = withSetting(guard, setting, place);
  if (bound?.kind === 'relative') return fractionText(value);
  return boundAsText(metric, bound!).replaceAll('"', '').replace(/^\S+ /, '');
}

/** The policy with the chosen values in place. */
export function policyWith(policy: Policy, settings: readonly Setting[], choice: Choice): Policy {
  const guards = policy.guards.map((guard) =>
    settings.reduce((changed, setting) => {
      const place = choice[setting.id];
      return setting.guard === guard.name && place !== undefined ? withSetting(changed, setting, place) : changed;
    }, guard),
  );
  return { ...policy, guards };
}

function withSetting(guard: Guard, { kind, values }: Setting, place: number): Guard {
  const value = values[place];
  if (value === undefined) throw new RangeError(`got place ${place}, expected one of ${values.length}`);
  switch (kind) {
    case 'bound': {
      const { bound } = guard;
      if (bound === null) return guard;
      const number = value as number;
      return { ...guard, bound: bound.kind === 'relative' ? { ...bound, by: number } : { ...bound, value: number } };
    }
    case 'for':
      return guard.sustained === null ? guard : { ...guard, sustained: { ...guard.sustained, forMs: value as number } };
    case 'reading':
      return guard.sustained === null
        ? guard
        : { ...guard, sustained: { ...guard.sustained, reading: value as 'pooled' | 'every' } };
    case 'alpha':
      return guard.test === null || !('alpha' in guard.test)
        ? guard
        : { ...guard, test: { ...guard.test, alpha: value as number } };
    case 'minSamples':
      return { ...guard, minSamples: value as number };
    case 'action':
      return { ...guard, action: value as Guard['action'] };
    case 'required':
      return { ...guard, requiredToAdvance: value === 'yes' };
  }
}

/** Every latency counter that some position of a slider reads. */
export function countersOf(policy: Policy): readonly LatencyThreshold[] {
  const found = new Map<string, LatencyThreshold>();
  const add = (threshold: LatencyThreshold): void => {
    found.set(`${threshold.operator}${threshold.thresholdMs}`, threshold);
  };
  for (const guard of policy.guards.filter(decides)) {
    const { metric, bound, name } = guard;
    if (metric.kind === 'slow-ratio') add({ thresholdMs: metric.thresholdMs, operator: '>' });
    if (metric.kind !== 'latency' || bound?.kind !== 'absolute') continue;
    const setting = settingsOf(policy).find(({ id }) => id === `${name}/bound`);
    for (const value of setting?.values ?? [bound.value]) add(thresholdOf({ ...bound, value: value as number }));
  }
  return [...found.values()].toSorted((a, b) => a.thresholdMs - b.thresholdMs || (a.operator < b.operator ? -1 : 1));
}
