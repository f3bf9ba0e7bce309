import type { Guard, Metric } from '../controller/policy.ts';
import { change, duration, ms, NONE, number, percent, quantileName } from './format.ts';

const RATIOS = {
  'error-ratio': 'error ratio',
  'outcome-ratio': 'outcome ratio',
  'young-outcome-ratio': 'outcomes per request, ripe or not',
  'mismatch-ratio': 'shadow mismatch ratio',
  'features-missing-ratio': 'features missing',
} as const;

/** A metric in the words of a caption. */
export function metricName(metric: Metric): string {
  if ('quantile' in metric) return `${metric.kind.replace('-', ' ')} ${quantileName(metric.quantile)}`;
  if (metric.kind === 'slow-ratio') return `answers over ${ms(metric.thresholdMs)}`;
  if (metric.kind === 'measure') return `mean ${metric.name}`;
  return metric.kind === 'distribution' ? `${metric.of} distribution` : RATIOS[metric.kind];
}

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

/** For how long a guard must be broken, or which test decides: "15m pooled", "e-process, α 0.1 %". */
export function ruleText({ sustained, test, delayMs }: Guard): string {
  const delay = delayMs > 0 ? `, for ${duration(delayMs)}` : '';
  if (sustained !== null) return `${duration(sustained.forMs)} ${sustained.reading}${delay}`;
  if (test === null) return NONE;
  const level = 'alpha' in test ? `α ${percent(test.alpha)}` : `${number(test.factor)} times the budget`;
  return `${test.method}, ${level}${delay}`;
}

/** What a guard's chart shows: the value itself, or its change against the reference, with the bounds it must keep. */
export interface Measure {
  readonly title: string;
  /** `scale`: what a change is divided by, where it is not the reference. */
  readonly of: (value: number, reference: number | null, scale?: number) => number | null;
  readonly bounds: readonly number[];
  readonly format: (value: number) => string;
}

/** Times in ms, ratios and changes in percent. */
export function measureOf(guard: Guard): Measure {
  const { bound, metric } = guard;
  if (metric.kind === 'distribution')
    return {
      title: `${metricName(metric)}, distance to ${bound?.kind === 'relative' ? bound.to : 'nothing'}`,
      of: (value) => value,
      bounds: bound?.kind === 'relative' ? [bound.by] : [],
      format: number,
    };
  if (bound?.kind === 'relative') {
    const by = bound.by * 100;
    const bounds = { rise: [by], drop: [-by], either: [-by, by] }[bound.direction];
    return {
      title: `${metricName(metric)} against ${bound.to}, %`,
      of: (value, reference, scale) => {
        const unit = scale ?? Math.abs(reference ?? 0);
        return reference === null || unit === 0 ? null : ((value - reference) / unit) * 100;
      },
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
