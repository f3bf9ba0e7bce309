/** `latency p95`, `score median`, `error-ratio`, `slow-ratio 50ms`, `measure precision@10`: a metric as people write it. */
import { z } from 'zod';
import { didYouMean } from '../config/suggest.ts';
import { parseDuration } from '../config/units.ts';
import type { Metric } from './policy.ts';

const QUANTILES = ['latency', 'feature-fetch', 'score'] as const;
const RATIOS = [
  'error-ratio',
  'outcome-ratio',
  'young-outcome-ratio',
  'mismatch-ratio',
  'features-missing-ratio',
] as const;
const DISTRIBUTION = /^(latency|score) distribution$/;
const SLOW = /^slow-ratio\s+(\S+)$/;
const MEASURE = /^measure\s+([\w@.-]+)$/;
const PATTERN = /^(latency|feature-fetch|score)\s+(?:p(\d{1,2}(?:\.\d+)?)|(median))$/;

/** Null when the text names no metric. p99.9 is 0.999 exactly: the decimal point is moved, not divided. */
export function parseMetric(text: string): Metric | null {
  const ratio = RATIOS.find((kind) => kind === text);
  if (ratio !== undefined) return { kind: ratio };
  const of = DISTRIBUTION.exec(text)?.[1];
  if (of !== undefined) return { kind: 'distribution', of: of as 'latency' | 'score' };
  const slow = SLOW.exec(text)?.[1];
  if (slow !== undefined) {
    const thresholdMs = parseDuration(slow);
    return thresholdMs === null || thresholdMs === 0 ? null : { kind: 'slow-ratio', thresholdMs };
  }
  const name = MEASURE.exec(text)?.[1];
  if (name !== undefined) return { kind: 'measure', name };
  const [, kind, percentile] = PATTERN.exec(text) ?? [];
  if (kind === undefined) return null;
  const quantile = percentile === undefined ? 0.5 : Number(`${percentile}e-2`);
  return quantile > 0 && quantile < 1 ? { kind: kind as (typeof QUANTILES)[number], quantile } : null;
}

/** A string in YAML, a metric in code. */
export const metricText: z.ZodType<Metric, string> = z
  .string()
  .transform((text, context) => {
    const metric = parseMetric(text);
    if (metric !== null) return metric;
    const known = [
      ...QUANTILES.map((kind) => `${kind} p95`),
      'score median',
      ...RATIOS,
      'slow-ratio 50ms',
      'measure precision@10',
      'latency distribution',
      'score distribution',
    ];
    context.addIssue({ code: 'custom', message: `expected one of: ${known.join(', ')}${didYouMean(text, known)}` });
    return z.NEVER;
  })
  .meta({
    pattern: String.raw`^((latency|feature-fetch|score)\s+(p\d{1,2}(\.\d+)?|median)|error-ratio|(young-)?outcome-ratio|mismatch-ratio|features-missing-ratio|slow-ratio\s+\S+|measure\s+[\w@.-]+|(latency|score) distribution)$`,
    examples: ['latency p95', 'score median', 'error-ratio'],
  });
