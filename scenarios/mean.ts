import type { ArrivalProcess, RateSegment, TimeDistribution } from './scenario.ts';

/** Mean of a distribution of times, ms. */
export function meanMs(distribution: TimeDistribution): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.valueMs;
    case 'lognormal':
      return distribution.medianMs * Math.exp(distribution.sigma ** 2 / 2);
    case 'uniform':
      return (distribution.lowMs + distribution.highMs) / 2;
    case 'empirical':
    case 'measured':
      // Linear between the quantiles: each piece has its midpoint as mean.
      return distribution.quantiles.reduce((sum, [p, ms], i, all) => {
        const [p0, ms0] = all[i - 1] ?? [p, ms];
        return sum + ((p - p0) * (ms + ms0)) / 2;
      }, 0);
    case 'mixture':
      return distribution.parts.reduce((sum, { weight, of }) => sum + weight * meanMs(of), 0);
    default:
      return distribution.meanMs;
  }
}

/** Mean rate of an arrival profile over its period. */
export const meanRps = (segments: readonly RateSegment[], periodMs: number): number =>
  segments.reduce((sum, { startMs, endMs, fromRps, toRps }) => sum + ((endMs - startMs) * (fromRps + toRps)) / 2, 0) /
  periodMs;

/** Mean rate of an arrival process; null for a recording, which says its own. */
export function meanArrivalRps(arrivals: ArrivalProcess): number | null {
  switch (arrivals.kind) {
    case 'poisson':
    case 'regular':
      return arrivals.rateRps;
    case 'profile':
      return meanRps(arrivals.segments, arrivals.periodMs);
    case 'mmpp': {
      // Stays are 1/switching rate long, so the shares of time are as the other state's switching rates.
      const [leave0, leave1] = arrivals.switchPerSecond;
      return (arrivals.rateRps[0] * leave1 + arrivals.rateRps[1] * leave0) / (leave0 + leave1);
    }
    case 'onoff': {
      const onMs = meanMs(arrivals.on);
      return (arrivals.rateRps * onMs) / (onMs + meanMs(arrivals.off));
    }
    case 'trace':
      return null;
  }
}
