import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimWorld } from '../../sim/world.ts';
import { TimeTotal } from '../../telemetry/histogram.ts';
import { readRecording, type Recording, RecordingWriter, rowsOf } from '../../telemetry/recording.ts';
import type { Window } from '../../telemetry/window.ts';
import type { Bench } from './bench.ts';
import { NOMINAL_MEDIAN_MS } from './shadow-core.ts';
import { shadowScenario } from './shadow-scenario.ts';

export const recording: Bench = {
  name: 'recording',
  about: 'a rehearsal of 6.5 h in windows of 10 s: writing its recording, reading it back, totalling its latencies',
  async run({ small }) {
    const count = small ? 60 : 2340;
    const original = await windowsOf(count);
    const folder = mkdtempSync(join(tmpdir(), 'coalmine-bench-'));
    const path = join(folder, 'recording.parquet');
    const writeMs: number[] = [];
    const readMs: number[] = [];
    const totalMs: number[] = [];
    let equal = true;
    try {
      for (let round = 0; round < (small ? 1 : 7); round++) {
        writeMs.push(await timed(() => write(path, original)));
        let back: Recording | null = null;
        readMs.push(await timed(async () => (back = await readRecording(path))));
        let p95Ms = 0;
        totalMs.push(await timed(async () => (p95Ms = p95Of(back!.windows))));
        equal &&= p95Ms === p95Of(original.windows) && back!.windows.length === count;
      }
      return {
        figures: [
          { what: 'write', unit: 'ms', values: writeMs },
          { what: 'read', unit: 'ms', values: readMs },
          { what: 'total and take the p95', unit: 'ms', values: totalMs },
        ],
        notes: [`${count} windows × 2 arms, read back ${equal ? 'equal' : 'DIFFERENT'}`],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function write(path: string, { header, windows }: Recording): Promise<void> {
  const writer = await RecordingWriter.open(path, header);
  for (const window of windows) writer.add(rowsOf(window));
  await writer.finish();
}

function p95Of(windows: readonly Window[]): number {
  const total = new TimeTotal();
  for (const window of windows) for (const row of window.rows) total.add(row.latency);
  const p95Ms = total.quantile(0.95) ?? Number.NaN;
  total.destroy();
  return p95Ms;
}

/** Some windows of real size, over and over. */
async function windowsOf(count: number): Promise<Recording> {
  const scenario = shadowScenario({ seed: 1, serviceMedianMs: NOMINAL_MEDIAN_MS, windowMs: 10_000 });
  const world = await SimWorld.open(scenario, { thresholds: [{ thresholdMs: 50, operator: '>=' }], content: null });
  world.apply({ kind: 'mirror', percent: 100, stage: 'shadow' });
  const { windows: made } = await world.advance(Math.min(count, 60) * scenario.windowMs);
  await world.close();
  const windows = Array.from({ length: count }, (_, index): Window => {
    const { rows } = made[index % made.length]!;
    const place = { index, startMs: index * scenario.windowMs, endMs: (index + 1) * scenario.windowMs };
    return { ...place, rows: rows.map((row) => ({ ...row, ...place })) };
  });
  return { header: world.header, windows };
}
