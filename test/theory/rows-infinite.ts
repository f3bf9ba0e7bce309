/** Rows Q22–Q24: as many slots as there may ever be requests, so nobody waits. */
import { SimWorld } from '../../sim/world.ts';
import { sampled } from './batch.ts';
import { BATCHES, type Comparison, judge, type Row } from './gate.ts';
import { scenarioOf } from './queue.ts';
import { stationary } from './stationary.ts';
import { estimate } from './stats.ts';

export const INFINITE_VALUES = {
  Q22: { mean: 27.78, variance: 27.78, over43: 0.00270548935 },
  Q23: { mean: 3000, amplitude: 1328.8624, factor: 0.885908264, lagSeconds: 276.364993 },
  Q24: [
    [0.01, 10.9305783],
    [0.02, 17.5603091],
    [0.1, 27.5928198],
  ],
} as const;

const V = INFINITE_VALUES;
const PERIOD_S = 3600;
const OMEGA = (2 * Math.PI) / PERIOD_S;
/** Straight stretches per period: they take 0.01 % off the sinusoid's amplitude. */
const STRETCHES = 180;
const REQUESTS_PER_PERIOD = 36_000;

const sinusoid = (): string => {
  const points = Array.from({ length: STRETCHES }, (_, i) => {
    const rate = 10 + 5 * Math.sin((2 * Math.PI * i) / STRETCHES);
    return `{ at: ${(PERIOD_S / STRETCHES) * i}s, rate: ${rate.toFixed(9)}/s }`;
  });
  // The last stretch leads back to the rate at the beginning.
  points.push(`{ at: ${PERIOD_S}s, rate: 10/s }`);
  return `{ kind: profile, shape: linear, period: ${PERIOD_S}s, points: [${points.join(', ')}] }`;
};

/** Fourier coefficients of N(t) per period: each request adds the integral over its stay, cut at the period's ends. */
async function followSinusoid(requests: number, seed: number): Promise<readonly Comparison[]> {
  const startedMs = performance.now();
  const periods = Math.max(BATCHES, Math.round(requests / REQUESTS_PER_PERIOD));
  // Thinned over 100 replicas: independent M(t)/M/∞ each, of at most 43 busy slots in the mean.
  const scenario = scenarioOf(
    {
      arrivals: sinusoid(),
      service: '{ kind: exponential, mean: 300s }',
      slots: 120,
      baseline: 'replicas: 100, balancer: random',
      windowMs: PERIOD_S * 1000,
    },
    seed,
  );
  const mean = new Float64Array(periods + 1);
  const sine = new Float64Array(periods + 1);
  const cosine = new Float64Array(periods + 1);
  let waits = 0;
  const probe = {
    dispatched(_a: number, _r: number, _arrivalMs: number, queuedMs: number, startMs: number, finishMs: number): void {
      if (startMs > queuedMs) waits++;
      const finish = finishMs / 1000;
      for (let from = startMs / 1000; from < finish; ) {
        const p = Math.floor(from / PERIOD_S);
        if (p > periods) return;
        const to = Math.min(finish, (p + 1) * PERIOD_S);
        mean[p]! += to - from;
        sine[p]! += (Math.cos(OMEGA * from) - Math.cos(OMEGA * to)) / OMEGA;
        cosine[p]! += (Math.sin(OMEGA * to) - Math.sin(OMEGA * from)) / OMEGA;
        from = to;
      }
    },
  };
  const world = await SimWorld.open(scenario, { thresholds: [], content: null, probe });
  await world.advance((periods + 1) * PERIOD_S * 1000);
  await world.close();
  if (waits > 0) throw new Error(`${waits} requests waited, expected none with infinitely many slots`);

  // The first period is warm-up. N(t) = mean + A·sin(ωt − φ): projected on the exact phase it is A, on its quadrature 0.
  const phase = OMEGA * V.Q23.lagSeconds;
  const each = (of: (p: number) => number): (readonly [number, number])[] =>
    Array.from({ length: periods }, (_, i) => [of(i + 1), 1] as const);
  const scale = 2 / PERIOD_S;
  const inPhase = estimate(each((p) => scale * (sine[p]! * Math.cos(phase) - cosine[p]! * Math.sin(phase))));
  const lagSeconds = estimate(
    each((p) => {
      const across = scale * (sine[p]! * Math.sin(phase) + cosine[p]! * Math.cos(phase));
      return V.Q23.lagSeconds - across / V.Q23.amplitude / OMEGA;
    }),
  );
  const level = estimate(each((p) => mean[p]! / PERIOD_S));
  const row = { id: 'Q23', title: 'M(t)/M/∞, λ(t) = 10 + 5 sin(2πt/3600 s), mean 300 s' };
  const seconds = (performance.now() - startedMs) / 1000;
  const one = (name: string, exact: number, value: typeof level, limit: number): Comparison => {
    const judged = judge(row, { name, exact, h: limit }, value, requests, seconds);
    if (Math.abs(value.mean - exact) <= limit * exact) return judged;
    const issue = `Q23 ${name}: measured ${value.mean}, exact ${exact}, more than ${limit * 100} % apart`;
    return { ...judged, issues: [...judged.issues, issue] };
  };
  return [
    one('amplitude of E[N]', V.Q23.amplitude, inPhase, 0.01),
    one('mean N', V.Q23.mean, level, 0.01),
    one('lag (s)', V.Q23.lagSeconds, lagSeconds, 5 / V.Q23.lagSeconds),
  ];
}

