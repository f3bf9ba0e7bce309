/** A guard's value over a recording, evaluation by evaluation, against the bound that decides. */
import type { GuardVerdict } from '../controller/decision.ts';
import { isEarlier } from '../controller/guards/evidence.ts';
import { allowedShare, counterOf } from '../controller/guards/latency.ts';
import { comparesPairs } from '../controller/guards/measure.ts';
import { changeOf } from '../controller/guards/relative.ts';
import { fractionText, metricAsText } from '../controller/policy-text.ts';
import type { Guard, Policy, SustainedGuard } from '../controller/policy.ts';
import { formatDuration } from '../config/units.ts';
import { channelOf, type Counter } from '../tuning/fast/channel.ts';
import type { Grid } from '../tuning/fast/grid.ts';
import { OVER, overOf, samplesOf, UNDER } from '../tuning/fast/over.ts';
import { scheduleOf } from '../tuning/schedule.ts';

export interface GuardSeries {
  readonly guard: string;
  /** What the value is. */
  readonly title: string;
  /** By evaluation; null where the guard is not active, or too little is known. */
  readonly values: readonly (number | null)[];
  /** Whether the value is over the bound; null where that is not known. */
  readonly over: readonly (boolean | null)[];
  /** Bounds in the unit of the values. */
  readonly bounds: readonly number[];
  readonly text: (value: number) => string;
}

/** Guards whose value is a count or a quantile, for some time: prefix sums know it. Tests and means have to be judged. */
export const isCounted = (guard: Guard): guard is SustainedGuard =>
  guard.sustained !== null && !isEarlier(guard) && !['measure', 'young-outcome-ratio'].includes(guard.metric.kind);

const EVENTS: Readonly<Partial<Record<Guard['metric']['kind'], Counter>>> = {
  'error-ratio': 'errors',
  'outcome-ratio': 'outcomes',
  'mismatch-ratio': 'mismatches',
  'features-missing-ratio': 'featuresMissing',
};

/** `policy` is at the recording's scale. */
export function seriesOf(guard: SustainedGuard, policy: Policy, grid: Grid): GuardSeries {
  const isEvery = guard.sustained.reading === 'every';
  const width = isEvery ? 1 : Math.max(1, Math.round(guard.sustained.forMs / policy.evaluateEveryMs));
  const values = Array.from({ length: grid.evaluations }, (): number | null => null);
  const over = Array.from({ length: grid.evaluations }, (): boolean | null => null);
  const { stages, endMs } = scheduleOf(policy);
  const firsts = [...stages.map(({ startMs }) => startMs), endMs].map((ms) => Math.round(ms / policy.evaluateEveryMs));
  const verdict = overOf(guard);
  for (const [s, stage] of policy.stages.entries()) {
    if (guard.stages !== null && !guard.stages.includes(stage.name)) continue;
    const pairs = comparesPairs(guard, stage);
    const value = valueOf(guard, grid, pairs, width);
    verdict?.bind(grid, pairs, width);
    const from = (guard.carryOver ? 0 : firsts[s]!) + width - 1;
    for (let t = Math.max(firsts[s]!, from); t < Math.min(firsts[s + 1]!, grid.evaluations); t++) {
      const known = value(t);
      values[t] = Number.isFinite(known) ? known : null;
      const said = verdict?.at(t, width);
      over[t] = said === OVER ? true : said === UNDER ? false : null;
    }
  }
  return { guard: guard.name, values, over, ...words(guard) };
}

