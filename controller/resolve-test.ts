/** From the YAML form of a test to the test: defaults are filled in here. */
import type { Inflation, Test } from './guard-tests.ts';
import type { Metric } from './policy.ts';
import type { TestForm } from './test-schema.ts';
import { UNKNOWN_INFLATION } from './guards/variance-inflation.ts';

/** Latencies come in clumps: a request that waits has neighbours that wait. */
const isClumped = (metric: Metric): boolean =>
  metric.kind === 'latency' ||
  metric.kind === 'slow-ratio' ||
  metric.kind === 'feature-fetch' ||
  (metric.kind === 'distribution' && metric.of === 'latency');

export function resolveTest(form: TestForm, metric: Metric): Test {
  const { method } = form;
  const alpha = form.alpha ?? 0.001;
  const sequential = (unmeasured: Inflation) => ({
    alpha,
    passAlpha: form.passAlpha ?? 0.05,
    passBy: form.passBy ?? ('evidence' as const),
    inflation: form.varianceInflation ?? (isClumped(metric) ? unmeasured : 1),
  });
  switch (method) {
    case 'e-process':
      return { method, ...sequential('measured'), lateOnset: form.lateOnset ?? false };
    case 'betting':
      return { method, ...sequential(1), inflation: 1 };
    case 'two-arm':
      return { method, ...sequential('measured') };
    case 'ratio-sequence':
      return {
        method,
        ...sequential('measured'),
        sharpestMs: form.sharpestAt ?? 30 * 60_000,
        ...(form.clusterBy === undefined ? {} : { clusterBy: form.clusterBy }),
      };
    case 'mean-sequence':
      return { method, ...sequential('measured'), inflation: 1, sharpestMs: form.sharpestAt ?? 30 * 60_000 };
    case 'repeated-z':
      return { method, alpha };
    case 'cdf-band':
    case 'quantile-sequence':
      return { method, ...sequential(UNKNOWN_INFLATION) };
    case 'burn-rate':
      return {
        method,
        factor: form.factor ?? 14.4,
        longMs: form.long ?? 60 * 60_000,
        shortMs: form.short ?? 5 * 60_000,
      };
    case 'mann-whitney':
      return { method, alpha, overMs: form.over ?? 0, minWindows: form.minWindows ?? 50 };
    case 'psi':
      return { method, alpha, overMs: form.over ?? 0, bins: form.bins ?? 10 };
    case 'ks':
      return { method, alpha, overMs: form.over ?? 0 };
  }
}
