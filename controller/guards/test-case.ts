/** What a test judges and how it answers. */
import type { Verdict } from '../decision.ts';
import type { Test } from '../guard-tests.ts';
import { defaultMinSamples } from '../min-samples.ts';
import type { Guard } from '../policy.ts';
import type { TestMemory } from '../test-memory.ts';
import { share, whole } from '../words.ts';
import type { Evidence } from './evidence.ts';
import type { Judgement } from './judge.ts';
import type { Count } from './ratios.ts';
import { inflationOf, stepInflation } from './variance-inflation.ts';

/** A guard with its test, over what the test looks at: everything since the stage began, or a trailing stretch. */
export interface Case<T extends Test> {
  readonly guard: Guard;
  readonly test: T;
  readonly evidence: Evidence;
  readonly memory: TestMemory;
  /** Values and samples of both arms. */
  readonly judgement: Judgement;
  /** Counts of the guarded arm and of the reference; null where a quantile decides. */
  readonly own: Count | null;
  readonly reference: Count | null;
}

export interface Tested {
  readonly verdict: Verdict;
  /** What the test found, in words; the value and the samples are told before and after it. */
  readonly words: string;
  /** Replaces the judgement's value and reference where a test has a value of its own, such as a distance. */
  readonly value?: { readonly own: number | null; readonly reference: number | null };
  readonly evidence?: { readonly against: number; readonly needed: number };
  readonly interval?: { readonly low: number; readonly high: number };
}

export const unknown = (words: string): Tested => ({ verdict: 'inconclusive', words });

/** The factor that counts are divided by; of two arms the larger, each measured on its own. */
export function inflationFor({ test, memory }: Case<Extract<Test, { inflation: unknown }>>): number {
  if (test.inflation !== 'measured') return test.inflation;
  const arms = Object.entries(memory.clumps);
  const of = ([arm, { steps, windows, blocks }]: (typeof arms)[number]): number =>
    arm === 'candidate' ? stepInflation(steps) : inflationOf(windows, blocks);
  return Math.max(1, ...arms.map(of));
}

/** A pass that rests on the estimate: on the right side of the bound, from enough samples of every arm. */
export function passesByEstimate({ guard, test, judgement }: Case<Extract<Test, { passBy: unknown }>>): boolean {
  if (test.passBy !== 'estimate' || judgement.over !== false) return false;
  const enough = defaultMinSamples(guard.metric, guard.bound, 'pooled') ?? 1;
  return Math.min(judgement.samples, judgement.referenceSamples ?? Infinity) >= enough;
}

export const BY_ESTIMATE = 'by estimate only';

/** Evidence for and against, in the words of every test that weighs it. */
export function weighed(
  { test, judgement }: { readonly test: Weighing; readonly judgement: Judgement },
  against: number,
  inFavour: number | null,
  estimate: boolean,
): Tested {
  const breachAt = -Math.log(test.alpha);
  const passAt = -Math.log(test.passAlpha);
  const evidence = { against, needed: breachAt };
  if (judgement.samples === 0) return unknown('no samples');
  if (against >= breachAt)
    return { verdict: 'breach', words: `proven at α ${share(test.alpha)} (${weight(against, breachAt)})`, evidence };
  if (inFavour !== null && inFavour >= passAt)
    return { verdict: 'pass', words: `proven at α ${share(test.passAlpha)} (${weight(inFavour, passAt)})`, evidence };
  if (estimate) return { verdict: 'pass', words: `${BY_ESTIMATE} (${weight(against, breachAt)} against it)`, evidence };
  const other = inFavour === null ? '' : `, ${weight(inFavour, passAt)} for it`;
  return {
    verdict: 'inconclusive',
    words: `not proven either way (${weight(against, breachAt)} against it${other})`,
    evidence,
  };
}

interface Weighing {
  readonly alpha: number;
  readonly passAlpha: number;
}

const weight = (log: number, needed: number): string => `ln E ${log.toFixed(2)} of ${needed.toFixed(2)}`;

/** `1 % to 7 %`. */
export const intervalWords = (low: number, high: number, of: (value: number) => string = share): string =>
  `${of(low)} to ${of(high)}`;

/** `, counts divided by 12`. */
export const dividedWords = (inflation: number): string =>
  inflation === 1
    ? ''
    : `, counts divided by ${inflation >= 100 ? whole(Math.round(inflation)) : Number(inflation.toPrecision(3))}`;

/** What a confidence sequence has found: whether its interval at α lies where it is bad, that at α_pass where it is good, and both in words. */
interface Sequence {
  readonly isBad: boolean;
  readonly isGood: boolean;
  readonly atAlpha: string;
  readonly atPassAlpha: string;
  readonly interval: { readonly low: number; readonly high: number };
}

/** Harm proven, health proven, a pass by estimate where the policy takes one, or neither. */
export function answered(
  c: Case<Extract<Test, { passBy: unknown }>>,
  { isBad, isGood, atAlpha, atPassAlpha, interval }: Sequence,
): Tested {
  const { alpha, passAlpha } = c.test;
  if (isBad) return { verdict: 'breach', words: `proven at α ${share(alpha)} (${atAlpha})`, interval };
  if (isGood) return { verdict: 'pass', words: `proven at α ${share(passAlpha)} (${atPassAlpha})`, interval };
  if (passesByEstimate(c)) return { verdict: 'pass', words: `${BY_ESTIMATE} (${atPassAlpha})`, interval };
  return { verdict: 'inconclusive', words: `not proven either way (${atPassAlpha})`, interval };
}
