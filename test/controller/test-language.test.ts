/** How a policy asks for a statistical test: what is filled in, and every way of asking wrongly, with its place. */
import { describe, expect, it } from 'vitest';
import { hashOf } from '../../config/hash.ts';
import { BadInput } from '../../config/issues.ts';
import { alarmBudget, budgetWords, totalOf } from '../../controller/alarm-budget.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import { policyHash } from '../../controller/policy-hash.ts';
import type { Guard } from '../../controller/policy.ts';
import { scalePolicy } from '../../controller/scale-policy.ts';

const HEAD = `name: p
stages:
  - { name: canary, weight: 5%, control: 5%, hold: 30m }
  - { name: full, weight: 100%, hold: 0 }
guards:
  - { name: any, metric: error-ratio, breachWhen: "> 50%", sustained: { for: 5m, reading: pooled }, action: roll-back, requiredToAdvance: true }
`;
const guardText = (metric: string, breachWhen: string, test: string, rest = ''): string =>
  `  - { name: other, metric: ${metric}, breachWhen: ${breachWhen}, test: ${test}, action: alert${rest} }\n`;
const load = (text: string) => loadPolicy('policy.yaml', HEAD + text);
const guardFrom = (metric: string, breachWhen: string, test: string, rest = ''): Guard =>
  load(guardText(metric, breachWhen, test, rest)).guards[1]!;

/** Issues without place, one per line. */
function issuesOf(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof BadInput) return error.issues.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}
const issues = (...parts: Parameters<typeof guardText>): string[] => issuesOf(guardText(...parts));

const SEQUENTIAL = { alpha: 0.001, passAlpha: 0.05, passBy: 'evidence' };
const RISE = '{ rise: 50%, relativeTo: control }';
const CHANGE = '{ change: 10%, relativeTo: baseline }';

describe('a test in a policy', () => {
  it.each([
    [
      'error-ratio',
      '"> 0.1%"',
      '{ method: e-process, alpha: 0.1% }',
      { method: 'e-process', ...SEQUENTIAL, inflation: 1, lateOnset: false },
    ],
    [
      'latency p95',
      '"> 50ms"',
      '{ method: e-process, alpha: 1%, passAlpha: 2%, passBy: estimate, lateOnset: true }',
      { method: 'e-process', alpha: 0.01, passAlpha: 0.02, passBy: 'estimate', inflation: 'measured', lateOnset: true },
    ],
    ['latency p95', '"> 50ms"', '{ method: betting, alpha: 0.1% }', { method: 'betting', ...SEQUENTIAL, inflation: 1 }],
    [
      'slow-ratio 50ms',
      RISE,
      '{ method: two-arm, alpha: 0.1% }',
      { method: 'two-arm', ...SEQUENTIAL, inflation: 'measured' },
    ],
    [
      'error-ratio',
      RISE,
      '{ method: two-arm, alpha: 0.1%, varianceInflation: 3 }',
      { method: 'two-arm', ...SEQUENTIAL, inflation: 3 },
    ],
    [
      'outcome-ratio',
      '{ drop: 2%, relativeTo: baseline }',
      '{ method: ratio-sequence, alpha: 0.1% }',
      { method: 'ratio-sequence', ...SEQUENTIAL, inflation: 1, sharpestMs: 1_800_000 },
    ],
    [
      'score distribution',
      CHANGE,
      '{ method: cdf-band, alpha: 0.1% }',
      { method: 'cdf-band', ...SEQUENTIAL, inflation: 1 },
    ],
    [
      'latency distribution',
      CHANGE,
      '{ method: cdf-band, alpha: 0.1% }',
      { method: 'cdf-band', ...SEQUENTIAL, inflation: 12 },
    ],
    [
      'score median',
      CHANGE,
      '{ method: quantile-sequence, alpha: 0.1% }',
      { method: 'quantile-sequence', ...SEQUENTIAL, inflation: 1 },
    ],
    [
      'error-ratio',
      '"> 0.1%"',
      '{ method: burn-rate }',
      { method: 'burn-rate', factor: 14.4, longMs: 3_600_000, shortMs: 300_000 },
    ],
    [
      'latency p95',
      RISE,
      '{ method: mann-whitney, alpha: 2%, over: 60m }',
      { method: 'mann-whitney', alpha: 0.02, overMs: 3_600_000, minWindows: 50 },
    ],
    [
      'score distribution',
      CHANGE,
      '{ method: psi, alpha: 0.1%, over: 15m }',
      { method: 'psi', alpha: 0.001, overMs: 900_000, bins: 10 },
    ],
    [
      'score distribution',
      CHANGE,
      '{ method: ks, alpha: 0.1%, over: 15m }',
      { method: 'ks', alpha: 0.001, overMs: 900_000 },
    ],
  ])('%s %s by %s', (metric, bound, test, expected) => {
    const guard = guardFrom(metric, bound, test);
    expect(guard.test).toEqual(expected);
    expect(guard.sustained).toBeNull();
  });

  it('needs samples only where a formula does', () => {
    expect(guardFrom('error-ratio', '"> 0.1%"', '{ method: e-process, alpha: 1% }')).toMatchObject({
      minSamples: 1,
      minPositives: 0,
    });
    expect(guardFrom('error-ratio', RISE, '{ method: two-arm, alpha: 1% }').minPositives).toBe(0);
    expect(guardFrom('outcome-ratio', RISE, '{ method: ratio-sequence, alpha: 1% }').minPositives).toBe(50);
    expect(guardFrom('score distribution', CHANGE, '{ method: ks, alpha: 1%, over: 5m }').minSamples).toBe(1000);
    expect(
      guardFrom('error-ratio', '"> 0.1%"', '{ method: e-process, alpha: 1% }', ', minSamples: 300').minSamples,
    ).toBe(300);
  });

  it('has a delay, and every length follows the schedule', () => {
    const policy = load(
      guardText('latency p95', RISE, '{ method: mann-whitney, alpha: 2%, over: 60m }', ', delay: 10m') +
        guardText('error-ratio', '"> 1%"', '{ method: burn-rate }').replace('other', 'burn') +
        guardText('outcome-ratio', RISE, '{ method: ratio-sequence, alpha: 1% }').replace('other', 'clicks'),
    );
    const [, ranks, burn, clicks] = scalePolicy(policy, 60).guards;
    expect(ranks).toMatchObject({ delayMs: 10_000, test: { overMs: 60_000 } });
    expect(burn!.test).toMatchObject({ longMs: 60_000, shortMs: 5000 });
    expect(clicks!.test).toMatchObject({ sharpestMs: 30_000 });
  });

  it('is part of what the policy is, and leaves the identity of policies without one alone', () => {
    const hash = (alpha: string): string =>
      policyHash(load(guardText('error-ratio', '"> 0.1%"', `{ method: e-process, alpha: ${alpha} }`)));
    expect(hash('0.1%')).not.toBe(hash('1%'));
    expect(hash('0.1%')).toBe(hash('0.001'));
    const plain = load('');
    const older = JSON.parse(JSON.stringify(plain.guards).replace('"test":null,"delayMs":0,', '')) as Guard[];
    expect(older[0]).not.toHaveProperty('test');
    expect(policyHash({ ...plain, guards: older.map((guard) => ({ ...guard, test: null, delayMs: 0 })) })).toBe(
      hashOf({ ...plain, description: null, guards: older }),
    );
  });
});

