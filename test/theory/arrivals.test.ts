/** What goes into the queues, tested before any queue: quantile tables (§3.9), arrival processes (§3.10), their YAML form. */
import { describe, expect, test, vi } from 'vitest';
import type { ArrivalProcess, TimeDistribution } from '../../scenarios/scenario.ts';
import { BLOCK, RateArrivals } from '../../sim/arrivals/source.ts';
import { meanOf, tailOf, upperQuantileOf } from '../../sim/distribution.ts';
import { QuantileTable } from '../../sim/quantile-table.ts';
import { Stream, streamsOf } from '../../sim/random.ts';
import { dispersion } from './formulas.ts';
import { ROWS } from './rows.ts';
import { chiSquareQuantile } from '../../statistics/chi-square.ts';
import { chiSquareOf, ksTest, seedOf } from './stats.ts';

type Case = readonly [name: string, distribution: TimeDistribution, cv2: number | null];

const CASES: readonly Case[] = [
  ['constant', { kind: 'constant', valueMs: 10 }, 0],
  ['exponential', { kind: 'exponential', meanMs: 10 }, 1],
  ['Erlang of 4 stages', { kind: 'erlang', stages: 4, meanMs: 10 }, 1 / 4],
  ['hyperexponential of cv² 4', { kind: 'hyperexponential', meanMs: 10, cv2: 4 }, 4],
  [
    'lognormal of σ 0.35',
    { kind: 'lognormal', medianMs: 10 / Math.exp(0.35 ** 2 / 2), sigma: 0.35 },
    Math.expm1(0.35 ** 2),
  ],
  [
    'lognormal of cv² 2.25',
    { kind: 'lognormal', medianMs: 10 / Math.sqrt(3.25), sigma: Math.sqrt(Math.log(3.25)) },
    2.25,
  ],
  ['uniform', { kind: 'uniform', lowMs: 5, highMs: 15 }, 1 / 12],
  [
    'empirical',
    {
      kind: 'empirical',
      quantiles: [
        [0, 2],
        [0.5, 8],
        [0.9, 20],
        [1, 40],
      ],
    },
    null,
  ],
  [
    'mixture',
    {
      kind: 'mixture',
      parts: [
        { weight: 0.9, of: { kind: 'exponential', meanMs: 5 } },
        { weight: 0.1, of: { kind: 'erlang', stages: 2, meanMs: 55 } },
      ],
    },
    null,
  ],
];

/** Moments of the table over a grid of all probabilities, fine where the tail is. */
function momentsOf(table: QuantileTable): [number, number] {
  let first = 0;
  let second = 0;
  // Octaves of 1 − u, each cut into steps: the midpoint rule, exact enough for a piecewise linear table.
  for (let octave = 0; octave < 32; octave++) {
    const steps = octave < 8 ? 65_536 : 2048;
    const width = 2 ** -(octave + 1) / steps;
    for (let k = 0; k < steps; k++) {
      const x = table.at(1 - (2 ** -(octave + 1) + (k + 0.5) * width));
      first += x * width;
      second += x * x * width;
    }
  }
  return [first, second];
}

describe('a quantile table has its distribution’s', () => {
  test.each(CASES)('mean (1e-4) and second moment (1e-3): %s', (_, distribution, cv2) => {
    const [first, second] = momentsOf(new QuantileTable(distribution));
    expect(Math.abs(first / meanOf(distribution) - 1)).toBeLessThan(1e-4);
    const { x1, x2 } = cv2 === null ? byTail(distribution) : { x1: 10, x2: 100 * (1 + cv2) };
    expect(Math.abs(first / x1 - 1)).toBeLessThan(1e-4);
    expect(Math.abs(second / x2 - 1)).toBeLessThan(1e-3);
  });

  test.each(CASES)('quantiles to p99.99 (1e-3): %s', (_, distribution) => {
    const table = new QuantileTable(distribution);
    for (const v of [0.95, 0.75, 0.5, 0.25, 0.1, 0.05, 0.01, 1e-3, 1e-4]) {
      const exact = upperQuantileOf(distribution, v);
      expect(Math.abs(table.at(1 - v) / exact - 1), `P(X > x) = ${v}`).toBeLessThan(1e-3);
      if (distribution.kind !== 'constant') expect(tailOf(distribution, exact) / v).toBeCloseTo(1, 9);
    }
  });
});

