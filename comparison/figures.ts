/** The figures of an arm, and of one arm against the other, in both worlds. */
import type { WindowHeader } from '../telemetry/window.ts';
import { GRAIN_MS, halfWidthOf, judged, statusOf, widening } from './bands.ts';
import type { Figure } from './comparison.ts';
import type { ArmSums, Block, PairedArm } from './pairing.ts';

interface Time {
  readonly name: string;
  /** Null: the mean. */
  readonly quantile: number | null;
  /** As a share of the simulated value. */
  readonly band: number;
}

/** Bands of the latency that the live world is held to; p50 is as the mean, p99.9 as twice p95. */
const LATENCY: readonly Time[] = [
  { name: 'mean', quantile: null, band: 0.05 },
  { name: 'p50', quantile: 0.5, band: 0.05 },
  { name: 'p95', quantile: 0.95, band: 0.1 },
  { name: 'p99', quantile: 0.99, band: 0.15 },
  { name: 'p99.9', quantile: 0.999, band: 0.2 },
];
/** Shares may differ by so many hundredths. */
const SHARE_BAND = { error: 0.005, over: 0.01, cache: 0.02, utilisation: 0.02 };
/** Answers beyond a quantile that it takes to know it. */
const BEYOND = 10;
/** Requests of which a share or a mean is taken. */
const FEWEST = 100;

const timeOf =
  (total: 'latency' | 'wait' | 'featureFetch', quantile: number | null) =>
  (sums: ArmSums): number | null =>
    quantile === null ? sums[total].mean() : sums[total].quantile(quantile);

export function armFigures({ whole, blocks }: PairedArm, { thresholds }: WindowHeader): Figure[] {
  const wider = widening(Math.max(busyShare(whole.sim) ?? 0, busyShare(whole.live) ?? 0));
  const fetched = whole.sim.featureFetch.count > 0 || whole.live.featureFetch.count > 0;
  return [
    ...LATENCY.map(({ name, quantile, band }) =>
      timeFigure(
        `latency ${name}`,
        timeOf('latency', quantile),
        whole,
        blocks,
        band * wider,
        needed(quantile),
        'latency',
      ),
    ),
    timeFigure('wait mean', timeOf('wait', null), whole, blocks, 0.15 * wider, FEWEST, 'wait'),
    ...(fetched
      ? [
          timeFigure('feature fetch mean', timeOf('featureFetch', null), whole, blocks, 0.05, FEWEST, 'featureFetch'),
          timeFigure(
            'feature fetch p99',
            timeOf('featureFetch', 0.99),
            whole,
            blocks,
            0.15,
            needed(0.99),
            'featureFetch',
          ),
          shareFigure('cache hits', cacheShare, whole, blocks, SHARE_BAND.cache),
        ]
      : []),
    ...thresholds.map(({ thresholdMs, operator }, i) =>
      shareFigure(`latency ${operator} ${thresholdMs} ms`, overShare(i), whole, blocks, SHARE_BAND.over * wider),
    ),
    shareFigure('errors', errorShare, whole, blocks, SHARE_BAND.error),
    shareFigure('utilisation', busyShare, whole, blocks, SHARE_BAND.utilisation),
  ];
}

/**
 * Candidate/baseline of the latency and candidate − baseline of the exceedance shares, compared between the worlds. The interval adds those of
 * both arms as independent, which is too wide where both met the same moment: never too narrow.
 */
