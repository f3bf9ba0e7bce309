/** Rows Q8–Q13, Q25–Q29, Q31, Q40: other service times and arrivals, several replicas, networks. */
import { number, response, responseOver, slower, utilisation, wait, waited, waitOver, waitSquared } from './batch.ts';
import type { Row } from './gate.ts';
import { EXPONENTIAL } from './queue.ts';
import { type Metric, stationary } from './stationary.ts';
import { batchTrace } from './traces.ts';

export const GENERAL_VALUES = {
  Q8: {
    wq: 2,
    wqVariance: 5.33333333,
    wq2: 9.33333333,
    l: 2.4,
    below1: 0.445108186,
    wq95: 6.620325,
    wq99: 10.3558868,
  },
  Q9: { wq: 2.5, wq2: 15, l: 2.8 },
  Q10: { wq: 10, wq2: 280, l: 8.8 },
  Q11: { wq: 3.79166667, wq2: 55.453125, l: 3.35416667 },
  Q12: { pWait: 0.281604419, wq: 0.0525478911 },
  Q13: { pWait: 0.628629796, busy: 0.8, wq: 1.69273084, r95: 8.06670068, r99: 12.4004838 },
  Q25: { pWait: 0.647407158, wq: 1.83613245, r95: 8.49629351 },
  Q26: { wq: 4, r95: 14.9786614 },
  Q27: { r: 1.94736339 },
  Q28: { r: 7.22222222 },
  Q29: { r: 2.875 },
  Q31: { wq: 11.5, l: 10 },
  Q40: { wq: 9.16040766, busySeen: 0.852330627, busy: 0.7, i10: 3.62771029, i60: 6.95533185, limit: 8.14285714 },
} as const;

const V = GENERAL_VALUES;

/** M/G/1 at λ requests per mean service of 10 ms. */
const mg1Row = (id: string, title: string, rate: number, service: string, metrics: readonly Metric[]): Row =>
  stationary({
    id,
    title,
    unitMs: 10,
    queue: { rate, service, windowMs: Math.round(1e7 / rate) },
    metrics: () => metrics,
    relaxation: 500,
  });

const moments = (
  v: { readonly wq: number; readonly wq2: number; readonly l: number },
  h: readonly [number, number],
): Metric[] => [
  { name: 'Wq', exact: v.wq, h: h[0], terms: wait },
  { name: 'E[Wq²]', exact: v.wq2, h: h[1], terms: waitSquared },
  { name: 'L', exact: v.l, h: null, terms: number },
];

/** Sixteen one-slot replicas. */
export const replicated = (balancer: string, replicas = 16): { baseline: string; rate: number; windowMs: number } => ({
  rate: 80 * replicas,
  baseline: `replicas: ${replicas}, balancer: ${balancer}`,
  windowMs: Math.round(125_000 / replicas),
});

