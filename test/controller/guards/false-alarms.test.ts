/** False alarms under the null with a look every window, and power against a true regression. */
import { describe, expect, it } from 'vitest';
import type { Test } from '../../../controller/guard-tests.ts';
import type { Guard } from '../../../controller/policy.ts';
import { clopperPearson, clopperPearsonLower, clopperPearsonUpper } from '../../../statistics/binomial.ts';
import { binomialCounts, clumpedCounts } from '../../../tools/readings/draw.ts';
import { type Alarms, alarmsOf, telling, watching, type WindowWorld } from '../../../tools/readings/rollouts.ts';
import { alarmWithin, boundaries } from './alarm-oracle.ts';

const ALPHA = 0.05;
const ROLLOUTS = 1000;
const LOOKS = 60;

const sequential = (changes: object = {}) => ({
  alpha: ALPHA,
  passAlpha: 0.05,
  passBy: 'evidence' as const,
  inflation: 1,
  lateOnset: false,
  ...changes,
});
const eProcess = (changes: object = {}): Test => ({ method: 'e-process', ...sequential(changes) });

const ERRORS = {
  metric: { kind: 'error-ratio' },
  bound: { kind: 'absolute', breachWhen: '>', value: 0.01 },
} as const;
const errors = (name: string, test: Test): Guard => telling({ name, ...ERRORS, test });
const rise = (name: string, by: number, test: Test): Guard =>
  telling({
    name,
    metric: { kind: 'error-ratio' },
    bound: { kind: 'relative', to: 'control', direction: 'rise', by },
    test,
  });
const clicks = (name: string, by: number, test: Test): Guard =>
  telling({
    name,
    metric: { kind: 'outcome-ratio' },
    bound: { kind: 'relative', to: 'baseline', direction: 'drop', by },
    minPositives: 50,
    test,
  });

const GUARDS = [
  errors('e-process', eProcess()),
  errors('e-process late', eProcess({ lateOnset: true })),
  rise('two-arm', 0, { method: 'two-arm', ...sequential() }),
  rise('two-arm margin', 0.5, { method: 'two-arm', ...sequential() }),
  telling({
    name: 'two-arm both ways',
    metric: { kind: 'error-ratio' },
    bound: { kind: 'relative', to: 'control', direction: 'either', by: 0 },
    test: { method: 'two-arm', ...sequential() },
  }),
  clicks('ratio-sequence', 0, { method: 'ratio-sequence', ...sequential(), sharpestMs: 30 * 60_000 }),
  clicks('ratio-sequence margin', 0.05, { method: 'ratio-sequence', ...sequential(), sharpestMs: 30 * 60_000 }),
  errors('betting', { method: 'betting', ...sequential() }),
];

/** A candidate and a control of 2,000 requests a minute and a baseline of nineteen times as many. */
function world(errorRatio: number, outcomeRatio: number, onset = 0): WindowWorld {
  const good = {
    candidate: { requests: 2000, errors: binomialCounts(2000, 0.01), outcomes: binomialCounts(2000, 0.05) },
    control: { requests: 2000, errors: binomialCounts(2000, 0.01), outcomes: binomialCounts(2000, 0.05) },
    baseline: { requests: 36_000, errors: binomialCounts(36_000, 0.01), outcomes: binomialCounts(36_000, 0.05) },
  };
  const candidate = {
    requests: 2000,
    errors: binomialCounts(2000, errorRatio),
    outcomes: binomialCounts(2000, outcomeRatio),
  };
  return (at) => (at < onset ? good : { ...good, candidate });
}

const POLICY = watching(GUARDS, 5, LOOKS);
const shareOf = (alarms: Alarms, name: string): number => alarms.get(name)!.length;

