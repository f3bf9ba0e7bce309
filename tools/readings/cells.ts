/** The two sentences, every reading of them as a guard, and the truths they are confronted with. */
import type { Inflation, Test } from '../../controller/guard-tests.ts';
import type { Guard } from '../../controller/policy.ts';
import { normalTail } from '../../statistics/normal.ts';
import { binomialCounts, clumpedCounts, type Counts } from './draw.ts';
import { MINUTE, telling, type WindowWorld } from './rollouts.ts';

/** Canonical traffic: ten million requests in two hours, looked at once a minute. */
export const PER_MINUTE = 83_333;
export const LOOKS = 120;

export interface Truth {
  readonly name: string;
  /** A false alarm is one given here. */
  readonly healthy: boolean;
  /** Windows before it becomes so; delays count from there. */
  readonly onset: number;
  readonly world: WindowWorld;
}

export interface Sentence {
  readonly title: string;
  readonly weightPercent: number;
  /** By name, in the order of the table. */
  readonly readings: readonly Guard[];
  readonly truths: readonly Truth[];
}

const sequential = (inflation: Inflation) => ({
  alpha: 0.001,
  passAlpha: 0.05,
  passBy: 'evidence' as const,
  inflation,
});
const sustained = (minutes: number, reading: 'pooled' | 'every') => ({ forMs: minutes * MINUTE, reading });

const drop = (by: number) => ({ kind: 'relative', to: 'baseline', direction: 'drop', by }) as const;
const clicks = (name: string, by: number, rule: Partial<Guard>): Guard =>
  telling({ name, metric: { kind: 'outcome-ratio' }, bound: drop(by), ...rule });
const sequence: Test = { method: 'ratio-sequence', ...sequential(1), sharpestMs: 30 * MINUTE };

/** Click-through of 5 %, and what the candidate makes of it. */
function clicking(weightPercent: number): Sentence {
  const own = Math.round((PER_MINUTE * weightPercent) / 100);
  const rest = PER_MINUTE - own;
  const baseline = { requests: rest, outcomes: binomialCounts(rest, 0.05) };
  const truth = (change: number): Truth => {
    const candidate = { requests: own, outcomes: binomialCounts(own, 0.05 * (1 + change)) };
    const name = change === 0 ? 'no change' : `−${Math.round(-change * 100)} %`;
    return { name, healthy: change === 0, onset: 0, world: () => ({ candidate, baseline }) };
  };
  return {
    title: `"CTR drops by more than 2 % for 30 minutes", ${weightPercent} % of the traffic`,
    weightPercent,
    readings: [
      clicks('CTR of the last 30 min is > 2 % down', 0.02, { sustained: sustained(30, 'pooled') }),
      clicks('CTR of the last 15 min is > 2 % down', 0.02, { sustained: sustained(15, 'pooled') }),
      clicks('each of 15 consecutive minutes', 0.02, { sustained: sustained(15, 'every') }),
      clicks('each of 30 consecutive minutes', 0.02, { sustained: sustained(30, 'every') }),
      clicks('ratio-sequence: worse than −2 % proven', 0.02, { test: sequence, minPositives: 50 }),
      clicks('ratio-sequence: worse than 0 proven', 0, { test: sequence, minPositives: 50 }),
      clicks('two-arm: fewer clicks proven', 0, { test: { method: 'two-arm', ...sequential(1) } }),
    ],
    truths: [truth(0), truth(-0.05), truth(-0.1)],
  };
}

const slow = (name: string, rule: Partial<Guard>): Guard =>
  telling({
    name,
    metric: { kind: 'latency', quantile: 0.95 },
    bound: { kind: 'absolute', breachWhen: '>', value: 50 },
    ...rule,
  });
const eProcess = (inflation: Inflation, lateOnset = false): Test => ({
  method: 'e-process',
  ...sequential(inflation),
  lateOnset,
});

/** P(latency > 50 ms) of a lognormal with sigma 0.35 whose 95th percentile is `p95Ms`. */
export const shareOver50 = (p95Ms: number): number => normalTail(1.6448536269514722 + Math.log(50 / p95Ms) / 0.35);

/** Latency whose slow answers come one by one (`vif` 1), or in clumps as a small fleet's do. */
function waiting(weightPercent: number, vif: number): Sentence {
  const own = Math.round((PER_MINUTE * weightPercent) / 100);
  const known = new Map<number, Counts>();
  const counts = (p95Ms: number): Counts => {
    const over = known.get(p95Ms) ?? clumpedCounts(own, shareOver50(p95Ms), vif);
    known.set(p95Ms, over);
    return over;
  };
  const truth = (p95Ms: number, onset = 0): Truth => ({
    name: onset === 0 ? `${p95Ms} ms` : `45, then ${p95Ms} ms after ${onset} min`,
    healthy: p95Ms <= 50,
    onset,
    world: (at) => ({ candidate: { requests: own, over: counts(at < onset ? 45 : p95Ms) } }),
  });
  const clumps = vif === 1 ? 'slow answers independent' : `slow answers in clumps, variance × ${vif}`;
  return {
    title: `"p95 above 50 ms for 15 minutes", ${weightPercent} % of the traffic, ${clumps}`,
    weightPercent,
    readings: [
      slow('p95 of the last 15 min', { sustained: sustained(15, 'pooled') }),
      slow('each of 15 consecutive minutes', { sustained: sustained(15, 'every') }),
      slow('p95 of any one minute', { sustained: sustained(1, 'pooled') }),
      slow('e-process, taken as independent', { test: eProcess(1) }),
      slow('e-process, counts divided by 12', { test: eProcess(12) }),
      slow('e-process, inflation measured', { test: eProcess('measured') }),
      slow('e-process from every minute on, divided by 12', { test: eProcess(12, true) }),
      slow('betting on the minutes', { test: { method: 'betting', ...sequential(1) } }),
    ],
    truths: [truth(45), truth(49), truth(55), truth(60), truth(100), truth(55, 60)],
  };
}

export const sentences = (): readonly Sentence[] => [clicking(5), clicking(25), waiting(5, 1), waiting(5, 12)];
