/** One stream per purpose (law L5): what one component does leaves all others' draws, and so their requests, alone to the bit. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Action } from '../../world.ts';
import { fault, mirror, type Request, rowsOf, type Run, run, scenarioOf, setWeight } from './support.ts';

const END = 10_000;

/** Everything random, and nothing shared by the arms but a store that never makes anybody wait. */
const scenario = scenarioOf({
  traffic: '{ requests: 1k, rate: 300/s, keys: { count: 200, zipf: 0.9 } }',
  arm: 'replicas: 4, slots: 2, service: { kind: lognormal, mean: 12ms, sigma: 0.5 }, errorRatio: 2%, queueLimit: 5, timeout: 90ms',
  features:
    '{ latency: { kind: lognormal, median: 3ms, sigma: 0.6 }, availability: 95%, cache: { capacity: 50, ttl: 2s, scope: replica } }',
  outcomes: '{ kind: bernoulli, baseline: 5%, candidate: 6%, labelDelay: 1s }',
});

const baselineOf = async (
  changed: Scenario,
  steps: readonly (readonly [number, ...Action[]])[] = [],
): Promise<readonly Request[]> => (await run(changed, END, steps)).requests.filter(({ arm }) => arm === 0);

const candidate = (change: Partial<Scenario['arms']['candidate']>): Scenario => ({
  ...scenario,
  arms: { ...scenario.arms, candidate: { ...scenario.arms.candidate, ...change } },
});

const autoscaler = {
  minReplicas: 1,
  maxReplicas: 9,
  targetUtilisation: 0.4,
  metricLagMs: 0,
  metricWindowMs: 700,
  syncEveryMs: 700,
  tolerance: 0,
  scaleDownStabilisationMs: 0,
};

/** Windows as text, sums to ten digits: in what order a window's answers are added up depends on when it is looked at. */
const rounded = (windows: Run['windows']): string =>
  JSON.stringify(windows, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(10)) : value));

describe('the baseline’s requests are the same to the bit', () => {
  test.each<readonly [string, Scenario, readonly (readonly [number, ...Action[]])[]]>([
    ['with mirroring', scenario, [[0, mirror(100)]]],
    ['with mirroring that begins in the middle of a window', scenario, [[3333, mirror(50)]]],
    [
      'with another service time of a mirrored candidate',
      candidate({ service: { kind: 'constant', valueMs: 50 } }),
      [[0, mirror(100)]],
    ],
    ['with an autoscaler on a mirrored candidate', candidate({ autoscaler }), [[0, mirror(100)]]],
    ['with a fault that never fires', { ...scenario, faults: [fault('error-burst', END + 1, 100, 1)] }, []],
    [
      'with a fault in a stage that never comes',
      {
        ...scenario,
        faults: [{ ...fault('replica-crash', 0, 100), trigger: { on: 'stage', stage: 'none', afterMs: 0 } }],
      },
      [],
    ],
    [
      'with a fault that hits the candidate',
      { ...scenario, faults: [fault('upstream-brownout', 2345, 1000, 4, 'candidate')] },
      [[0, mirror(100)]],
    ],
    ['with labels of another kind', { ...scenario, outcomes: { kind: 'none' } }, []],
  ])('%s', async (_, changed, steps) => {
    expect(await baselineOf(changed, steps)).toEqual(await baselineOf(scenario));
  });

  test('however the controller cuts the time: the world does not feel when it is looked at', async () => {
    const whole = await run(scenario, END, [[0, mirror(100)]]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 1000 * END }), { minLength: 10, maxLength: 40, size: 'max' }),
        async (cuts) => {
          const sorted = cuts.sort((a, b) => a - b).map((us) => [us / 1000] as const);
          const cut = await run(scenario, END, [[0, mirror(100)], ...sorted]);
          expect(cut.requests).toEqual(whole.requests);
          expect(rounded(cut.windows)).toBe(rounded(whole.windows));
        },
      ),
      { seed: 16, numRuns: 10, endOnFailure: true },
    );
  });
});

const arrivals = ({ requests }: Run): number[] =>
  [...new Set(requests.map(({ arrivalMs }) => arrivalMs))].sort((a, b) => a - b);

describe('common random numbers', () => {
  test('two policies see the same windows up to their first different action', async () => {
    const first = await run(scenario, END, [[0, mirror(100)]]);
    const second = await run(scenario, END, [
      [0, mirror(100)],
      [5000, mirror(0), setWeight(20)],
    ]);
    expect(second.windows.slice(0, 5)).toEqual(first.windows.slice(0, 5));
    expect(second.windows[5]).not.toEqual(first.windows[5]);
  });

  test('they see the same arrivals for ever', async () => {
    const [first, second] = [await run(scenario, END), await run(scenario, END, [[4321, setWeight(37)]])];
    const [all, others] = [arrivals(first), arrivals(second)];
    const known = Math.min(all.length, others.length) - 20;
    expect(others.slice(0, known)).toEqual(all.slice(0, known));
  });

  test('another seed is another run', async () => {
    const [first, second] = [await run(scenario, END), await run({ ...scenario, seed: 8 }, END)];
    expect(rowsOf(second.windows)[3]).not.toEqual(rowsOf(first.windows)[3]);
  });
});
