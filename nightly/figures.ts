/** The figures of a rehearsal that are compared night after night: what they are, and which way is worse. */
import type { Outcome } from '../outcome.ts';

/** How two values of a figure are related: their ratio, or their difference where zero is a value like any other. */
export type Scale = 'ratio' | 'difference';

export interface Figure {
  readonly name: string;
  /** As people read it. */
  readonly title: string;
  /** `share`: of the requests that the candidate served. */
  readonly unit: 'ms' | 'share' | 'per-second';
  readonly scale: Scale;
  readonly worse: 'more' | 'less';
  /** How much worse is no regression yet: a share of what it was (ratio), or a difference of shares. */
  readonly tolerance: number;
  /** Taken from a clock on the wall even where time is virtual, so that it differs from night to night by itself. */
  readonly isMeasured: boolean;
  /** Null where the rehearsal had no such thing. */
  readonly of: (outcome: Outcome) => number | null;
}

const ARMS = ['baseline', 'candidate'] as const;
const QUANTILES = [
  ['p50', 'p50', 0.03],
  ['p95', 'p95', 0.03],
  ['p99', 'p99', 0.05],
  ['p999', 'p99.9', 0.1],
] as const;

const ms = { unit: 'ms', scale: 'ratio', worse: 'more', isMeasured: false } as const;
const share = { unit: 'share', scale: 'difference', worse: 'more', tolerance: 0.001, isMeasured: false } as const;

const latencies = ARMS.flatMap((arm) =>
  QUANTILES.map(
    ([key, shown, tolerance]): Figure => ({
      ...ms,
      name: `${arm}-latency-${key}`,
      title: `latency ${shown} of the ${arm}`,
      tolerance,
      of: ({ latencyMs }) => latencyMs[arm][key],
    }),
  ),
);

const fetches = ARMS.map(
  (arm): Figure => ({
    ...ms,
    name: `${arm}-fetch-p99`,
    title: `feature fetch p99 of the ${arm}`,
    tolerance: 0.05,
    of: ({ featureFetchMs }) => featureFetchMs[arm].p99,
  }),
);

/** A harm in shares of the requests that the candidate served. */
const harmed =
  (of: (harm: Outcome['harm']) => number | null) =>
  ({ harm }: Outcome): number | null => {
    const excess = of(harm);
    return excess === null || harm.requestsToCandidate === 0 ? null : excess / harm.requestsToCandidate;
  };

export const FIGURES: readonly Figure[] = [
  {
    ...ms,
    name: 'detection-delay',
    title: 'time from the onset to the rollback',
    tolerance: 0.1,
    of: ({ detectionDelayMs }) => detectionDelayMs,
  },
  {
    ...ms,
    name: 'rollback-time',
    title: 'time from the decision to the end of the rollback',
    tolerance: 0.1,
    // One that did not end took until the rehearsal did, at least: no end must not look like no rollback.
    of: ({ rollback, timing }) =>
      rollback === null ? null : (rollback.completeMs ?? timing.simulatedMs) - rollback.decidedAtMs,
  },
  {
    ...ms,
    name: 'time-to-promote',
    title: 'time to the promotion',
    tolerance: 0.1,
    of: ({ verdict, decidedAtMs }) => (verdict === 'promoted' ? decidedAtMs : null),
  },
  {
    ...share,
    name: 'excess-errors',
    title: 'share of errors beyond the baseline’s',
    of: harmed((harm) => harm.excessErrors),
  },
  {
    ...share,
    name: 'excess-slow',
    title: 'share of slow answers beyond the baseline’s',
    of: harmed((harm) => harm.excessSlow),
  },
  { ...share, name: 'lost-outcomes', title: 'share of outcomes lost', of: harmed((harm) => harm.lostOutcomes) },
  ...latencies,
  ...fetches,
  {
    name: 'speed',
    title: 'requests per second of wall time',
    unit: 'per-second',
    scale: 'ratio',
    worse: 'less',
    tolerance: 0.1,
    isMeasured: true,
    // Live, wall time is what the schedule says.
    of: ({ world, timing }) => (world === 'sim' && timing.requestsPerSecond > 0 ? timing.requestsPerSecond : null),
  },
];
