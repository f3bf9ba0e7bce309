/** What holds in the outcome of every rehearsal, whatever happened in it. */
import { expect } from 'vitest';
import type { Outcome, Percentiles } from '../../outcome.ts';

/** `rollback`: whether one keeps its deadline. */
export function expectSane(outcome: Outcome, rollback: 'in-time' | 'late' = 'in-time'): void {
  counts(outcome);
  stagesOf(outcome);
  ending(outcome, rollback === 'in-time');
  for (const arm of ['baseline', 'candidate'] as const) {
    const answered = outcome.requests.byArm[arm] + (arm === 'candidate' ? outcome.requests.mirrored : 0);
    for (const times of ['latencyMs', 'waitMs', 'featureFetchMs'] as const)
      percentiles(outcome[times][arm], answered > 0, `${times} of the ${arm}`);
    for (const share of [outcome.utilisation[arm], outcome.cacheHitRatio[arm]]) {
      expect(share === null).toBe(answered === 0);
      if (share !== null) expect(share > 0 && share < 1, `${arm}: ${share}`).toBe(true);
    }
  }
}

function counts({ requests, harm, shadow, stages }: Outcome): void {
  const { baseline, candidate, control } = requests.byArm;
  const served = baseline + candidate + control;
  const inFlight = requests.total - served;
  // Little's law: 1,389 a second, each here for less than 100 ms in the mean.
  expect(inFlight >= 0 && inFlight < 500, `${inFlight} in flight at the end`).toBe(true);
  expect(stages.reduce((sum, stage) => sum + stage.requests, 0)).toBeLessThanOrEqual(served);
  // Who is on the way has arrived and is not answered.
  expect(harm.requestsToCandidate - candidate).toBeGreaterThanOrEqual(0);
  expect(harm.requestsToCandidate - candidate).toBeLessThanOrEqual(inFlight);
  expect(requests.mirrored - shadow.extraInferences).toBeGreaterThanOrEqual(0);
  expect(requests.mirrored - shadow.extraInferences).toBeLessThan(500);
  expect(shadow.compared).toBeLessThanOrEqual(requests.mirrored);
  const noPairs = shadow.compared === 0;
  for (const figure of [shadow.scoreMeanShift, shadow.scoreMedianShift, shadow.mismatchRatio])
    expect(figure === null).toBe(noPairs);
  if (candidate === 0)
    expect([harm.excessErrors, harm.excessSlow, harm.lostOutcomes], 'nobody was harmed, or helped').toEqual([
      null,
      null,
      null,
    ]);
}

function stagesOf({ stages, verdict, decidedAtMs }: Outcome): void {
  let before = 0;
  for (const { name, startMs, endMs, requests } of stages) {
    expect(startMs, `${name} begins where the stage before ends`).toBe(before);
    expect(endMs, name).toBeGreaterThanOrEqual(startMs);
    // Stages last at least one window, except the last one of a promotion.
    if (endMs > startMs) expect(requests, name).toBeGreaterThan(0);
    before = endMs;
  }
  const weights = stages.map((stage) => stage.weightPercent);
  expect(weights).toEqual(weights.toSorted((a, b) => a - b));
  const last = stages.at(-1);
  if (verdict === 'promoted') expect(last?.weightPercent).toBe(100);
  // Promoted is who has held a last stage that must be held; who merely reached one may still be rolled back.
  else if (last?.weightPercent === 100) expect(last.endMs).toBeGreaterThan(last.startMs);
  if (verdict !== 'refused') expect(before).toBeGreaterThanOrEqual(decidedAtMs!);
}

const CLASSES = {
  healthy: {
    promoted: 'true-promotion',
    'rolled-back': 'false-rollback',
    refused: 'false-rollback',
    paused: 'inconclusive',
  },
  regressed: {
    promoted: 'missed-regression',
    'rolled-back': 'true-rollback',
    refused: 'true-rollback',
    paused: 'inconclusive',
  },
} as const;

function ending(outcome: Outcome, isInTime: boolean): void {
  const { truth, verdict, classification, rollback, guard, detectionDelayMs, decidedAtMs } = outcome;
  expect(classification).toBe(CLASSES[truth.candidate][verdict]);
  expect(outcome.explanation).toMatch(/\d/);
  expect(outcome.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(truth.onsetMs === null).toBe(truth.candidate === 'healthy');
  expect(detectionDelayMs).toBe(classification === 'true-rollback' ? decidedAtMs! - truth.onsetMs! : null);
  expect(guard === null).toBe(verdict === 'promoted' || verdict === 'refused');
  expect(rollback === null).toBe(verdict !== 'rolled-back');
  if (rollback === null) return;
  expect(rollback.decidedAtMs).toBe(decidedAtMs);
  expect(rollback.trafficOffMs!).toBeGreaterThanOrEqual(rollback.decidedAtMs);
  expect(rollback.completeMs!).toBeGreaterThanOrEqual(rollback.trafficOffMs!);
  expect(rollback.withinDeadline).toBe(isInTime);
  for (const { name, startMs, endMs } of rollback.steps) {
    expect(startMs, name).toBeGreaterThanOrEqual(rollback.decidedAtMs);
    expect(endMs, name).toBeGreaterThanOrEqual(startMs);
    expect(endMs, name).toBeLessThanOrEqual(rollback.completeMs!);
  }
}

/** Absent is null, never 0; present percentiles ascend, and the mean is among them. */
function percentiles({ mean, ...quantiles }: Percentiles, present: boolean, what: string): void {
  const values = Object.values(quantiles);
  expect([mean, ...values].map((value) => value !== null)).toEqual(Array(7).fill(present));
  if (!present) return;
  expect(values, what).toEqual(values.toSorted((a, b) => a! - b!));
  expect(mean! >= 0 && mean! <= quantiles.max!, `${what}: mean ${mean}`).toBe(true);
}
