/** Rows Q1–Q7, Q14–Q17, Q20, Q21: queues with exponential service. Values and half-widths are those of the specification. */
import {
  left,
  number,
  rejected,
  response,
  responseOver,
  utilisation,
  wait,
  waited,
  waitOver,
  waitSquared,
} from './batch.ts';
import type { Row } from './gate.ts';
import { EXPONENTIAL } from './queue.ts';
import { type Metric, stationary } from './stationary.ts';

/** [value, predicted half-width or null] */
export type Value = readonly [value: number, h: number | null];

/** What the specification says of an M/M/c row: waits and quantiles of waits and responses, in the row's unit. */
export interface MmcValues {
  readonly lambda: number;
  readonly mu: number;
  readonly c: number;
  readonly pWait: Value;
  readonly wq: Value;
  readonly wq2?: Value;
  readonly wqVariance?: number;
  readonly l: number;
  readonly wq95: Value;
  readonly r50?: number;
  readonly r95: Value;
  readonly r99: Value;
}

export const MMC: Readonly<Record<string, MmcValues>> = {
  Q1: {
    lambda: 0.8,
    mu: 1,
    c: 1,
    pWait: [0.8, 0.0011],
    wq: [4, 0.0096],
    wq2: [40, 0.023],
    l: 4,
    wq95: [13.8629436, 0.032],
    r95: [14.9786614, 0.032],
    r99: [23.0258509, 0.072],
  },
  Q2: {
    lambda: 0.9,
    mu: 1,
    c: 1,
    pWait: [0.9, null],
    wq: [9, 0.015],
    wq2: [180, 0.04],
    l: 9,
    wq95: [28.9037176, 0.056],
    r95: [29.9573227, 0.056],
    r99: [46.0517019, 0.14],
  },
  Q3: {
    lambda: 1.6,
    mu: 1,
    c: 2,
    pWait: [0.711111111, 0.0018],
    wq: [1.77777778, 0.0094],
    wqVariance: 5.72839506,
    l: 4.44444444,
    wq95: [6.63701422, 0.025],
    r50: 2.04003145,
    r95: [7.91068425, 0.025],
    r99: [11.9373702, 0.057],
  },
  Q4: {
    lambda: 12.8,
    mu: 1,
    c: 16,
    pWait: [0.304883913, 0.0084],
    wq: [0.0952762228, 0.02],
    wqVariance: 0.0504700806,
    l: 14.0195357,
    wq95: [0.564971277, 0.031],
    r50: 0.801856445,
    r95: [3.12539164, 0.0052],
    r99: [4.73495157, 0.0074],
  },
  Q5: {
    lambda: 90,
    mu: 1,
    c: 100,
    pWait: [0.216940481, 0.025],
    wq: [0.0216940481, 0.053],
    wqVariance: 0.0038681779,
    l: 91.9524643,
    wq95: [0.146760003, 0.065],
    r50: 0.716928637,
    r95: [3.01955084, 0.0045],
    r99: [4.62898876, 0.0096],
  },
  Q6: {
    lambda: 1389,
    mu: 50,
    c: 32,
    pWait: [0.339430096, 0.0075],
    wq: [0.00160867344, 0.023],
    wqVariance: 1.26602592e-5,
    l: 30.0144474,
    wq95: [0.00907699061, 0.038],
    r50: 0.0157148319,
    r95: [0.0619189379, 0.005],
    r99: [0.094107785, 0.0094],
  },
  Q7: {
    lambda: 69.45,
    mu: 50,
    c: 2,
    pWait: [0.569289171, 0.0024],
    wq: [0.0186346701, 0.0077],
    wqVariance: 0.000872694739,
    l: 2.68317784,
    wq95: [0.0796191656, 0.019],
    r50: 0.0285944746,
    r95: [0.109263201, 0.018],
    r99: [0.162766985, 0.039],
  },
};

export function mmcMetrics(v: MmcValues): Metric[] {
  const [wq2, h2] = v.wq2 ?? [v.wqVariance! + v.wq[0] ** 2, null];
  const metrics: Metric[] = [
    { name: 'Wq', exact: v.wq[0], h: v.wq[1], terms: wait },
    { name: 'P(wait)', exact: v.pWait[0], h: v.pWait[1], terms: waited },
    { name: 'E[Wq²]', exact: wq2, h: h2 ?? 0.12, terms: waitSquared },
    { name: 'L', exact: v.l, h: null, terms: number },
    { name: `P(Wq > ${v.wq95[0]})`, exact: 0.05, h: v.wq95[1], terms: waitOver(v.wq95[0]) },
    { name: `P(R > ${v.r95[0]})`, exact: 0.05, h: v.r95[1], terms: responseOver(v.r95[0]) },
    { name: `P(R > ${v.r99[0]})`, exact: 0.01, h: v.r99[1], terms: responseOver(v.r99[0]) },
  ];
  if (v.r50 !== undefined) metrics.push({ name: `P(R > ${v.r50})`, exact: 0.5, h: null, terms: responseOver(v.r50) });
  return metrics;
}

/** Requests per relaxation time, 1/(√(cμ) − √λ)². */
const relaxation = ({ lambda, mu, c }: MmcValues): number => lambda / (Math.sqrt(c * mu) - Math.sqrt(lambda)) ** 2;

