import { describe, expect, it } from 'vitest';
import type { Expected } from '../../../controller/guards/least-samples.ts';
import { minimum, samplesNeeded } from '../../../controller/guards/samples-needed.ts';
import type { Guard } from '../../../controller/policy.ts';
import { alarmWithin, boundaries, quantileOfAlarms } from './alarm-oracle.ts';
import { BAND, drop, E_PROCESS, onClicks, QUANTILE, rise, SEQUENCE, tested, TWO_ARM } from './tested.ts';

const expected = (changes: Partial<Expected>): Expected => ({
  own: null,
  reference: null,
  times: 19,
  perMs: 4167 / 60_000,
  inflation: 1,
  ...changes,
});
const errors: Guard = tested(E_PROCESS, { bound: { kind: 'absolute', breachWhen: '>', value: 0.001 } });

describe('how many samples a test takes', () => {
  it.each([
    // Medians of statistics §18.7 (α_pass 5 %) and §7.3 (α 0.1 %), looks a minute.
    ['down', 833, 0.0002, 0.05, 8],
    ['down', 833, 0.0005, 0.05, 23],
    ['down', 4167, 0.0005, 0.05, 6],
    ['up', 4167, 0.002, 0.001, 5],
  ] as const)('e-process, %s, %i a minute, true ratio %f: about the exact median', (side, n, p, alpha, median) => {
    const alarms = alarmWithin(side, n, p, boundaries(side, n, 0.001, alpha, 120));
    expect(quantileOfAlarms(alarms, 0.5)).toBe(median);
    const minutes = samplesNeeded(errors, expected({ own: p }))! / n;
    expect(minutes).toBeGreaterThan(0.6 * median);
    expect(minutes).toBeLessThan(1.5 * median);
  });

  it('clumps take as many times more; at the bound itself no number is enough', () => {
    const one = samplesNeeded(errors, expected({ own: 0.0002 }))!;
    const twelve = samplesNeeded(errors, expected({ own: 0.0002, inflation: 12 }))!;
    expect(twelve / one).toBeGreaterThan(11.9);
    expect(twelve / one).toBeLessThan(12.1);
    expect(samplesNeeded(errors, expected({ own: 0.001 }))).toBe(errors.minSamples);
  });

  it('two arms and ratios: the smaller the difference, the more; without a margin equality is never proven', () => {
    const twice = tested(TWO_ARM, { bound: rise(0) });
    const few = samplesNeeded(twice, expected({ own: 0.002, reference: 0.0005 }))!;
    const more = samplesNeeded(twice, expected({ own: 0.001, reference: 0.0005 }))!;
    expect(more).toBeGreaterThan(4 * few);
    const clicks = tested(SEQUENCE, { ...onClicks, bound: drop(0.02) });
    const five = samplesNeeded(clicks, expected({ own: 0.0475, reference: 0.05 }))!;
    const ten = samplesNeeded(clicks, expected({ own: 0.045, reference: 0.05 }))!;
    // docs/guards.md: found after about 70 and 12 minutes of 4,167.
    expect(five / 4167).toBeGreaterThan(40);
    expect(five / 4167).toBeLessThan(140);
    expect(ten / 4167).toBeGreaterThan(6);
    expect(ten / 4167).toBeLessThan(24);
  });

  it('bands must fit under their bound, or beside their quantile', () => {
    const band = tested(BAND, {
      metric: { kind: 'distribution', of: 'score' },
      bound: { kind: 'relative', to: 'baseline', direction: 'either', by: 0.05 },
    });
    const wide = samplesNeeded(band, expected({}))!;
    expect(samplesNeeded({ ...band, bound: { ...drop(0.1), direction: 'either' } }, expected({}))!).toBeLessThan(
      wide / 3,
    );
    const quantile = tested(QUANTILE, { metric: { kind: 'score', quantile: 0.95 }, bound: rise(0.1) });
    const median = { ...quantile, metric: { kind: 'score', quantile: 0.5 } } as const;
    expect(samplesNeeded(quantile, expected({}))!).toBeGreaterThan(50 * samplesNeeded(median, expected({}))!);
  });

  it('and never fewer than the guard asks for: samples and positives of every arm', () => {
    const guard = { ...errors, minSamples: 1e6 };
    expect(samplesNeeded(guard, expected({ own: 0 }))).toBe(1e6);
    const clicks = { ...tested(SEQUENCE, { ...onClicks, bound: drop(0.02) }), minSamples: 10 };
    expect(minimum(clicks, { own: 0.05, reference: 0.05, times: 19 })).toBe(1000);
    expect(minimum(clicks, { own: 0.05, reference: 0.05, times: 0.5 })).toBe(2000);
  });
});
