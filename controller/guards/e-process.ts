/**
 * The sequential test of a share of events against a bound (the formulas are in bernoulli-evidence.ts): breach when
 * ln E ≥ ln(1/α) that events are more than the bound allows, pass when ln E ≥ ln(1/α_pass) that they are fewer. Valid at every look.
 * Symbols: x events in n requests since the stage began, both divided by the variance inflation; p0 the bound as a share.
 */
import type { EProcess } from '../guard-tests.ts';
import type { Guard } from '../policy.ts';
import { divergence, logEvidence, logRestartSum, needed, type Side } from './bernoulli-evidence.ts';
import { type Expected, leastSamples } from './least-samples.ts';
import { type Case, dividedWords, inflationFor, passesByEstimate, type Tested, unknown, weighed } from './test-case.ts';

export function eProcess(c: Case<EProcess>): Tested {
  const { guard, test, evidence, memory, own } = c;
  const p0 = boundShare(guard);
  if (own === null || p0 === null) return unknown('no count to test');
  const inflation = inflationFor(c);
  const [bad, good] = sidesOf(guard);
  const x = own.events / inflation;
  const n = own.samples / inflation;
  const sum = test.lateOnset ? restarted(c, bad, p0, inflation) : logEvidence(bad, x, n, p0);
  const looks = Math.ceil((evidence.stage.holdMs + evidence.stage.extendMs) / evidence.policy.evaluateEveryMs - 1e-6);
  // The sum of T restarts must reach T/α: as a weight of evidence, that is their mean.
  const against = (test.lateOnset ? sum - Math.log(Math.max(1, looks)) : sum) + memory.carried;
  const inFavour = logEvidence(good, x, n, p0);
  const found = weighed(c, against, inFavour, passesByEstimate(c));
  return { ...found, words: `${found.words}${dividedWords(inflation)}` };
}

function restarted({ memory }: Case<EProcess>, bad: Side, p0: number, inflation: number): number {
  return logRestartSum(
    bad,
    memory.windows.map(([events, samples]) => [events / inflation, samples / inflation] as const),
    p0,
  );
}

/** Samples at which so many events as expected are proof, of harm or of health; null at the bound itself. */
export function eProcessSamples(guard: Guard, test: EProcess, { own: p, inflation }: Expected): number | null {
  const p0 = boundShare(guard);
  if (p0 === null || p === null || p === p0) return null;
  const side = p > p0 ? 'up' : 'down';
  const [bad] = sidesOf(guard);
  const enough = needed(side === bad ? test.alpha : test.passAlpha);
  const onAverage = (enough / divergence(p, p0)) * inflation;
  return leastSamples((n) => logEvidence(side, (n * p) / inflation, n / inflation, p0) >= enough, onAverage);
}

/** The share of events at the bound: "p95 > 50 ms" allows 5 % of the answers to be slower. */
export function boundShare({ metric, bound }: Pick<Guard, 'metric' | 'bound'>): number | null {
  if (bound?.kind !== 'absolute') return null;
  return metric.kind === 'latency' ? 1 - metric.quantile : bound.value;
}

/** Which events are bad, too many or too few, and the opposite. */
function sidesOf({ bound }: Guard): readonly [bad: Side, good: Side] {
  const ceiling = bound?.kind === 'absolute' && bound.breachWhen.startsWith('>');
  return ceiling ? ['up', 'down'] : ['down', 'up'];
}