/** A guard as it was judged: what its test weighs against what a breach needs, or its value against the threshold. */
export function judgedSeries(
  guard: Guard,
  verdicts: readonly GuardVerdict[],
  everyMs: number,
  length: number,
): GuardSeries {
  const values = Array.from({ length }, (): number | null => null);
  const over = Array.from({ length }, (): boolean | null => null);
  const bounds = new Set<number>();
  const own = verdicts.filter((verdict) => verdict.guard === guard.name);
  const weighs = own.some(({ test }) => (test?.evidence ?? null) !== null);
  for (const verdict of own) {
    const t = Math.round(verdict.atMs / everyMs) - 1;
    const [value, bound] = weighs
      ? [verdict.test?.evidence ?? null, verdict.test?.needed ?? null]
      : [changeIn(guard, verdict), verdict.threshold];
    values[t] = value !== null && Number.isFinite(value) ? value : null;
    over[t] = verdict.verdict === 'inconclusive' ? null : verdict.verdict === 'breach';
    if (bound !== null) bounds.add(bound);
  }
  const named = words(guard);
  const title = weighs ? `evidence (ln E) that this is beyond the bound: ${named.title}` : named.title;
  const isChange = guard.bound?.kind === 'relative' && !weighs;
  return {
    guard: guard.name,
    title,
    values,
    over,
    bounds: isChange ? named.bounds : [...bounds],
    text: isChange ? percent : (value) => String(Number(value.toPrecision(3))),
  };
}

const changeIn = ({ bound }: Guard, { value, reference, scale }: GuardVerdict): number | null =>
  bound?.kind === 'relative' ? changeOf(value, reference, scale) : value;

/** The value over the `width` evaluation windows that end with t; NaN: unknown. */
function valueOf(guard: Guard, grid: Grid, pairs: boolean, width: number): (t: number) => number {
  const { metric, bound, segment } = guard;
  const events = counterOf(guard) ?? EVENTS[metric.kind] ?? null;
  if (events === null) {
    const to = bound?.kind === 'relative' ? bound.to : null;
    const found = grid.quantiles({ metric: metric as never, segment, to, pairs, width });
    const { value, reference, scale } = found;
    if (to === null) return (t) => value[t]!;
    const unit = (t: number): number | null => (Number.isNaN(scale[t]!) ? null : scale[t]!);
    return (t) => changeOf(value[t]!, reference[t]!, unit(t)) ?? Number.NaN;
  }
  const share = (arm: 'candidate' | 'baseline' | 'control'): ((t: number) => number) => {
    const denominator = samplesOf(guard)[0]!.counter;
    const x = grid.prefix(channelOf(arm, segment, events));
    const n = grid.prefix(channelOf(arm, segment, denominator));
    return (t) => (x[t + 1]! - x[t + 1 - width]!) / (n[t + 1]! - n[t + 1 - width]!);
  };
  const own = share('candidate');
  if (bound?.kind !== 'relative') return own;
  const other = share(bound.to);
  return (t) => own(t) / other(t) - 1;
}

const percent = (value: number): string => `${Number((value * 100).toPrecision(3))} %`;

function words({ metric, bound }: Guard): Pick<GuardSeries, 'title' | 'bounds' | 'text'> {
  const name = metricAsText(metric);
  if (bound?.kind === 'relative') {
    const bounds = { rise: [bound.by], drop: [-bound.by], either: [-bound.by, bound.by] }[bound.direction];
    return { title: `${name}, change against ${bound.to}`, bounds, text: percent };
  }
  if (bound === null) return { title: name, bounds: [], text: String };
  if (metric.kind === 'latency') {
    const allowed = allowedShare(metric.quantile);
    const beyond = bound.breachWhen === '>' || bound.breachWhen === '<=' ? 'over' : 'at or over';
    const share = Number(allowed.a) / Number(allowed.b);
    return {
      title: `share of answers ${beyond} ${formatDuration(bound.value)} (${fractionText(share)} may be)`,
      bounds: [share],
      text: percent,
    };
  }
  if (metric.kind === 'feature-fetch')
    return { title: name, bounds: [bound.value], text: (value) => `${Number(value.toPrecision(3))} ms` };
  if (metric.kind === 'score' || metric.kind === 'measure')
    return { title: name, bounds: [bound.value], text: (value) => value.toPrecision(3) };
  return { title: name, bounds: [bound.value], text: percent };
}
