/** Numbers and quantities as sentences show them. */
import { formatDuration } from '../config/units.ts';
import type { Metric } from './policy.ts';

/** 41310 → `41,310`. */
export const whole = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** ms → `15m`, `1h30m`, `0s`; to the millisecond. */
export const duration = (ms: number): string => formatDuration(Math.round(ms));

/** Three significant digits; whole numbers stay whole. */
function short(value: number): string {
  const digits = Math.abs(value) >= 100 ? value.toFixed(1) : value.toPrecision(3);
  return String(Number(digits));
}

/** 5 → `5 %`. */
export const percent = (value: number): string => `${short(value)} %`;

/** 0.014 → `1.4 %`. */
export const share = (fraction: number): string => percent(fraction * 100);

/** `latency p95`, `score median`, `error ratio`. */
export function metricWords(metric: Metric): string {
  if (metric.kind === 'slow-ratio') return `ratio of answers over ${short(metric.thresholdMs)} ms`;
  if (metric.kind === 'distribution') return `${metric.of} distribution`;
  if (metric.kind === 'measure') return `mean ${metric.name}`;
  if (!('quantile' in metric)) return metric.kind.replace(/-ratio$/, ' ratio');
  const name = metric.kind === 'feature-fetch' ? 'feature fetch' : metric.kind;
  return metric.quantile === 0.5 ? `${name} median` : `${name} p${Number((metric.quantile * 100).toPrecision(12))}`;
}

/** A value of the metric with its unit: `61.2 ms`, `0.14 %`, `0.512`. */
export function valueWords(metric: Metric, value: number): string {
  if (metric.kind === 'latency' || metric.kind === 'feature-fetch') return `${short(value)} ms`;
  return metric.kind === 'score' || metric.kind === 'measure' ? short(value) : share(value);
}

/** `15 consecutive minutes`, `9 consecutive windows of 20s`. */
export function streakWords(count: number, everyMs: number): string {
  if (everyMs === 60_000) return `${count} consecutive minute${count === 1 ? '' : 's'}`;
  return `${count} consecutive window${count === 1 ? '' : 's'} of ${duration(everyMs)}`;
}
