/** Whether this machine has room for a live rehearsal: what else runs would be measured as the candidate's slowness. */
import { availableParallelism, loadavg } from 'node:os';
import { epochMs } from './clock.ts';
import type { HostCheck } from './live-report.ts';

const LOOK_MS = 200;
const TICK_MS = 5;
/** A timer of an idle process that is this late has been kept from its core. */
export const CALM_LAG_MS = 20;

/** Watches an idle event loop for a moment. A load average of one per core or more means that somebody is waiting already. */
export async function checkHost(): Promise<HostCheck> {
  const cores = availableParallelism();
  const loadAverage = loadavg()[0]!;
  const endMs = epochMs() + LOOK_MS;
  let idleLoopLagMs = 0;
  for (let beforeMs = epochMs(); beforeMs < endMs; beforeMs = epochMs()) {
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    idleLoopLagMs = Math.max(idleLoopLagMs, epochMs() - beforeMs - TICK_MS);
  }
  return { cores, loadAverage, idleLoopLagMs, calm: loadAverage < cores && idleLoopLagMs < CALM_LAG_MS };
}