export function ratioFigures(baseline: PairedArm, candidate: PairedArm, { thresholds }: WindowHeader): Figure[] {
  const busiest = Math.max(
    ...[baseline, candidate].flatMap(({ whole }) => [busyShare(whole.sim) ?? 0, busyShare(whole.live) ?? 0]),
  );
  const wider = widening(busiest);
  const enough = (least: number): boolean =>
    [baseline, candidate].every(({ whole }) => Math.min(whole.sim.latency.count, whole.live.latency.count) >= least);
  const times = LATENCY.map(({ name, quantile, band }): Figure => {
    const of = timeOf('latency', quantile);
    const ratio = (world: 'sim' | 'live'): number | null =>
      quotient(of(candidate.whole[world]), of(baseline.whole[world]));
    const [sim, live] = [ratio('sim'), ratio('live')];
    const halves = [baseline, candidate].map((arm) => relativeHalf(of, arm));
    const difference = relative(sim, live);
    const figure = { name: `latency ${name}, candidate/baseline`, unit: 'ratio', sim, live, difference } as const;
    return judged({ ...figure, halfWidth: added(halves), band: band * wider }, enough(needed(quantile)));
  });
  const shares = thresholds.map(({ thresholdMs, operator }, i): Figure => {
    const of = overShare(i);
    const gap = (world: 'sim' | 'live'): number | null => minus(of(candidate.whole[world]), of(baseline.whole[world]));
    const [sim, live] = [gap('sim'), gap('live')];
    const halves = [baseline, candidate].map(({ blocks }) => halfWidthOf(differencesOf(of, blocks)));
    const name = `share ${operator} ${thresholdMs} ms, candidate − baseline`;
    const figure = { name, unit: 'share', sim, live, difference: minus(live, sim) } as const;
    return judged({ ...figure, halfWidth: added(halves), band: SHARE_BAND.over * wider }, enough(FEWEST));
  });
  return [...times, ...shares];
}

function timeFigure(
  name: string,
  of: (sums: ArmSums) => number | null,
  whole: Block,
  blocks: readonly Block[],
  band: number,
  least: number,
  total: 'latency' | 'wait' | 'featureFetch',
): Figure {
  const [sim, live] = [of(whole.sim), of(whole.live)];
  const half = halfWidthOf(differencesOf(of, blocks));
  const bandMs = Math.max(band * (sim ?? 0), GRAIN_MS[total]);
  const enough = Math.min(whole.sim[total].count, whole.live[total].count) >= least;
  return {
    name,
    unit: 'ms',
    sim,
    live,
    difference: relative(sim, live),
    halfWidth: quotient(half, sim),
    band: quotient(bandMs, sim),
    // In ms, so that times of about nothing can be compared as well.
    status: enough ? statusOf(minus(live, sim), half, bandMs) : 'too few samples',
  };
}

function shareFigure(
  name: string,
  of: (sums: ArmSums) => number | null,
  whole: Block,
  blocks: readonly Block[],
  band: number,
): Figure {
  const [sim, live] = [of(whole.sim), of(whole.live)];
  const halfWidth = halfWidthOf(differencesOf(of, blocks));
  const figure = { name, unit: 'share', sim, live, difference: minus(live, sim), halfWidth, band } as const;
  return judged(figure, Math.min(whole.sim.requests, whole.live.requests) >= FEWEST);
}

/** Requests that leave ten beyond the quantile; for a mean, as many as for a share. */
const needed = (quantile: number | null): number =>
  quantile === null ? FEWEST : Math.ceil(BEYOND / (1 - quantile) - 1e-6);

/** live − sim block by block: both worlds had the same arrivals, so much of what is chance is in both. */
function differencesOf(of: (sums: ArmSums) => number | null, blocks: readonly Block[]): number[] {
  return blocks.flatMap(({ sim, live }) => {
    const difference = minus(of(live), of(sim));
    return difference === null ? [] : [difference];
  });
}

function relativeHalf(of: (sums: ArmSums) => number | null, { whole, blocks }: PairedArm): number | null {
  const half = halfWidthOf(differencesOf(of, blocks));
  const sim = of(whole.sim);
  return half === null || sim === null || sim === 0 ? null : half / sim;
}

const added = (halves: readonly (number | null)[]): number | null =>
  halves.includes(null) ? null : Math.hypot(...(halves as number[]));
const minus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a - b);
const quotient = (a: number | null, b: number | null): number | null =>
  a === null || b === null || b === 0 ? null : a / b;
const relative = (sim: number | null, live: number | null): number | null => {
  const q = quotient(live, sim);
  return q === null ? null : q - 1;
};
const errorShare = ({ errors, requests }: ArmSums): number | null => quotient(errors, requests);
const cacheShare = ({ hits, misses }: ArmSums): number | null => quotient(hits, hits + misses);
const overShare =
  (i: number) =>
  ({ over, requests }: ArmSums): number | null =>
    quotient(over[i] ?? 0, requests);
export const busyShare = ({ busyMs, capacityMs }: ArmSums): number | null => quotient(busyMs, capacityMs);
