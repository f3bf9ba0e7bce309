/** A guard that a test decides, at one evaluation: which test, over what, and what it says. */
import type { GuardVerdict } from '../decision.ts';
import { lookBackMs, sumsUp, type Test } from '../guard-tests.ts';
import type { Guard } from '../policy.ts';
import { NO_TALLY } from '../tally.ts';
import { remember, type TestMemory } from '../test-memory.ts';
import { duration, metricWords, whole } from '../words.ts';
import { betting } from './betting.ts';
import { burnRateTest } from './burn-rate.ts';
import { cdfBand } from './cdf-band.ts';
import { finding } from './clauses.ts';
import { ks, psi } from './distribution-shift.ts';
import { eProcess } from './e-process.ts';
import { type Evidence, sumsOver, trailing } from './evidence.ts';
import { judge } from './judge.ts';
import { mannWhitney } from './mann-whitney.ts';
import { meanSequence } from './mean-sequence.ts';
import { measure } from './measure.ts';
import { quantileSequence } from './quantile-sequence.ts';
import { ratioSequence } from './ratio-sequence.ts';
import { ratioOf } from './ratios.ts';
import { repeatedZ } from './repeated-z.ts';
import { samplesNeeded } from './samples-needed.ts';
import { lackOfStretch, STALE_WINDOWS } from './stretch.ts';
import { type Case, inflationFor, type Tested, unknown } from './test-case.ts';
import { twoArm } from './two-arm.ts';

export interface EvaluatedTest {
  readonly verdict: GuardVerdict;
  readonly memory: TestMemory;
}

/** `mismatch`: why nothing can be known against another arm, or null. */
export function evaluateTest(
  guard: Guard,
  test: Test,
  evidence: Evidence,
  before: TestMemory,
  mismatch: string | null,
  atMs: number,
): EvaluatedTest {
  const memory = remember(before, guard, evidence);
  const c = caseOf(guard, test, evidence, memory);
  const unfit = unfitFor(c, mismatch);
  const tested = unfit ?? lackOf(c) ?? decide(c);
  // No traffic mends a router, or brings back what was lost.
  const outlook = unfit === null && tested.verdict === 'inconclusive' ? samplesFor(c) : null;
  const value = tested.value?.own ?? (tested.value === undefined ? c.judgement.value : null);
  const reference = tested.value === undefined ? c.judgement.reference : tested.value.reference;
  const verdict: GuardVerdict = {
    guard: guard.name,
    stage: evidence.stage.name,
    atMs,
    verdict: tested.verdict,
    value,
    reference,
    threshold: guard.bound === null ? null : guard.bound.kind === 'absolute' ? guard.bound.value : guard.bound.by,
    samples: c.judgement.samples,
    sustainedMs: 0,
    because: clause(c, tested, unfit === null ? stretchWords(c) : ''),
    ...(outlook === null ? {} : { needed: outlook }),
    test: {
      evidence: tested.evidence?.against ?? null,
      needed: tested.evidence?.needed ?? null,
      low: finite(tested.interval?.low),
      high: finite(tested.interval?.high),
    },
  };
  // A look that cannot know leaves the evidence of the look before.
  const evidenceSoFar = tested.evidence === undefined ? memory.evidence : tested.evidence.against - memory.carried;
  return { verdict, memory: { ...memory, evidence: evidenceSoFar } };
}

/** How many samples the guard takes at what was seen so far, when it has not seen as many and keeps a stage from ending. */
function samplesFor(c: Case<Test>): number | null {
  const { guard, test, own, reference, judgement, evidence } = c;
  const { samples, referenceSamples } = judgement;
  const spentMs = (evidence.index + 1 - evidence.firstOfStage) * evidence.policy.evaluateEveryMs;
  // Searching for it costs more than the test itself.
  if (!guard.requiredToAdvance || spentMs < evidence.stage.holdMs - 1e-6) return null;
  if (samples === 0 || (guard.bound?.kind === 'relative' && (referenceSamples ?? 0) === 0)) return null;
  const needed = samplesNeeded(guard, {
    own: own === null ? null : ratioOf(own),
    reference: reference === null ? null : ratioOf(reference),
    times: (referenceSamples ?? samples) / samples,
    perMs: samples / spentMs,
    inflation: 'inflation' in test ? inflationFor({ ...c, test }) : 1,
  });
  return needed !== null && needed > samples ? needed : null;
}

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;