const mmcRow = (id: string, title: string): Row => {
  const values = MMC[id]!;
  // Rows in seconds have μ = 50; the others a mean service of one unit, which is 10 ms here.
  const unitMs = values.mu === 50 ? 1000 : 10;
  const rate = (values.lambda * 1000) / unitMs;
  return stationary({
    id,
    title,
    unitMs,
    queue: {
      rate,
      service: values.mu === 50 ? '{ kind: exponential, mean: 20ms }' : EXPONENTIAL,
      slots: values.c,
      windowMs: Math.round(1e7 / rate),
    },
    metrics: () => mmcMetrics(values),
    relaxation: relaxation(values),
  });
};

const lossRow = (
  id: string,
  title: string,
  unitMs: number,
  queue: { rate: number; service?: string; slots: number; queueLimit: number },
  metrics: readonly Metric[],
): Row =>
  stationary({
    id,
    title,
    unitMs,
    queue: {
      rate: queue.rate,
      service: queue.service ?? EXPONENTIAL,
      slots: queue.slots,
      baseline: `replicas: 1, queueLimit: ${queue.queueLimit}`,
      windowMs: Math.round(1e7 / queue.rate),
    },
    metrics: () => metrics,
    relaxation: 100,
  });

const impatientRow = (id: string, title: string, rate: number, tauMs: number, metrics: readonly Metric[]): Row =>
  stationary({
    id,
    title,
    unitMs: 10,
    queue: {
      rate,
      service: EXPONENTIAL,
      slots: 16,
      baseline: `replicas: 1, queueTimeout: ${tauMs}ms`,
      windowMs: Math.round(1e7 / rate),
    },
    metrics: () => metrics,
    relaxation: 100,
  });

export const LOST = {
  Q14: { pLost: 0.0508137313, l: 3.9694406, w: 4.64660067 },
  Q15: { pLost: 0.0493601463, l: 0.762340037, w: 0.267307692 },
  Q16: { pLost: 0.214582343 },
  Q17: { pLost: 0.00979007113 },
} as const;

export const LEFT = {
  Q20: { pWait: 0.219326344, pLeave: 0.0307709642, wqServed: 0.0211094079, utilisation: 0.775383229 },
  Q21: { pWait: 0.931458972, pLeave: 0.208910123, wqServed: 0.299818062, utilisation: 0.988862346 },
} as const;

const impatient = (v: (typeof LEFT)[keyof typeof LEFT], h: readonly [number, number, number]): Metric[] => [
  { name: 'Wq of the served', exact: v.wqServed, h: h[0], terms: wait },
  { name: 'P(wait)', exact: v.pWait, h: h[1], terms: waited },
  { name: 'P(leave)', exact: v.pLeave, h: h[2], terms: left },
  { name: 'utilisation', exact: v.utilisation, h: null, terms: utilisation(16) },
];

export const MARKOV: readonly Row[] = [
  mmcRow('Q1', 'M/M/1, λ 0.8'),
  mmcRow('Q2', 'M/M/1, λ 0.9'),
  mmcRow('Q3', 'M/M/2, λ 1.6'),
  mmcRow('Q4', 'M/M/16, λ 12.8'),
  mmcRow('Q5', 'M/M/100, λ 90'),
  mmcRow('Q6', 'M/M/32, 1389/s, 20 ms'),
  mmcRow('Q7', 'M/M/2, 69.45/s, 20 ms'),
  lossRow('Q14', 'M/M/1/10, λ 0.9', 10, { rate: 90, slots: 1, queueLimit: 9 }, [
    { name: 'P(lost)', exact: LOST.Q14.pLost, h: 0.014, terms: rejected },
    { name: 'L', exact: LOST.Q14.l, h: 0.0041, terms: number },
    { name: 'W', exact: LOST.Q14.w, h: null, terms: response },
  ]),
  // μ = 4 per unit: a unit is four services, 40 ms.
  lossRow('Q15', 'M/M/2/3, λ 3, μ 4', 40, { rate: 75, slots: 2, queueLimit: 1 }, [
    { name: 'P(lost)', exact: LOST.Q15.pLost, h: 0.0054, terms: rejected },
    { name: 'L', exact: LOST.Q15.l, h: 0.0013, terms: number },
    { name: 'W', exact: LOST.Q15.w, h: null, terms: response },
  ]),
  lossRow('Q16', 'Erlang B, a 10, c 10, exponential service', 10, { rate: 1000, slots: 10, queueLimit: 0 }, [
    { name: 'P(lost)', exact: LOST.Q16.pLost, h: 0.003, terms: rejected },
  ]),
  lossRow(
    'Q17',
    'Erlang B, a 100, c 117, lognormal service',
    10,
    { rate: 10_000, slots: 117, queueLimit: 0, service: '{ kind: lognormal, mean: 10ms, sigma: 0.35 }' },
    [{ name: 'P(lost)', exact: LOST.Q17.pLost, h: 0.032, terms: rejected }],
  ),
  impatientRow('Q20', 'M/M/16+D, λ 12.8, τ 0.25', 1280, 2.5, impatient(LEFT.Q20, [0.0071, 0.0058, 0.0091])),
  impatientRow('Q21', 'M/M/16+D, λ 20, τ 0.5', 2000, 5, impatient(LEFT.Q21, [0.0021, 0.00096, 0.0037])),
];
