/** What must hold for a guard that a statistical test decides: a method that fits its metric and bound, and a way to pass. */
import type { Report } from '../config/rules.ts';
import { boundShare } from './guards/e-process.ts';
import type { Method } from './guard-tests.ts';
import type { Metric } from './policy.ts';
import type { GuardForm, PolicyForm } from './policy-form.ts';
import { isActiveIn } from './policy-stage-checks.ts';
import { boundOf } from './resolve-policy.ts';
import { duration, metricWords, share } from './words.ts';

/** A rule about one guard that may have a test; paths are inside it. */
type TestRule = (guard: GuardForm, report: Report, form: PolicyForm) => void;
type Kind = Metric['kind'];

const RATIOS: readonly Kind[] = ['error-ratio', 'outcome-ratio', 'features-missing-ratio', 'slow-ratio'];
const QUANTILES: readonly Kind[] = ['latency', 'feature-fetch', 'score'];

/** What each method tests, and in which form its bound is. */
const FITS: Readonly<
  Record<Method, { readonly metrics: readonly Kind[]; readonly bound: 'absolute' | 'relative' | 'either' }>
> = {
  'e-process': { metrics: [...RATIOS, 'mismatch-ratio', 'latency'], bound: 'absolute' },
  betting: { metrics: [...RATIOS, 'mismatch-ratio', 'latency'], bound: 'absolute' },
  'two-arm': { metrics: RATIOS, bound: 'relative' },
  'ratio-sequence': { metrics: RATIOS, bound: 'relative' },
  'mean-sequence': { metrics: ['measure'], bound: 'either' },
  'repeated-z': { metrics: [...RATIOS, 'measure'], bound: 'relative' },
  'cdf-band': { metrics: ['distribution'], bound: 'relative' },
  'quantile-sequence': { metrics: QUANTILES, bound: 'relative' },
  'burn-rate': { metrics: [...RATIOS, 'latency'], bound: 'absolute' },
  'mann-whitney': { metrics: [...RATIOS, ...QUANTILES, 'distribution'], bound: 'relative' },
  psi: { metrics: ['distribution'], bound: 'relative' },
  ks: { metrics: ['distribution'], bound: 'relative' },
};

const exactlyOne: TestRule = ({ test, sustained }, report) => {
  if ((test === undefined) === (sustained === undefined))
    report(
      [test === undefined ? 'name' : 'test'],
      `got ${test === undefined ? 'neither' : 'both'}, expected exactly one of sustained and test`,
    );
};

const distributionsAreTested: TestRule = ({ test, metric }, report) => {
  if (test === undefined && metric.kind === 'distribution')
    report(
      ['metric'],
      'got a distribution without a test, expected one of cdf-band, mann-whitney, psi, ks to compare it',
    );
};

const testsABound: TestRule = (guard, report) => {
  const { test, breachWhen } = guard;
  if (test === undefined) return;
  if (breachWhen === undefined) report(['test'], 'got a test without breachWhen, expected a bound to test');
  else if (checkFit(guard, test.method, report)) checkMargin(guard, report);
};

function checkFit({ metric, breachWhen }: GuardForm, method: Method, report: Report): boolean {
  const { metrics, bound } = FITS[method];
  const onPredictions =
    metric.kind === 'distribution' && metric.of === 'latency' && (method === 'psi' || method === 'ks');
  if (!metrics.includes(metric.kind) || onPredictions)
    report(['test', 'method'], `got ${method} on ${metricWords(metric)}, expected ${fitting(metric)}`);
  const given = breachWhen !== undefined && 'kind' in breachWhen ? 'absolute' : 'relative';
  const example = bound === 'absolute' ? "an absolute bound such as '> 0.1%'" : 'a change against another arm';
  if (bound !== 'either' && given !== bound)
    report(['breachWhen'], `got a bound that ${method} cannot test, expected ${example}`);
  return (bound === 'either' || given === bound) && metrics.includes(metric.kind);
}

const fitting = (metric: Metric): string => {
  const methods = (Object.keys(FITS) as Method[]).filter(
    (method) =>
      FITS[method].metrics.includes(metric.kind) &&
      (metric.kind !== 'distribution' || metric.of === 'score' || (method !== 'psi' && method !== 'ks')),
  );
  return methods.length === 0 ? 'another metric' : `one of: ${methods.join(', ')}`;
};

