import type { Guard, Metric } from '../controller/policy.ts';
import { change, ms, number, percent, quantileName } from './format.ts';

const RATIOS: Readonly<Record<Exclude<Metric['kind'], 'latency' | 'feature-fetch' | 'score'>, string>> = {
  'error-ratio': 'error ratio',
  'outcome-ratio': 'outcome ratio',
  'mismatch-ratio': 'shadow mismatch ratio',
  'features-missing-ratio': 'features missing',
};

/** A metric in the words of a caption. */
export const metricName = (metric: Metric): string =>
  'quantile' in metric ? `${metric.kind.replace('-', ' ')} ${quantileName(metric.quantile)}` : RATIOS[metric.kind];

const isTime = (metric: Metric): boolean => metric.kind === 'latency' || metric.kind === 'feature-fetch';
export const isRatio = (metric: Metric): boolean => metric.kind.endsWith('-ratio');

export function metricValue(metric: Metric, value: number | null): string {
  if (isTime(metric)) return ms(value);
  return isRatio(metric) ? percent(value) : number(value);
}

/** The bound of a guard, as a reader would say it: "> 50 ms", "rises > 2 % over baseline". */
export function boundText(guard: Guard): string {
  const { bound, metric } = guard;
  if (bound === null) return 'none, only shown';
  if (bound.kind === 'absolute') return `${bound.breachWhen} ${metricValue(metric, bound.value)}`;
  const verb = { rise: 'rises', drop: 'drops', either: 'moves' }[bound.direction];
  return `${verb} > ${percent(bound.by)} against ${bound.to}`;
}

/** What a guard's chart shows: the value itself, or its change against the reference, with the bounds it must keep. */
export interface Measure {
  readonly title: string;
  readonly of: (value: number, reference: number | null) => number | null;
  readonly bounds: readonly number[];
  readonly format: (value: number) => string;
}

/** Times in ms, ratios and changes in percent. */
export function measureOf(guard: Guard): Measure {
  const { bound, metric } = guard;
  if (bound?.kind === 'relative') {
    const by = bound.by * 100;
    const bounds = { rise: [by], drop: [-by], either: [-by, by] }[bound.direction];
    return {
      title: `${metricName(metric)} against ${bound.to}, %`,
      of: (value, reference) => (reference === null || reference === 0 ? null : (value / reference - 1) * 100),
      bounds,
      format: (value) => change(value / 100),
    };
  }
  const scale = isRatio(metric) ? 100 : 1;
  const unit = isRatio(metric) ? ', %' : isTime(metric) ? ', ms' : '';
  return {
    title: `${metricName(metric)}${unit}`,
    of: (value) => value * scale,
    bounds: bound === null ? [] : [bound.value * scale],
    format: (value) => metricValue(metric, value / scale),
  };
}