const tests =
  guardText('error-ratio', '"> 1%"', '{ method: e-process, alpha: 0.1% }').replace(
    'action: alert',
    'action: roll-back',
  ) +
  guardText('score distribution', CHANGE, '{ method: ks, alpha: 0.01%, over: 5m }')
    .replace('action: alert', 'action: roll-back')
    .replace('other', 'looks');
const stated = (budget: string) => () => loadPolicy('policy.yaml', [`alarmBudget: ${budget}`, HEAD + tests].join('\n'));

describe('the budget of false alarms', () => {
  it('adds up α over guards and stages, and over looks where a test holds for one only', () => {
    const budget = alarmBudget(
      load(tests + guardText('error-ratio', '"> 2%"', '{ method: e-process, alpha: 1% }').replace('other', 'told')),
    );
    expect(budgetWords(budget)).toBe('other 0.1 % (1 stage), looks 0.6 % (1 stage)');
    expect(totalOf(budget)).toBeCloseTo(0.007, 12);
    expect(totalOf(alarmBudget(loadPolicy('policies/sequential.yaml')))).toBeLessThanOrEqual(0.02);
    // A test for one look spends its α at every look: all candidates is the most there can be.
    expect(budgetWords(alarmBudget(loadPolicy('policies/google-ranking-naive.yaml')))).toMatch(
      /^success 100 % \(2 stages\)/,
    );
  });

  it('is refused when the tests may be wrong more often than the policy states', () => {
    expect(stated('0.7%')).not.toThrow();
    expect(stated('0.5%')).toThrow(
      'policy.yaml:1:14 alarmBudget: got 0.5 %, expected at least 0.7 %: other 0.1 % (1 stage), looks 0.6 % (1 stage)',
    );
  });
});

