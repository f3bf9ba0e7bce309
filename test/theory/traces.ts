/** Arrivals that only a trace can state. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateTrace } from '../../scenarios/trace/generate.ts';
import type { Arrivals } from '../../scenarios/trace/trace.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { Stream } from '../../sim/random.ts';

const PIECE = 100_000;
const BATCH = 4;
/** Mean time between batches: five services of 100 ms. */
const GAP_US = 500_000;

function* batches(requests: number, seed: number): Generator<Arrivals> {
  const stream = new Stream(`${seed}/batches`);
  let timeUs = 0;
  for (let made = 0; made < requests; made += PIECE) {
    const timesUs = new Float64Array(PIECE);
    for (let i = 0; i < PIECE; i += BATCH) {
      timeUs += -Math.log(1 - stream.next()) * GAP_US;
      timesUs.fill(Math.round(timeUs), i, i + BATCH);
    }
    const zeros = new Int32Array(PIECE);
    yield { timesUs, keys: zeros, users: zeros, contents: zeros, segments: new Uint8Array(PIECE) };
  }
}

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The scenario with Poisson batches of four requests in place of its arrivals. */
export async function batchTrace(scenario: Scenario, requests: number): Promise<Scenario> {
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-batches-'));
  folders.push(folder);
  const file = join(folder, 'batches.parquet');
  await generateTrace(batches(1.1 * requests + 1e5, scenario.seed), file);
  return {
    ...scenario,
    traffic: { ...scenario.traffic, arrivals: { kind: 'trace', file, repeat: false, speedUp: 1 } },
  };
}