const REPLICATIONS = 20_000;
/** Traffic for 0.1 s, then silence until the last request has left: every period begins empty. */
const CYCLE_MS = 800;

async function fromEmpty(requests: number, seed: number): Promise<readonly Comparison[]> {
  const startedMs = performance.now();
  const replications = Math.round((REPLICATIONS * requests) / 2e6);
  const points = `[{ at: 0, rate: 1389/s }, { at: 100ms, rate: 0/s }]`;
  const scenario = scenarioOf(
    {
      arrivals: `{ kind: profile, period: ${CYCLE_MS}ms, points: ${points} }`,
      service: '{ kind: exponential, mean: 20ms }',
      slots: 40,
      baseline: 'replicas: 10, balancer: random',
      windowMs: 100 * CYCLE_MS,
    },
    seed,
  );
  const present = V.Q24.map(() => new Uint8Array(replications));
  let waits = 0;
  const probe = {
    dispatched(_a: number, _r: number, _arrivalMs: number, queuedMs: number, startMs: number, finishMs: number): void {
      if (startMs > queuedMs) waits++;
      const cycle = Math.floor(startMs / CYCLE_MS);
      if (cycle >= replications) return;
      for (const [k, [t]] of V.Q24.entries()) {
        const at = cycle * CYCLE_MS + t * 1000;
        if (startMs <= at && finishMs > at) present[k]![cycle]!++;
      }
    },
  };
  const world = await SimWorld.open(scenario, { thresholds: [], content: null, probe });
  await world.advance(replications * CYCLE_MS);
  await world.close();
  if (waits > 0) throw new Error(`${waits} requests waited, expected none with infinitely many slots`);
  const seconds = (performance.now() - startedMs) / 1000;
  return V.Q24.map(([t, exact], k) => {
    const counts = present[k]!;
    const mean = counts.reduce((sum, n) => sum + n, 0) / replications;
    const ratio = counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (replications - 1) / mean;
    const name = `E[N(${t} s)]`;
    const row = { id: 'Q24', title: 'M/M/∞ from empty, 1389/s, 20 ms' };
    const standardError = Math.sqrt(exact / replications);
    const judged = judge(row, { name, exact, h: 0.005 }, { mean, standardError, lag1: 0 }, requests, seconds);
    if (Math.abs(ratio - 1) <= 4 * Math.sqrt(2 / replications)) return judged;
    return { ...judged, issues: [...judged.issues, `Q24 ${name}: variance/mean is ${ratio}, expected 1`] };
  });
}

export const INFINITE: readonly Row[] = [
  stationary({
    id: 'Q22',
    title: 'M/lognormal/∞, 1389/s, 20 ms',
    unitMs: 1000,
    queue: {
      rate: 1389,
      service: '{ kind: lognormal, mean: 20ms, sigma: 0.35 }',
      slots: 280,
      windowMs: 7200,
    },
    metrics: () => [
      { name: 'E[N]', exact: V.Q22.mean, h: 0.001, terms: sampled(0.01, (n) => n) },
      {
        name: 'Var[N]',
        exact: V.Q22.variance,
        h: 0.005,
        terms: sampled(0.01, (n) => (n - V.Q22.mean) ** 2),
      },
      { name: 'P(N > 43)', exact: V.Q22.over43, h: 0.06, terms: sampled(0.01, (n) => (n > 43 ? 1 : 0)) },
    ],
    relaxation: 100,
  }),
  {
    id: 'Q23',
    title: 'M(t)/M/∞, sinusoidal rate',
    kind: 'core',
    run: followSinusoid,
  },
  { id: 'Q24', title: 'M/M/∞ from empty, 1389/s, 20 ms', kind: 'core', run: fromEmpty },
];