describe('under the null, at its edge, with a look every window', () => {
  const alarms = alarmsOf(POLICY, world(0.01, 0.05), ROLLOUTS, LOOKS, 'guards/null');
  const edge = alarmsOf(
    watching([GUARDS[3]!, GUARDS[6]!], 5, LOOKS),
    world(0.015, 0.05 * 0.95),
    ROLLOUTS,
    LOOKS,
    'guards/null/margin',
  );

  it.each(GUARDS.map(({ name }) => name))('%s: the false-alarm rate is at most its α', (name) => {
    const found = shareOf(name.endsWith('margin') ? edge : alarms, name);
    // The upper end of the published interval, and the gate: the lower one must not exceed α (statistics §19.2).
    expect(clopperPearsonUpper(found, ROLLOUTS), `${found} alarms`).toBeLessThan(ALPHA);
    expect(clopperPearsonLower(found, ROLLOUTS, 0.999)).toBeLessThan(ALPHA);
    // Between nothing and α: a guard that never fires would pass any such gate. Bets on windows without clumps hardly ever do (betting.test.ts).
    if (!name.includes('late') && name !== 'betting') expect(found).toBeGreaterThan(0);
  });

  it('inside the null, margins and all, almost nothing fires', () => {
    expect(shareOf(alarms, 'two-arm margin')).toBe(0);
    expect(shareOf(alarms, 'ratio-sequence margin')).toBe(0);
  });

  it('agrees with the exact probability of the boundary', () => {
    const exact = alarmWithin('up', 2000, 0.01, boundaries('up', 2000, 0.01, ALPHA, LOOKS)).reduce((a, b) => a + b, 0);
    const [low, high] = clopperPearson(shareOf(alarms, 'e-process'), ROLLOUTS, 0.999);
    expect(exact).toBeGreaterThan(low);
    expect(exact).toBeLessThan(high);
  });
});

describe('power', () => {
  it('against a true regression every guard fires, most within minutes', () => {
    const alarms = alarmsOf(POLICY, world(0.025, 0.04), 100, LOOKS, 'guards/power');
    for (const { name } of GUARDS) {
      const delays = alarms.get(name)!.toSorted((a, b) => a - b);
      expect(delays.length, name).toBeGreaterThanOrEqual(98);
      expect(delays[50], name).toBeLessThanOrEqual(name.startsWith('ratio') ? 30 : 12);
    }
  });

  it('a fault that comes late is found sooner by the test that begins anew', () => {
    const alarms = alarmsOf(watching(GUARDS.slice(0, 2), 5, 120), world(0.015, 0.05, 60), 60, 120, 'guards/late');
    const median = (name: string): number => alarms.get(name)!.toSorted((a, b) => a - b)[30] ?? Infinity;
    expect(alarms.get('e-process late')!.filter((at) => at > 60)).toHaveLength(60);
    expect(median('e-process late') - 60).toBeLessThan((median('e-process') - 60) / 2);
  });
});

const slow = (name: string, changes: object): Guard =>
  telling({
    name,
    metric: { kind: 'latency', quantile: 0.95 },
    bound: { kind: 'absolute', breachWhen: '>', value: 50 },
    test: eProcess({ alpha: 0.001, ...changes }),
  });

const known = new Map<number, ReturnType<typeof clumpedCounts>>();
const clumps = (p: number) => known.get(p) ?? known.set(p, clumpedCounts(4167, p, 12)).get(p)!;
const slowing: WindowWorld = (at) => ({ candidate: { requests: 4167, over: clumps(at < 40 ? 0.04 : 0.09) } });

describe('clumps (statistics §11, §18.4)', () => {
  const guards = [slow('raw', {}), slow('divided', { inflation: 12 }), slow('measured', { inflation: 'measured' })];
  const run = (p: number, rollouts: number): Alarms =>
    alarmsOf(
      watching(guards, 5, 120),
      () => ({ candidate: { requests: 4167, over: clumps(p) } }),
      rollouts,
      120,
      `guards/clumps/${p}`,
    );

  it('taken for independent requests the test breaks its promise in half the rollouts; divided it keeps it', () => {
    const alarms = run(0.05, 400);
    // The specification measured 0.48, with R = 200,000.
    const [low, high] = clopperPearson(shareOf(alarms, 'raw'), 400, 0.999);
    expect(low).toBeLessThan(0.48);
    expect(high).toBeGreaterThan(0.45);
    for (const name of ['divided', 'measured'])
      expect(clopperPearsonLower(shareOf(alarms, name), 400, 0.999), name).toBeLessThan(0.001);
  });

  it('and still finds a real one', () => {
    const alarms = run(0.06, 60);
    for (const name of ['divided', 'measured']) expect(shareOf(alarms, name), name).toBeGreaterThanOrEqual(57);
  });

  it('a measured factor does not take a change of level for clumps', () => {
    const alarms = alarmsOf(watching(guards.slice(2), 5, 120), slowing, 60, 120, 'guards/clumps/late');
    expect(alarms.get('measured')!.filter((at) => at > 40).length).toBeGreaterThanOrEqual(57);
  });
});
