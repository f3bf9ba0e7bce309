import { describe, expect, it } from 'vitest';
import { events } from '../../reports/events.ts';
import { change, count, duration, ms, number, percent, quantileName } from '../../reports/format.ts';
import { stateOf, stateSpans } from '../../reports/guard-log.ts';
import { boundText, measureOf, metricName, metricValue, ruleText } from '../../reports/metric.ts';
import { timeAxis } from '../../reports/time-axis.ts';
import { expectationText, judgement, liveText, measuredRollbackText } from '../../reports/words.ts';
import { terminalSummary } from '../../reports/summary.ts';
import { liveReport } from './fixture-live.ts';
import { fixture } from './fixture.ts';
import { MINUTE, POLICY } from './fixture-policy.ts';

describe('numbers for people', () => {
  it('have three digits, separators, and a dash where there is nothing', () => {
    expect([ms(61.237), ms(0.12345), ms(1234.5), ms(null)]).toEqual(['61.2 ms', '0.123 ms', '1,235 ms', '–']);
    expect([percent(0.0031), percent(1), change(0.02), change(-0.02)]).toEqual(['0.31 %', '100 %', '+2 %', '-2 %']);
    expect([count(41_310), count(null), number(0), number(1_234_567)]).toEqual(['41,310', '–', '0', '1,234,567']);
    expect([duration(5_423_219), duration(40_004), duration(0.5), duration(null)]).toEqual([
      '1h30m23s',
      '40s',
      '0.5ms',
      '–',
    ]);
    expect([quantileName(0.999), quantileName(0.95)]).toEqual(['p99.9', 'p95']);
  });

  it('axes count hours, minutes or seconds on round ticks', () => {
    expect(timeAxis(390 * MINUTE)).toMatchObject({ unit: 'h', end: 6.5, title: 'hours since the rehearsal began' });
    expect(timeAxis(10 * MINUTE).ticks).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(timeAxis(40_000)).toMatchObject({ unit: 's' });
    expect(timeAxis(100 * 3_600_000).ticks.length).toBeLessThanOrEqual(14);
  });
});

describe('whether the policy was right', () => {
  it('is said for each classification', async () => {
    const { outcome } = await fixture('promoted', 30 * MINUTE);
    const kinds = ['true-promotion', 'false-rollback', 'true-rollback', 'missed-regression', 'inconclusive'] as const;
    const tones = kinds.map((classification) => judgement({ ...outcome, classification }).tone);
    expect(tones).toEqual(['right', 'wrong', 'right', 'wrong', 'open']);
    expect(judgement({ ...outcome, classification: 'false-rollback' }).text).toBe(
      'Wrong: false rollback, the candidate was healthy',
    );
    const truth = { candidate: 'regressed', onsetMs: 45 * MINUTE, cause: 'a leak' } as const;
    expect(judgement({ ...outcome, truth, classification: 'false-rollback' }).text).toBe(
      'Wrong: false rollback, the candidate was healthy until 45m',
    );
  });
});

describe('guards that a test decides', () => {
  const guard = { ...POLICY.guards[2]!, sustained: null };
  const test = {
    method: 'e-process',
    alpha: 0.001,
    passAlpha: 0.05,
    passBy: 'evidence',
    inflation: 1,
    lateOnset: false,
  } as const;

  it('are told with their method and level, the others with their stretch', () => {
    expect(ruleText(POLICY.guards[0]!)).toBe('15m every');
    expect(ruleText({ ...POLICY.guards[0]!, delayMs: 5 * MINUTE })).toBe('15m every, for 5m');
    expect(ruleText({ ...guard, test })).toBe('e-process, α 0.1 %');
    expect(ruleText({ ...guard, test: { method: 'burn-rate', factor: 14.4, longMs: 1, shortMs: 1 } })).toBe(
      'burn-rate, 14.4 times the budget',
    );
  });

  it('and their metrics have words and units', () => {
    const slow = { kind: 'slow-ratio', thresholdMs: 50 } as const;
    expect([metricName(slow), metricValue(slow, 0.05)]).toEqual(['answers over 50 ms', '5 %']);
    const shape = { kind: 'distribution', of: 'score' } as const;
    const bound = { kind: 'relative', to: 'control', direction: 'either', by: 0.05 } as const;
    expect(metricName(shape)).toBe('score distribution');
    expect(measureOf({ ...guard, metric: shape, bound })).toMatchObject({
      title: 'score distribution, distance to control',
      bounds: [0.05],
    });
  });
});

