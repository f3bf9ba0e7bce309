import type { ArrivalProcess, RateSegment } from '../../scenarios/scenario.ts';
import type { Streams } from '../random.ts';
import { QuantileTable } from '../quantile-table.ts';

/** The arrival rate as a function of time, in stretches over which it is linear. Rates are per millisecond here. */
export interface RateCurve {
  /** End of the current stretch, ms; Infinity when it never ends. */
  endMs: number;
  /** Rate at `fromMs`, and its change per ms. */
  fromMs: number;
  rate: number;
  slope: number;
  /** Moves on to the stretch that begins at `endMs`. */
  next(): void;
}

/** The curve of a process, positioned at time 0. Random switching draws from streams of its own. */
export function rateCurve(process: Exclude<ArrivalProcess, { kind: 'trace' }>, streams: Streams): RateCurve {
  switch (process.kind) {
    case 'poisson':
    case 'regular':
      return constant(process.rateRps / 1000);
    case 'profile':
      return repeated(process.segments, process.periodMs);
    case 'mmpp': {
      const stay = streams('arrivals/state');
      const [rate0, rate1] = process.rateRps;
      const [leave0, leave1] = process.switchPerSecond;
      return alternating(
        [rate0 / 1000, rate1 / 1000],
        [() => (-Math.log(1 - stay.next()) * 1000) / leave0, () => (-Math.log(1 - stay.next()) * 1000) / leave1],
      );
    }
    case 'onoff': {
      const stay = streams('arrivals/state');
      const on = new QuantileTable(process.on);
      const off = new QuantileTable(process.off);
      return alternating([process.rateRps / 1000, 0], [() => on.at(stay.next()), () => off.at(stay.next())]);
    }
  }
}

const constant = (rate: number): RateCurve => ({
  endMs: Number.POSITIVE_INFINITY,
  fromMs: 0,
  rate,
  slope: 0,
  next() {},
});

/** Two constant rates in turn, each for a drawn time; starts in the first. */
function alternating(rates: readonly [number, number], stays: readonly [() => number, () => number]): RateCurve {
  let state: 0 | 1 = 0;
  return {
    endMs: stays[0](),
    fromMs: 0,
    rate: rates[0],
    slope: 0,
    next() {
      state = state === 0 ? 1 : 0;
      this.fromMs = this.endMs;
      this.endMs = this.fromMs + stays[state]();
      this.rate = rates[state];
    },
  };
}

function repeated(segments: readonly RateSegment[], periodMs: number): RateCurve {
  let index = -1;
  let offset = 0;
  const curve: RateCurve = {
    endMs: 0,
    fromMs: 0,
    rate: 0,
    slope: 0,
    next() {
      if (++index === segments.length) {
        index = 0;
        offset += periodMs;
      }
      const s = segments[index]!;
      this.fromMs = offset + s.startMs;
      this.endMs = offset + s.endMs;
      this.rate = s.fromRps / 1000;
      this.slope = (s.toRps - s.fromRps) / 1000 / (s.endMs - s.startMs);
    },
  };
  curve.next();
  return curve;
}