describe('the draws farthest out', () => {
  test.each(CASES)('are times like all others, down to the last of 2³²: %s', (_, distribution) => {
    const table = new QuantileTable(distribution);
    const grain = 2 ** -32;
    for (const v of [grain, 2 * grain, 3 * grain, 2 ** -31 + grain, 2 ** -6, 1 - grain, 1]) {
      const mapped = Float64Array.of(1 - v);
      table.map(mapped);
      expect(mapped[0], `v = ${v}`).toBe(table.at(1 - v));
      expect(mapped[0]! >= 0 && mapped[0]! < Number.POSITIVE_INFINITY, `v = ${v}: ${mapped[0]}`).toBe(true);
    }
    const exact = upperQuantileOf(distribution, grain);
    expect(Math.abs(table.at(1 - grain) / exact - 1)).toBeLessThan(1e-12);
  });

  test('one of them among the gaps does not end the traffic', () => {
    const fill = vi.spyOn(Stream.prototype, 'fill').mockImplementation((into) => {
      into.fill(0.5);
      into[7] = 1 - 2 ** -32;
    });
    try {
      const source = new RateArrivals({ kind: 'poisson', rateRps: 1000 }, streamsOf(1));
      expect(source.fill(60_000)).toBe(BLOCK);
      expect(source.times.every((t, i) => t > (i === 0 ? 0 : source.times[i - 1]!))).toBe(true);
    } finally {
      fill.mockRestore();
    }
  });
});

/** E[X] = ∫P(X > x)dx and E[X²] = 2∫x·P(X > x)dx, by Simpson's rule: a second route to the moments. */
function byTail(distribution: TimeDistribution): { x1: number; x2: number } {
  const steps = 400_000;
  const width = 1200 / steps;
  let x1 = 0;
  let x2 = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = ((i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * width) / 3;
    const tail = tailOf(distribution, i * width);
    x1 += weight * tail;
    x2 += 2 * weight * i * width * tail;
  }
  return { x1, x2 };
}

/** The first `count` arrivals, ms. */
function arrivalsOf(process: Exclude<ArrivalProcess, { kind: 'trace' }>, count: number, name: string): Float64Array {
  const source = new RateArrivals(process, streamsOf(seedOf(`arrivals/${name}`)));
  const times = new Float64Array(count);
  let made = 0;
  for (let untilMs = 1000; made < count; untilMs += 1000) {
    for (let n = source.fill(untilMs); n > 0 && made < count; n = source.fill(untilMs)) {
      for (let i = 0; i < n && made < count; i++) times[made++] = source.times[i]!;
    }
  }
  return times;
}

const countsPer = (times: Float64Array, widthMs: number): number[] => {
  const counts = Array.from({ length: Math.floor(times.at(-1)! / widthMs) }, () => 0);
  for (const t of times) {
    const i = Math.floor(t / widthMs);
    if (i < counts.length) counts[i]!++;
  }
  return counts;
};