export const GENERAL: readonly Row[] = [
  mg1Row('Q8', 'M/D/1, λ 0.8', 80, '{ kind: constant, value: 10ms }', [
    ...moments(V.Q8, [0.0049, 0.012]),
    { name: 'P(Wq > 1)', exact: 1 - V.Q8.below1, h: null, terms: waitOver(1) },
    { name: `P(Wq > ${V.Q8.wq95})`, exact: 0.05, h: 0.017, terms: waitOver(V.Q8.wq95) },
    { name: `P(Wq > ${V.Q8.wq99})`, exact: 0.01, h: 0.05, terms: waitOver(V.Q8.wq99) },
  ]),
  mg1Row('Q9', 'M/E4/1, λ 0.8', 80, '{ kind: erlang, stages: 4, mean: 10ms }', moments(V.Q9, [0.007, 0.019])),
  mg1Row(
    'Q10',
    'M/H2/1, cv² 4, λ 0.8',
    80,
    '{ kind: hyperexponential, mean: 10ms, cv2: 4 }',
    moments(V.Q10, [0.016, 0.038]),
  ),
  mg1Row(
    'Q11',
    'M/lognormal/1, cv² 2.25, λ 0.7',
    70,
    '{ kind: lognormal, mean: 10ms, cv2: 2.25 }',
    moments(V.Q11, [0.013, 0.059]),
  ),
  stationary({
    id: 'Q12',
    title: 'M/D/16, λ 12.8',
    unitMs: 10,
    queue: { rate: 1280, service: '{ kind: constant, value: 10ms }', slots: 16, windowMs: 7813 },
    metrics: () => [
      { name: 'Wq', exact: V.Q12.wq, h: 0.013, terms: wait },
      { name: 'P(wait)', exact: V.Q12.pWait, h: 0.0071, terms: waited },
    ],
    relaxation: 100,
  }),
  stationary({
    id: 'Q13',
    title: 'D/M/1, λ 0.8',
    unitMs: 10,
    queue: { rate: 80, arrivals: 'regular', service: EXPONENTIAL, windowMs: 125_000 },
    metrics: () => [
      { name: 'Wq', exact: V.Q13.wq, h: 0.0067, terms: wait },
      { name: 'P(wait) seen by arrivals', exact: V.Q13.pWait, h: 0.0018, terms: waited },
      { name: 'busy share of time', exact: V.Q13.busy, h: null, terms: utilisation(1) },
      { name: `P(R > ${V.Q13.r95})`, exact: 0.05, h: 0.018, terms: responseOver(V.Q13.r95) },
      { name: `P(R > ${V.Q13.r99})`, exact: 0.01, h: 0.042, terms: responseOver(V.Q13.r99) },
    ],
    relaxation: 100,
  }),
  stationary({
    id: 'Q25',
    title: '16 one-slot replicas, round robin, ρ 0.8',
    unitMs: 10,
    queue: { service: EXPONENTIAL, ...replicated('round-robin') },
    metrics: () => [
      { name: 'Wq', exact: V.Q25.wq, h: 0.009, terms: wait },
      { name: 'P(wait)', exact: V.Q25.pWait, h: 0.0024, terms: waited },
      { name: `P(R > ${V.Q25.r95})`, exact: 0.05, h: 0.025, terms: responseOver(V.Q25.r95) },
    ],
    relaxation: 1500,
  }),
  stationary({
    id: 'Q26',
    title: '16 one-slot replicas, random, ρ 0.8',
    unitMs: 10,
    queue: { service: EXPONENTIAL, ...replicated('random') },
    metrics: () => [
      { name: 'Wq', exact: V.Q26.wq, h: 0.0096, terms: wait },
      { name: `P(R > ${V.Q26.r95})`, exact: 0.05, h: 0.032, terms: responseOver(V.Q26.r95) },
    ],
    relaxation: 1500,
  }),
  stationary({
    id: 'Q27',
    title: 'power of two, 1,000 replicas, ρ 0.8',
    unitMs: 10,
    queue: { service: EXPONENTIAL, ...replicated('power-of-two', 1000) },
    // The value is the limit of many replicas; 1,000 of them measure 0.1 % above it.
    metrics: () => [{ name: 'mean R', exact: V.Q27.r, h: 0.002, tolerance: 0.005, terms: response }],
    relaxation: 2000,
  }),
  stationary({
    id: 'Q28',
    title: 'tandem M/M/1 → M/M/1, λ 0.8, μ 1 and 1.25',
    unitMs: 10,
    queue: {
      rate: 80,
      service: '{ kind: exponential, mean: 8ms }',
      features: `{ latency: ${EXPONENTIAL}, slots: 1 }`,
      windowMs: 125_000,
    },
    metrics: () => [{ name: 'mean R', exact: V.Q28.r, h: 0.0061, terms: response }],
    relaxation: 100,
  }),
  stationary({
    id: 'Q29',
    title: 'fork-join of two M/M/1, λ 0.5',
    unitMs: 10,
    queue: {
      rate: 50,
      service: EXPONENTIAL,
      candidate: `{ service: ${EXPONENTIAL}, replicas: 1 }`,
      windowMs: 200_000,
    },
    actions: [{ kind: 'mirror', percent: 100, stage: 'shadow' }],
    copies: 2,
    metrics: () => [{ name: 'mean R of the slower copy', exact: V.Q29.r, h: 0.0022, terms: slower }],
    relaxation: 20,
  }),
  stationary({
    id: 'Q31',
    title: 'batches of 4, batch rate 0.2',
    unitMs: 100,
    // The arrivals are put in below, from a trace with equal times.
    queue: { rate: 8, service: '{ kind: exponential, mean: 100ms }', windowMs: 1_250_000 },
    finish: batchTrace,
    metrics: () => [
      { name: 'Wq', exact: V.Q31.wq, h: 0.013, terms: wait },
      { name: 'L', exact: V.Q31.l, h: null, terms: number },
    ],
    relaxation: 100,
  }),
  stationary({
    id: 'Q40',
    title: 'MMPP-2/M/1, rates 1.2 and 0.2, switching 0.05',
    unitMs: 10,
    queue: {
      arrivals: '{ kind: mmpp, rates: [20/s, 120/s], stays: [200ms, 200ms] }',
      service: EXPONENTIAL,
      windowMs: 142_857,
    },
    metrics: () => [
      { name: 'Wq', exact: V.Q40.wq, h: 0.01, terms: wait },
      { name: 'busy seen by arrivals', exact: V.Q40.busySeen, h: null, terms: waited },
      { name: 'busy share of time', exact: V.Q40.busy, h: null, terms: utilisation(1) },
    ],
    relaxation: 500,
  }),
];
