/**
 * The sequential test whether one of two arms has more events than its share (the formulas are in arm-evidence.ts).
 * Symbols: x and y events of the candidate and of the reference since the stage began, divided by the variance inflation; ρ the
 * candidate's share of both arms' requests; a margin d moves it to ρ(1+d)/(ρ(1+d) + 1 − ρ). Since the requests of both arms are known,
 * ρ is what they had, not what the router meant to give: users are hashed to arms, and a hash is a little uneven.
 */
import type { TwoArm } from '../guard-tests.ts';
import type { Guard } from '../policy.ts';
import { logArmEvidence, logShareEvidence, shareWithMargin } from './arm-evidence.ts';
import { needed } from './bernoulli-evidence.ts';
import { type Expected, leastSamples } from './least-samples.ts';
import { type Case, dividedWords, inflationFor, passesByEstimate, type Tested, unknown, weighed } from './test-case.ts';

export function twoArm(c: Case<TwoArm>): Tested {
  const { guard, own, reference } = c;
  const { bound } = guard;
  if (own === null || reference === null || bound?.kind !== 'relative') return unknown('no counts to compare');
  if (own.samples === 0 || reference.samples === 0) return unknown('no samples in one of the arms');
  const inflation = inflationFor(c);
  const x = own.events / inflation;
  const y = reference.events / inflation;
  const rho = own.samples / (own.samples + reference.samples);
  const estimate = passesByEstimate(c);
  const found =
    bound.direction === 'either'
      ? weighed(c, logShareEvidence([x, y], [rho, 1 - rho]) + c.memory.carried, null, estimate)
      : oneSided(c, x, y, rho, bound.direction === 'rise' ? 1 + bound.by : 1 - bound.by);
  return { ...found, words: `${found.words}${dividedWords(inflation)}` };
}

function oneSided(c: Case<TwoArm>, x: number, y: number, rho: number, factor: number): Tested {
  const share = shareWithMargin(rho, factor);
  const [bad, good] = factor >= 1 && isRise(c) ? (['up', 'down'] as const) : (['down', 'up'] as const);
  const against = logArmEvidence(bad, x, y, share) + c.memory.carried;
  return weighed(c, against, logArmEvidence(good, x, y, share), passesByEstimate(c));
}

/** Samples of the candidate at which so many events as expected in either arm are proof, of harm or of health. */
export function twoArmSamples(
  { bound }: Guard,
  test: TwoArm,
  { own: p, reference: q, times, inflation }: Expected,
): number | null {
  if (p === null || q === null || bound?.kind !== 'relative' || bound.direction === 'either') return null;
  const rises = bound.direction === 'rise';
  const factor = rises ? 1 + bound.by : 1 - bound.by;
  const share = shareWithMargin(1 / (1 + times), factor);
  const isBad = rises ? p > q * factor : p < q * factor;
  const side = isBad === rises ? 'up' : 'down';
  const enough = needed(isBad ? test.alpha : test.passAlpha);
  return leastSamples((n) => logArmEvidence(side, (n * p) / inflation, (n * times * q) / inflation, share) >= enough);
}

const isRise = ({ guard }: Case<TwoArm>): boolean =>
  guard.bound?.kind === 'relative' && guard.bound.direction === 'rise';