describe('a test that is asked for wrongly', () => {
  it.each([
    [
      'both a stretch and a test',
      guardText(
        'error-ratio',
        '"> 1%"',
        '{ method: e-process, alpha: 1% }',
        ', sustained: { for: 5m, reading: pooled }',
      ),
      ['guards.1.test: got both, expected exactly one of sustained and test'],
    ],
    [
      'neither',
      '  - { name: other, metric: error-ratio, breachWhen: "> 1%", action: alert }\n',
      ['guards.1.name: got neither, expected exactly one of sustained and test'],
    ],
    [
      'an unknown method',
      guardText('error-ratio', '"> 1%"', '{ method: e-proces, alpha: 1% }'),
      [
        "guards.1.test.method: got 'e-proces', expected one of: e-process, betting, two-arm, ratio-sequence, mean-sequence, repeated-z, cdf-band, quantile-sequence, burn-rate, mann-whitney, psi, ks; did you mean 'e-process'?",
      ],
    ],
    [
      'a setting of another method',
      guardText('error-ratio', '"> 1%"', '{ method: e-process, alpha: 1%, over: 5m }'),
      [
        "guards.1.test.over: got the unknown key 'over', expected one of: method, alpha, passAlpha, passBy, varianceInflation, lateOnset",
      ],
    ],
    [
      'a variance inflation where windows are what counts',
      guardText('error-ratio', '"> 1%"', '{ method: betting, alpha: 1%, varianceInflation: 3 }'),
      [
        "guards.1.test.varianceInflation: got the unknown key 'varianceInflation', expected one of: method, alpha, passAlpha, passBy",
      ],
    ],
    [
      'a change against another arm where shares are bet on',
      guardText('error-ratio', RISE, '{ method: betting, alpha: 1% }'),
      ["guards.1.breachWhen: got a bound that betting cannot test, expected an absolute bound such as '> 0.1%'"],
    ],
    [
      'no α, and one that is no probability',
      guardText('error-ratio', '"> 1%"', '{ method: e-process }') +
        guardText('error-ratio', '"> 1%"', '{ method: e-process, alpha: 120% }').replace('other', 'more'),
      [
        'guards.1.test.alpha: got nothing, expected a percentage from 0% to 100%, or a fraction from 0 to 1',
        "guards.2.test.alpha: got '120%', expected a percentage from 0% to 100%, or a fraction from 0 to 1",
      ],
    ],
    [
      'levels at which nothing is proven',
      guardText('error-ratio', '"> 1%"', '{ method: e-process, alpha: 0%, passAlpha: 50% }'),
      [
        'guards.1.test.alpha: got 0 %, expected more than 0% and less than 50%',
        'guards.1.test.passAlpha: got 50 %, expected more than 0% and less than 50%',
      ],
    ],
    [
      'a method that does not fit the metric',
      guardText('score median', CHANGE, '{ method: two-arm, alpha: 1% }'),
      ['guards.1.test.method: got two-arm on score median, expected one of: quantile-sequence, mann-whitney'],
    ],
    [
      'PSI on latencies',
      guardText('latency distribution', CHANGE, '{ method: psi, alpha: 1%, over: 5m }'),
      ['guards.1.test.method: got psi on latency distribution, expected one of: cdf-band, mann-whitney'],
    ],
    [
      'a bound that the method cannot test',
      guardText('error-ratio', RISE, '{ method: e-process, alpha: 1% }') +
        guardText('error-ratio', '"> 1%"', '{ method: two-arm, alpha: 1% }').replace('other', 'more'),
      [
        "guards.1.breachWhen: got a bound that e-process cannot test, expected an absolute bound such as '> 0.1%'",
        'guards.2.breachWhen: got a bound that two-arm cannot test, expected a change against another arm',
      ],
    ],
    [
      'a test of nothing',
      '  - { name: other, metric: error-ratio, test: { method: e-process, alpha: 1% }, action: watch }\n',
      ['guards.1.test: got a test without breachWhen, expected a bound to test'],
    ],
    [
      'bounds at the ends',
      guardText('error-ratio', '"> 0%"', '{ method: e-process, alpha: 1% }') +
        guardText(
          'outcome-ratio',
          '{ drop: 100%, relativeTo: baseline }',
          '{ method: ratio-sequence, alpha: 1% }',
        ).replace('other', 'more'),
      [
        'guards.1.breachWhen: got a bound of 0 %, expected one between 0 % and 100 % to test events against',
        'guards.2.breachWhen: got 100 %, expected less than 100%: nothing drops further',
      ],
    ],
    [
      'a margin both ways for two arms',
      guardText('error-ratio', CHANGE, '{ method: two-arm, alpha: 1% }'),
      ['guards.1.breachWhen.change: got 10 %, expected 0%, or a rise or drop: both ways it only finds any difference'],
    ],
    [
      'a required guard that can never pass',
      guardText(
        'error-ratio',
        '{ rise: 0%, relativeTo: control }',
        '{ method: two-arm, alpha: 1% }',
        ', requiredToAdvance: true',
      ),
      [
        'guards.1.requiredToAdvance: got true with a bound of 0%, expected a margin, or passBy: estimate: nobody can prove that there is no difference',
      ],
    ],
    [
      'lengths that are no windows',
      guardText('error-ratio', '"> 1%"', '{ method: burn-rate, long: 5m, short: 90s }', ', delay: 30s'),
      [
        'guards.1.test.short: got 1m30s, expected a multiple of evaluateEvery, 1m',
        'guards.1.delay: got 30s, expected a multiple of evaluateEvery, 1m',
      ],
    ],
    [
      'a long window that is the shorter one',
      guardText('error-ratio', '"> 1%"', '{ method: burn-rate, long: 5m, short: 10m }'),
      ['guards.1.test.long: got a long window that is not longer than the short one, expected a longer one'],
    ],
    [
      'more windows than there are',
      guardText('latency p95', RISE, '{ method: mann-whitney, alpha: 2%, over: 30m }') +
        guardText(
          'latency p95',
          RISE,
          '{ method: mann-whitney, alpha: 2%, over: 2h, minWindows: 90 }',
          ', requiredToAdvance: true',
        ).replace('other', 'more') +
        guardText(
          'latency p95',
          RISE,
          '{ method: mann-whitney, alpha: 2%, over: 2h }',
          ', requiredToAdvance: true',
        ).replace('other', 'long'),
      [
        'guards.1.test.over: got 30m, expected at least the 50 windows it needs',
        'guards.2.test.minWindows: got 90, expected no more than canary has with its extension, 60',
        'guards.3.test.over: got 2h, expected no more than canary has with its extension, 1h',
      ],
    ],
    [
      'users where no labels are, and two answers to how much counts scatter',
      guardText('error-ratio', RISE, '{ method: ratio-sequence, alpha: 1%, clusterBy: user }') +
        guardText(
          'outcome-ratio',
          RISE,
          '{ method: ratio-sequence, alpha: 1%, clusterBy: user, varianceInflation: 3 }',
        ).replace('other', 'more'),
      [
        'guards.1.test.clusterBy: got user on error ratio, expected outcome-ratio: only labels are kept by user',
        'guards.2.test.varianceInflation: got one beside clusterBy, expected none: users say by themselves how much their impressions scatter',
      ],
    ],
    [
      'evidence that does not carry over',
      guardText('outcome-ratio', RISE, '{ method: ratio-sequence, alpha: 1% }', ', carryOver: true') +
        guardText(
          'error-ratio',
          '"> 1%"',
          '{ method: e-process, alpha: 1%, lateOnset: true }',
          ', carryOver: true',
        ).replace('other', 'more'),
      [
        'guards.1.carryOver: got true with ratio-sequence, expected e-process, betting, two-arm or burn-rate',
        'guards.2.carryOver: got true with e-process and lateOnset, expected e-process, betting, two-arm or burn-rate',
      ],
    ],
    [
      'a distribution without a test',
      '  - { name: other, metric: score distribution, breachWhen: { change: 5%, relativeTo: baseline }, sustained: { for: 5m, reading: pooled }, action: alert }\n',
      [
        'guards.1.metric: got a distribution without a test, expected one of cdf-band, mann-whitney, psi, ks to compare it',
      ],
    ],
    [
      'a threshold that is no time',
      guardText('slow-ratio fast', '"> 5%"', '{ method: e-process, alpha: 1% }'),
      [
        "guards.1.metric: got 'slow-ratio fast', expected one of: latency p95, feature-fetch p95, score p95, score median, error-ratio, outcome-ratio, young-outcome-ratio, mismatch-ratio, features-missing-ratio, slow-ratio 50ms, measure precision@10, latency distribution, score distribution; did you mean 'slow-ratio 50ms'?",
      ],
    ],
  ])('%s', (_, text, expected) => expect(issuesOf(text)).toEqual(expected));

  it('every issue has its place', () => {
    expect(() => load(guardText('error-ratio', '"> 1%"', '{ method: e-process, alpha: 0% }'))).toThrow(
      /policy\.yaml:7:\d+ guards\.1\.test\.alpha: got 0 %/,
    );
    expect(issues('error-ratio', '"> 1%"', '{ method: e-process, alpha: 1% }')).toEqual([]);
  });
});