/** Bounds that a test can decide, and that a required guard can pass. */
function checkMargin(guard: GuardForm, report: Report): void {
  const { test, metric, requiredToAdvance } = guard;
  const bound = boundOf(guard);
  if (test === undefined || bound === null) return;
  if (bound.kind === 'absolute') {
    if (test.method === 'mean-sequence') return;
    const p0 = boundShare({ metric, bound });
    if (p0 === null || !(p0 > 0 && p0 < 1))
      report(
        ['breachWhen'],
        `got a bound of ${share(p0 ?? 0)}, expected one between 0 % and 100 % to test events against`,
      );
    return;
  }
  const { direction, by } = bound;
  if (test.method === 'two-arm' && direction === 'either' && by > 0)
    report(
      ['breachWhen', 'change'],
      `got ${share(by)}, expected 0%, or a rise or drop: both ways it only finds any difference`,
    );
  if (direction !== 'rise' && by >= 1)
    report(['breachWhen'], `got ${share(by)}, expected less than 100%: nothing drops further`);
  const cannotPass = by === 0 && 'passAlpha' in passing(guard) && test.passBy !== 'estimate';
  if (requiredToAdvance === true && cannotPass)
    report(
      ['requiredToAdvance'],
      'got true with a bound of 0%, expected a margin, or passBy: estimate: nobody can prove that there is no difference',
    );
}

/** The settings of a method that can pass by evidence. */
const passing = ({ test }: GuardForm): object =>
  test !== undefined &&
  ['two-arm', 'ratio-sequence', 'mean-sequence', 'cdf-band', 'quantile-sequence'].includes(test.method)
    ? { passAlpha: test.passAlpha }
    : {};

const levels: TestRule = ({ test }, report) => {
  for (const level of ['alpha', 'passAlpha'] as const) {
    const value = test?.[level];
    if (value !== undefined && !(value > 0 && value < 0.5))
      report(['test', level], `got ${share(value)}, expected more than 0% and less than 50%`);
  }
};

const lengths: TestRule = (guard, report, form) => {
  const everyMs = form.evaluateEvery ?? 60_000;
  const { test } = guard;
  if (test === undefined) return;
  for (const name of ['over', 'long', 'short'] as const) {
    const lengthMs = test[name];
    if (lengthMs !== undefined && !isMultiple(lengthMs, everyMs))
      report(['test', name], `got ${duration(lengthMs)}, expected a multiple of evaluateEvery, ${duration(everyMs)}`);
  }
  if (test.method === 'burn-rate' && (test.long ?? 3_600_000) <= (test.short ?? 300_000))
    report(['test', 'long'], 'got a long window that is not longer than the short one, expected a longer one');
  if (guard.delay !== undefined && guard.delay > 0 && !isMultiple(guard.delay, everyMs))
    report(['delay'], `got ${duration(guard.delay)}, expected a multiple of evaluateEvery, ${duration(everyMs)}`);
  const windows = test.method === 'mann-whitney' && guard.metric.kind !== 'distribution' ? (test.minWindows ?? 50) : 0;
  if (test.over !== undefined && test.over / everyMs < windows - 1e-9)
    report(['test', 'over'], `got ${duration(test.over)}, expected at least the ${windows} windows it needs`);
  for (const stage of form.stages) {
    const longest = stage.hold + (stage.extend ?? stage.hold);
    if (guard.requiredToAdvance !== true || !isActiveIn(guard.stages, stage.name) || stage.hold === 0) continue;
    if (windows * everyMs > longest)
      report(
        ['test', 'minWindows'],
        `got ${windows}, expected no more than ${stage.name} has with its extension, ${Math.floor(longest / everyMs)}`,
      );
    else if (test.over !== undefined && test.over > longest)
      report(
        ['test', 'over'],
        `got ${duration(test.over)}, expected no more than ${stage.name} has with its extension, ${duration(longest)}`,
      );
  }
};

export const isMultiple = (ms: number, ofMs: number): boolean =>
  ms / ofMs >= 1 - 1e-9 && Math.abs(ms / ofMs - Math.round(ms / ofMs)) <= 1e-9;

/** Only labels are kept by user, and how much they scatter is known once. */
const clustersLabels: TestRule = ({ test, metric }, report) => {
  if (test?.clusterBy === undefined) return;
  if (metric.kind !== 'outcome-ratio')
    report(
      ['test', 'clusterBy'],
      `got ${test.clusterBy} on ${metricWords(metric)}, expected outcome-ratio: only labels are kept by user`,
    );
  if (test.varianceInflation !== undefined)
    report(
      ['test', 'varianceInflation'],
      'got one beside clusterBy, expected none: users say by themselves how much their impressions scatter',
    );
};

/** Evidence of several stages multiplies only where a stage's evidence is one number. */
const carriesOver: TestRule = ({ carryOver, test }, report) => {
  const carries =
    test?.method === 'burn-rate' ||
    test?.method === 'two-arm' ||
    test?.method === 'betting' ||
    (test?.method === 'e-process' && test.lateOnset !== true);
  if (carryOver === true && test !== undefined && !carries)
    report(
      ['carryOver'],
      `got true with ${test.method}${test.lateOnset === true ? ' and lateOnset' : ''}, expected e-process, betting, two-arm or burn-rate`,
    );
};

/** The rules about tests; each is asked on its own, so that one of them never hides another. */
export const TEST_RULES: readonly TestRule[] = [
  exactlyOne,
  distributionsAreTested,
  testsABound,
  levels,
  lengths,
  clustersLabels,
  carriesOver,
];