const verdict = (atMs: number, kind: 'pass' | 'breach' | 'inconclusive', sustainedMs = 0) => ({
  guard: 'latency-p95',
  stage: 'half',
  atMs,
  verdict: kind,
  value: 60,
  reference: null,
  threshold: 50,
  samples: 10,
  sustainedMs,
  because: '',
});

describe('guards', () => {
  const [latency, fetch, , score] = POLICY.guards;
  it('only a guard that ends the rollout breaches; others are over the bound', () => {
    expect(stateOf(latency!, verdict(0, 'breach'))).toBe('breach');
    expect(stateOf(fetch!, verdict(0, 'breach'))).toBe('over');
    expect(stateOf(latency!, verdict(0, 'inconclusive', MINUTE))).toBe('over');
    expect(stateOf(latency!, { ...verdict(0, 'inconclusive', MINUTE), value: null })).toBe('inconclusive');
  });

  it('run together into spans, and a gap is not active', () => {
    const list = [
      verdict(MINUTE, 'pass'),
      verdict(2 * MINUTE, 'pass'),
      verdict(10 * MINUTE, 'pass'),
      verdict(11 * MINUTE, 'breach'),
    ];
    const spans = stateSpans(latency!, list, MINUTE).map((s) => [
      s.state,
      s.startMs / MINUTE,
      s.endMs / MINUTE,
      s.times,
    ]);
    expect(spans).toEqual([
      ['pass', 0, 2, 2],
      ['pass', 9, 10, 1],
      ['breach', 10, 11, 1],
    ]);
  });

  it('say their bound, and relative ones are measured as a change', () => {
    expect(boundText(latency!)).toBe('> 50 ms');
    expect(boundText(score!)).toBe('moves > 2 % against baseline');
    expect(measureOf(score!).of(12.648, 12.4)).toBeCloseTo(2);
    expect(measureOf(score!).of(12.648, null)).toBeNull();
    // Of scores that may be negative, in interquartile ranges.
    expect(measureOf(score!).of(0.05, 0.01, 0.4)).toBeCloseTo(10);
    expect(measureOf(score!).of(0.05, 0, 0)).toBeNull();
    expect(measureOf(score!).bounds).toEqual([-2, 2]);
  });
});

describe('events of the timeline', () => {
  it('keep the onset and every decision when there are too many', async () => {
    const run = await fixture('rolled-back', 30 * MINUTE);
    const alerts = Array.from({ length: 40 }, (_, i) => ({ atMs: i, guard: `guard-${i}`, message: '' }));
    const kept = events({ ...run, outcome: { ...run.outcome, alerts } });
    expect(kept).toHaveLength(14);
    expect(kept.map((e) => e.kind)).toContain('onset');
    expect(kept.map((e) => e.text)).toContain('rolled back: latency-p95');
  });
});

const live = async (changes: Parameters<typeof liveReport>[0] = {}) => {
  const { outcome } = await fixture('rolled-back', 30 * MINUTE);
  return { ...outcome, world: 'live', live: liveReport(changes) } as const;
};

describe('a live run', () => {
  it('says in one line that it was one, whether its load was valid, and on which schedule', async () => {
    expect(liveText(await live())).toBe(
      'real servers under k6: valid load, 1.2 ms late at p99; 20,849 sent = 20,847 answered + 2 failed; schedule as stated',
    );
    const outcome = await live();
    const scaled = { ...outcome, scenario: { ...outcome.scenario, timeScale: 4 } };
    expect(liveText(scaled)).toContain('schedule divided by 4');
    expect(liveText((await fixture('promoted', 30 * MINUTE)).outcome)).toBeNull();
  });

  it('that is no measurement says why, and judges nobody', async () => {
    const reasons = ['load: 3 of 9 requests were due and never sent'];
    const spoilt = await live({ valid: false, reasons });
    expect(judgement(spoilt)).toEqual({
      tone: 'open',
      text: 'Neither right nor wrong: this live run is no measurement',
    });
    expect(liveText(spoilt)).toContain('NO MEASUREMENT: load: 3 of 9 requests were due and never sent; 20,849 sent');
    const expectation = {
      verdict: 'rolled-back',
      guard: null,
      met: false,
      finding: null,
      misses: ['the run is no measurement: x'],
    };
    expect(expectationText({ ...spoilt, expectation })).toBe('not shown: the run is no measurement: x');
    expect(terminalSummary(spoilt, { color: false })).toContain('live       real servers under k6: NO MEASUREMENT');
  });

  it('tells how long the candidate went on answering after the decision', async () => {
    expect(measuredRollbackText(await live())).toBe(
      'the candidate answered its last user 42 ms after the decision, both models loaded',
    );
    expect(terminalSummary(await live(), { color: false })).toContain(
      'measured   the candidate answered its last user',
    );
  });
});
