/** A made-up rollout of 390 minutes, the same at every call: windows, log and outcome for the report's tests. */
import type { RunData } from '../../reports/run-data.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import type { Arm } from '../../telemetry/window.ts';
import { log } from './fixture-log.ts';
import { outcome } from './fixture-outcome.ts';
import { header, type Kind, MINUTE, POLICY } from './fixture-policy.ts';
import { windowsOf } from './fixture-windows.ts';

/** `windowMs` decides the size: 10 s gives 2,340 windows, 10 minutes a run small enough for golden files. Guards look every minute at most. */
export async function fixture(kind: Kind, windowMs: number): Promise<RunData> {
  await histogramsReady();
  const arms: readonly Arm[] = ['baseline', 'candidate'];
  const windows = kind === 'refused' ? [] : windowsOf(kind, windowMs, arms);
  const evaluateEveryMs = Math.max(MINUTE, windowMs);
  return {
    outcome: outcome(kind),
    log: log(kind, evaluateEveryMs),
    policy: { ...POLICY, evaluateEveryMs },
    header: header(windowMs),
    windows,
  };
}
