/** The fixture's windows, recorded through the real TimeRecorder: stratified quantiles stand for thousands of requests each. */
import seedrandom from 'seedrandom';
import { NO_TIMES, TimeRecorder } from '../../telemetry/histogram.ts';
import type { Arm, ArmWindow, ScoreHistogram, ShadowComparison, Window } from '../../telemetry/window.ts';
import { END, header, type Kind, MINUTE, tailFactor, weightAt } from './fixture-policy.ts';

const STRATA = 300;
const RPS = 427;

/** Inverse of the normal distribution, by Tukey's lambda: shape is all that matters here. */
const normal = (q: number): number => 4.91 * (q ** 0.14 - (1 - q) ** 0.14);

/** Inverse of a lognormal latency whose upper tenth is stretched. */
const latencyAt = (q: number, median: number, tail: number): number =>
  median * Math.exp(0.75 * normal(q)) * (q > 0.9 ? 1 + (tail - 1) * Math.min(1, (q - 0.9) / 0.04) : 1);

export function windowsOf(kind: Kind, windowMs: number, arms: readonly Arm[]): Window[] {
  const draw = seedrandom.alea('windows');
  const recorder = new TimeRecorder();
  const times = (n: number, at: (q: number) => number) => {
    if (n === 0) return NO_TIMES;
    const strata = Math.min(n, STRATA);
    for (let i = 0; i < strata; i++) {
      const share = Math.floor(((i + 1) * n) / strata) - Math.floor((i * n) / strata);
      // The outermost stratum is spread over its own tail, or no percentile beyond it would exist.
      const q = i === strata - 1 ? 1 - draw() ** 2 / strata - 1e-9 : (i + draw()) / strata;
      recorder.recordMany(at(Math.min(1 - 1e-7, Math.max(1e-6, q))), share);
    }
    return recorder.close();
  };
  const row = (index: number, arm: Arm): ArmWindow => {
    const startMs = index * windowMs;
    const weight = weightAt(kind, startMs);
    const wave = 1 + 0.25 * Math.sin(startMs / (95 * MINUTE));
    const mirroring = weight === 0 && startMs < 120 * MINUTE;
    const all = Math.round((RPS * wave * windowMs) / 1000);
    const own = arm === 'candidate' ? Math.round((all * weight) / 100) : all - Math.round((all * weight) / 100);
    const n = arm === 'candidate' && mirroring ? all : own;
    const errors = Math.round(n * 0.001 * (0.7 + 0.6 * draw()));
    const cold = arm === 'candidate' && startMs >= 120 * MINUTE && startMs < 123 * MINUTE ? 2 : 1;
    const slowStore = startMs >= 200 * MINUTE && startMs < 214 * MINUTE ? 2.4 : 1;
    const tail = arm === 'candidate' ? tailFactor(kind, startMs) : 1;
    const impressions = mirroring && arm === 'candidate' ? 0 : Math.round(own * 0.9);
    return {
      index,
      startMs,
      endMs: startMs + windowMs,
      arm,
      segment: 'all',
      weightPercent: arm === 'candidate' ? weight : 100 - weight,
      arrived: n,
      arrivedMirrored: n - own,
      inFlight: 0,
      requests: n,
      mirrored: n - own,
      completed: n - errors,
      failed: errors,
      rejected: 0,
      timedOut: 0,
      errors,
      over: [Math.round(n * 0.02 * tail)],
      latency: times(n - errors, (q) => latencyAt(q, 9.6 * wave * cold, tail)),
      wait: NO_TIMES,
      featureFetch: times(n, (q) => latencyAt(q, 2.6 * slowStore * cold, 1)),
      cacheHits: Math.round(n * 0.92),
      cacheMisses: n - Math.round(n * 0.92),
      featuresMissing: 0,
      impressions,
      outcomes: Math.round(
        impressions * (0.113 + 0.006 * (draw() - 0.5) * Math.sqrt(20_000 / Math.max(1, impressions))),
      ),
      scores: { count: 0, sum: 0, bins: new Uint32Array(), counts: new Uint32Array() },
      busyMs: n * 12,
      capacityMs: windowMs * 96,
      readyReplicas: 24,
      shadow: arm === 'candidate' && mirroring ? comparison(n) : null,
    };
  };
  return Array.from({ length: END / windowMs }, (_, index) => ({
    index,
    startMs: index * windowMs,
    endMs: (index + 1) * windowMs,
    rows: arms.map((arm) => row(index, arm)),
  }));
}

function comparison(n: number): ShadowComparison {
  const baselineScores = scores(n, 1, 0);
  const candidateScores = scores(n, 1.01, -0.06);
  return {
    compared: n,
    mismatches: Math.round(n * 0.0143),
    baselineSum: baselineScores.sum,
    candidateSum: candidateScores.sum,
    absoluteDifferenceSum: n * 0.2,
    baselineScores,
    candidateScores,
    slowerSumMs: n * 14,
    incomplete: Math.round(n * 0.001),
  };
}

function scores(n: number, scale: number, shift: number): ScoreHistogram {
  const { low, high, bins } = header(0).scoreGrid;
  const counts = new Map<number, number>();
  const strata = 2000;
  for (let i = 0; i < strata; i++) {
    const value = 12.4 * Math.exp(0.42 * normal((i + 0.5) / strata)) * scale + shift;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * bins)));
    counts.set(bin, (counts.get(bin) ?? 0) + Math.max(1, Math.round(n / strata)));
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return {
    count: n,
    sum: n * 12.6 * scale,
    bins: Uint32Array.from(sorted, ([bin]) => bin),
    counts: Uint32Array.from(sorted, ([, c]) => c),
  };
}