const dispersionOf = (counts: readonly number[]): number => {
  const mean = counts.reduce((x, y) => x + y, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (counts.length - 1) / mean;
};

describe('arrivals', () => {
  test('Poisson: a million gaps are exponential, and counts per 1 s, 10 s and 60 s are as variable as Poisson counts', () => {
    const times = arrivalsOf({ kind: 'poisson', rateRps: 50 }, 1e6, 'poisson');
    const gaps = times.map((t, i) => t - (i === 0 ? 0 : times[i - 1]!));
    expect(ksTest(gaps, (x) => -Math.expm1(-x / 20))).toBeGreaterThan(1e-3);
    for (const seconds of [1, 10, 60]) {
      const counts = countsPer(times, seconds * 1000);
      const limit = 4 * Math.sqrt(2 / counts.length);
      expect(Math.abs(dispersionOf(counts) - 1), `per ${seconds} s`).toBeLessThan(limit);
    }
  });

  test('regular: all gaps are alike, which the test for exponential gaps refuses (N5)', () => {
    const times = arrivalsOf({ kind: 'regular', rateRps: 50 }, 1e5, 'regular');
    const gaps = times.map((t, i) => t - (i === 0 ? 0 : times[i - 1]!));
    expect(Math.max(...gaps.map((gap) => Math.abs(gap - 20)))).toBeLessThan(1e-6);
    expect(ksTest(gaps, (x) => -Math.expm1(-x / 20))).toBeLessThan(1e-3);
  });

  test('MMPP-2: the index of dispersion over 10 and 60 units is I(t), and tends to I(∞)', () => {
    const process = { kind: 'mmpp', rateRps: [120, 20], switchPerSecond: [5, 5] } as const;
    const times = arrivalsOf(process, 3e6, 'mmpp');
    for (const units of [10, 60, 2000]) {
      const exact = dispersion([1.2, 0.2], [0.05, 0.05], units);
      expect(Math.abs(dispersionOf(countsPer(times, units * 10)) / exact - 1), `I(${units})`).toBeLessThan(0.1);
    }
  });

  test('a profile, stepped or sloped: counts per minute follow the integral of the rate', () => {
    const segments = [
      { startMs: 0, endMs: 600_000, fromRps: 2, toRps: 20 },
      { startMs: 600_000, endMs: 900_000, fromRps: 5, toRps: 5 },
      { startMs: 900_000, endMs: 1_200_000, fromRps: 0, toRps: 0 },
      { startMs: 1_200_000, endMs: 1_800_000, fromRps: 20, toRps: 1 },
    ];
    const times = arrivalsOf({ kind: 'profile', segments, periodMs: 1_800_000 }, 400_000, 'profile');
    const periods = Math.floor(times.at(-1)! / 1_800_000);
    const perMinute = Array.from({ length: 30 }, () => 0);
    for (const t of times) if (t < periods * 1_800_000) perMinute[Math.floor((t % 1_800_000) / 60_000)]!++;
    const expected = perMinute.map((_, minute) => {
      const middleMs = (minute + 0.5) * 60_000;
      const s = segments.find(({ endMs }) => endMs > middleMs)!;
      const share = (middleMs - s.startMs) / (s.endMs - s.startMs);
      return 60 * periods * (s.fromRps + (s.toRps - s.fromRps) * share);
    });
    const busy = expected.flatMap((n, i) => (n > 0 ? [i] : []));
    expect(perMinute.filter((_, i) => !busy.includes(i)).every((n) => n === 0)).toBe(true);
    const statistic = chiSquareOf(
      busy.map((i) => perMinute[i]!),
      busy.map((i) => expected[i]!),
    );
    expect(statistic).toBeLessThan(chiSquareQuantile(0.999, busy.length));
  });

  test('on and off: silence lasts as long as its distribution says, and traffic has the stated rate between', () => {
    const process = {
      kind: 'onoff',
      rateRps: 100,
      on: { kind: 'constant', valueMs: 2000 },
      off: { kind: 'constant', valueMs: 3000 },
    } as const;
    const times = arrivalsOf(process, 200_000, 'onoff');
    expect(times.every((t) => t % 5000 < 2000)).toBe(true);
    const cycles = times.at(-1)! / 5000;
    expect(Math.abs(times.length / cycles - 200)).toBeLessThan((4 * Math.sqrt(200)) / Math.sqrt(cycles));
  });
});

const poisson = (rateRps: number): object => ({ kind: 'poisson', rateRps });

describe('the YAML form states textbook queues', () => {
  const none = { queueLimit: Infinity, queueTimeoutMs: Infinity, timeoutMs: Infinity, errorRatio: 0, autoscaler: null };
  const exponential = { kind: 'exponential', meanMs: 10 };
  test.each([
    ['Q1', { arrivals: poisson(80) }, { ...none, service: exponential, replicas: 1, slotsPerReplica: 1 }, {}],
    ['Q4', { arrivals: poisson(1280) }, { ...none, service: exponential, replicas: 1, slotsPerReplica: 16 }, {}],
    ['Q8', { arrivals: poisson(80) }, { ...none, service: { kind: 'constant', valueMs: 10 }, slotsPerReplica: 1 }, {}],
    ['Q14', { arrivals: poisson(90) }, { ...none, service: exponential, slotsPerReplica: 1, queueLimit: 9 }, {}],
    ['Q16', { arrivals: poisson(1000) }, { ...none, service: exponential, slotsPerReplica: 10, queueLimit: 0 }, {}],
    ['Q20', { arrivals: poisson(1280) }, { ...none, slotsPerReplica: 16, queueTimeoutMs: 2.5 }, {}],
    [
      'Q37',
      { arrivals: poisson(10), keys: { count: 8, zipf: 0.8 } },
      none,
      { slots: Infinity, availability: 1, cache: { capacity: Infinity, ttlMs: 600, warm: false, hitLatencyMs: 0 } },
    ],
    [
      'Q40',
      { arrivals: { kind: 'mmpp', rateRps: [20, 120], switchPerSecond: [5, 5] } },
      { ...none, service: exponential, slotsPerReplica: 1 },
      {},
    ],
  ])('%s', (id, traffic, baseline, features) => {
    const scenario = ROWS.find((row) => row.id === id)!.scenario!(1);
    expect(scenario).toMatchObject({ traffic, arms: { baseline }, features });
    expect(scenario.features.latency === null).toBe(id !== 'Q37');
  });
});
