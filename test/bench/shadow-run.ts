/** One run of the shadow model in a process of its own: `node shadow-run.ts REQUESTS SERVICE_MEDIAN_MS WINDOW_MS SEED…`, one JSON line each. */
import { bucketOf, bucketValue, TimeTotal } from '../../telemetry/histogram.ts';
import type { Window } from '../../telemetry/window.ts';
import { SimWorld } from '../../sim/world.ts';
import { type ShadowModel, shadowScenario } from './shadow-scenario.ts';

/** What both programs, ours and the peer, say about one run. */
export interface ShadowResult {
  readonly requests: number;
  readonly wallMs: number;
  /** Processor time of the whole process meanwhile: a busy machine or a pause does not lengthen it. */
  readonly cpuMs: number;
  readonly latencyMsMean: number;
  readonly latencyMsP95: number;
  readonly cacheHitRatio: number;
  readonly utilisation: number;
  /** Mean over the requests of the slower copy's latency. */
  readonly slowerMsMean: number;
}

export interface OurResult extends ShadowResult {
  readonly peakRssMb: number;
}

const THRESHOLDS = [
  { thresholdMs: 50, operator: '>=' },
  { thresholdMs: 50, operator: '>' },
] as const;

export async function shadowRun(model: ShadowModel, requests: number): Promise<OurResult> {
  const scenario = shadowScenario(model);
  const world = await SimWorld.open(scenario, { thresholds: THRESHOLDS, content: null });
  world.apply({ kind: 'mirror', percent: 100, stage: 'shadow' });
  const { arrivals } = scenario.traffic;
  const seconds = requests / (arrivals.kind === 'poisson' ? arrivals.rateRps : Number.NaN);
  const windowCount = Math.max(1, Math.round((seconds * 1000) / model.windowMs));
  const sums = new Sums();
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  for (let i = 1; i <= windowCount; i += 6) {
    const { windows } = await world.advance(Math.min(i + 5, windowCount) * model.windowMs);
    for (const window of windows) sums.add(window);
  }
  const wallMs = performance.now() - startMs;
  const cpu = process.cpuUsage(startCpu);
  const result = sums.close(world.arrivedTotal, wallMs, (cpu.user + cpu.system) / 1000);
  await world.close();
  return { ...result, peakRssMb: process.resourceUsage().maxRSS / 1024 };
}

/** Both arms are alike, so their figures are taken together. */
class Sums {
  private readonly last: Window[] = [];

  add(window: Window): void {
    this.last.push(window);
  }

  close(requests: number, wallMs: number, cpuMs: number): ShadowResult {
    const rows = this.last.flatMap((window) => window.rows);
    const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0);
    const total = new TimeTotal();
    // A long run would spend its time here; a hundred windows are enough for its 95 % point.
    for (const row of rows.slice(-200)) total.add(row.latency);
    const hits = sum((row) => row.cacheHits);
    const result = {
      requests,
      wallMs,
      cpuMs,
      latencyMsMean: sum((row) => row.latency.sumMs) / sum((row) => row.latency.count),
      latencyMsP95: total.quantile(0.95) ?? Number.NaN,
      cacheHitRatio: hits / (hits + sum((row) => row.cacheMisses)),
      utilisation: sum((row) => row.busyMs ?? 0) / sum((row) => row.capacityMs ?? 0),
      slowerMsMean: sum((row) => row.shadow?.slowerSumMs ?? 0) / sum((row) => row.shadow?.compared ?? 0),
    };
    total.destroy();
    return result;
  }
}

/** A time as our histogram shows it: the upper edge of its bucket. */
export const asRecorded = (ms: number): number => (bucketValue(bucketOf(Math.round(ms * 1000)) + 1) - 1) / 1000;

if (import.meta.main) {
  const [requests, serviceMedianMs, windowMs, ...seeds] = process.argv.slice(2).map(Number);
  for (const seed of seeds) {
    const model = { seed, serviceMedianMs: serviceMedianMs!, windowMs: windowMs! };
    process.stdout.write(`${JSON.stringify(await shadowRun(model, requests!))}\n`);
  }
}