function caseOf(guard: Guard, test: Test, evidence: Evidence, memory: TestMemory): Case<Test> {
  const { bound } = guard;
  const { header, stage } = evidence;
  const sums = sumsUp(test)
    ? (arm: Parameters<ReturnType<typeof sumsOver>>[0]) => memory.sums[arm] ?? NO_TALLY
    : sumsOver(guard, evidence, trailing(guard, evidence, lookBackMs(test)));
  return {
    guard,
    test,
    evidence,
    memory,
    judgement: judge(guard, 'candidate', sums, stage, header),
    own: measure(guard, sums('candidate'), header).count,
    reference: bound?.kind === 'relative' ? measure(guard, sums(bound.to), header).count : null,
  };
}

/** What keeps any test from knowing, however much it has seen: arms that are not comparable, old data, a stretch that is not there yet. */
function unfitFor({ guard, evidence, memory, test }: Case<Test>, mismatch: string | null): Tested | null {
  if (guard.bound?.kind === 'relative' && mismatch !== null) return unknown(mismatch);
  if (memory.gap > STALE_WINDOWS)
    return unknown(`the newest data ended ${duration(memory.gap * evidence.policy.evaluateEveryMs)} ago`);
  const missing = 'overMs' in test ? lackOfStretch(guard, evidence, test.overMs) : null;
  return missing === null ? null : unknown(missing);
}

/** Fewer samples than the policy asks for, in either arm. */
function lackOf({ guard, judgement, test }: Case<Test>): Tested | null {
  // Distributions and ranks have their own way of comparing: nothing to relate a value to is nothing to them.
  const relates = guard.metric.kind !== 'distribution' && test.method !== 'mann-whitney';
  return judgement.lacking !== null && (relates || !judgement.isEnough) ? unknown(judgement.lacking) : null;
}

function decide(c: Case<Test>): Tested {
  const { test } = c;
  switch (test.method) {
    case 'e-process':
      return eProcess({ ...c, test });
    case 'betting':
      return betting({ ...c, test });
    case 'two-arm':
      return twoArm({ ...c, test });
    case 'ratio-sequence':
      return ratioSequence({ ...c, test });
    case 'mean-sequence':
      return meanSequence({ ...c, test });
    case 'repeated-z':
      return repeatedZ({ ...c, test });
    case 'cdf-band':
      return cdfBand({ ...c, test });
    case 'quantile-sequence':
      return quantileSequence({ ...c, test });
    case 'burn-rate':
      return burnRateTest({ ...c, test });
    case 'mann-whitney':
      return mannWhitney({ ...c, test });
    case 'psi':
      return psi({ ...c, test });
    case 'ks':
      return ks({ ...c, test });
  }
}

/** `error ratio 0.2 % > 0.1 %, proven at α 0.1 % (ln E 8.12 of 6.91) since canary-5 began, n = 41,310`. */
function clause(c: Case<Test>, tested: Tested, over: string): string {
  const { samples } = c.judgement;
  return samples === 0 ? tested.words : `${subject(c)}, ${tested.words}${over}, n = ${whole(samples)}`;
}

/** What the samples were counted over. */
function stretchWords({ guard, test, evidence }: Case<Test>): string {
  const lookMs = lookBackMs(test);
  if (lookMs === 0) return ` since ${evidence.stage.name} began`;
  const oldest = guard.carryOver ? 0 : evidence.firstOfStage;
  const knownMs = (evidence.index + 1 - oldest) * evidence.policy.evaluateEveryMs;
  return ` over the last ${duration(Math.min(lookMs, knownMs))}`;
}

/** Ranks compare in their own words: what the sums of the stretch look like beside the bound is not what they found. */
function subject({ guard, test, judgement }: Case<Test>): string {
  if (guard.metric.kind === 'distribution') return metricWords(guard.metric);
  return finding(guard, test.method === 'mann-whitney' ? { ...judgement, over: null } : judgement);
}
