/** Runs that cannot be compared are refused, with every reason. */
import { expect, test } from 'vitest';
import { errorsOf, factorsOf, sensitivityOf } from '../../comparison/sensitivity.ts';
import { type ComparedRun, refusals } from '../../comparison/refusals.ts';
import type { GuardVerdict } from '../../controller/decision.ts';
import type { Outcome } from '../../outcome.ts';

const runOf = (world: 'sim' | 'live', changes: object = {}, header: object = {}): ComparedRun =>
  ({
    path: world,
    outcome: {
      world,
      seed: 1,
      scenario: { hash: 's', timeScale: 1 },
      policy: { hash: 'p' },
      live: { valid: true, reasons: [] },
      ...changes,
    },
    header: { windowMs: 1000, thresholds: [{ thresholdMs: 50, operator: '>' }], ...header },
  }) as unknown as ComparedRun;

test('a simulated and a live run of one scenario, policy and seed are compared', () => {
  expect(refusals(runOf('sim'), runOf('live'))).toEqual([]);
});

test('every difference is told at once, with both values', () => {
  const other = runOf(
    'live',
    { seed: 2, scenario: { hash: 't', timeScale: 60 }, policy: { hash: 'q' } },
    { windowMs: 2000, thresholds: [{ thresholdMs: 60, operator: '>' }] },
  );
  const found = refusals(runOf('sim'), other).map(({ why }) => why);
  expect(found).toHaveLength(6);
  expect(found[0]).toBe('got scenario hash "t", expected "s" as in sim');
  expect(found.join('\n')).toMatch(/policy hash[^]*seed 2[^]*time scale 60[^]*thresholds[^]*windows/);
});

test('runs the wrong way round, or two of one world, are refused', () => {
  expect(refusals(runOf('live'), runOf('sim'))).toHaveLength(2);
  expect(refusals(runOf('sim'), runOf('sim')).map(({ path }) => path)).toEqual(['sim']);
});

test('a live run that is no measurement is refused with each of its reasons', () => {
  const late = runOf('live', { live: { valid: false, reasons: ['load: late', 'gateway: busy'] } });
  expect(refusals(runOf('sim'), late).map(({ why }) => why)).toEqual([
    'got a run that is no measurement (load: late), expected a valid one',
    'got a run that is no measurement (gateway: busy), expected a valid one',
  ]);
});

const outcomeWith = (fields: object): Outcome => fields as unknown as Outcome;

test('the error of the mean is the calibration’s, and without one what live servers held beyond the declared time', () => {
  const live = outcomeWith({
    live: {
      service: {
        baseline: { intendedMs: { mean: 20 }, heldMs: { mean: 21 } },
        candidate: { intendedMs: { mean: 20 }, heldMs: { mean: 19 } },
      },
    },
  });
  const calibrated = outcomeWith({ calibration: { uncertainty: { baseline: 0.01, candidate: 0.02 } } });
  expect(errorsOf(calibrated, live)).toEqual({ error: { baseline: 0.01, candidate: 0.02 }, source: 'calibration' });
  const { error, source } = errorsOf(outcomeWith({}), live);
  expect([error.baseline, error.candidate, source]).toEqual([
    expect.closeTo(0.05),
    expect.closeTo(0.05),
    'declared times',
  ]);
});

test('an error of the service time moves response times by 1/(1 − ρ) as much', () => {
  const errors = { error: { baseline: 0.02, candidate: 0.02 }, source: 'calibration' } as const;
  const at = outcomeWith({ utilisation: { baseline: 0.8, candidate: null } });
  expect(factorsOf(errors, at, 1)).toEqual({ baseline: expect.closeTo(1.1), candidate: expect.closeTo(1.02) });
  expect(factorsOf(errors, at, -1)).toEqual({ baseline: expect.closeTo(0.9), candidate: expect.closeTo(0.98) });
});

const said = (...verdicts: string[]): GuardVerdict[] =>
  verdicts.map((verdict, i) => ({ guard: 'p95', stage: 'canary', atMs: i * 1000, verdict }) as unknown as GuardVerdict);

test('guards whose verdict changes are listed once per stage, and the decisions of all three', () => {
  const at = outcomeWith({ utilisation: { baseline: 0.5, candidate: 0.5 } });
  const { flips, verdicts } = sensitivityOf({ error: { baseline: 0, candidate: 0.1 }, source: 'calibration' }, at, {
    faster: { verdict: 'promoted', verdicts: said('pass', 'pass', 'pass') },
    stated: { verdict: 'promoted', verdicts: said('pass', 'pass', 'pass') },
    slower: { verdict: 'rolled-back', verdicts: said('pass', 'breach', 'breach') },
  });
  expect(verdicts).toEqual({ faster: 'promoted', stated: 'promoted', slower: 'rolled-back' });
  expect(flips).toEqual([
    { guard: 'p95', stage: 'canary', atMs: 1000, from: 'pass', to: 'breach', factor: expect.closeTo(1.2) },
  ]);
});
