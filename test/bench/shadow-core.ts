import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { runChild } from './child.ts';
import type { OurResult } from './shadow-run.ts';

const PROGRAM = join(import.meta.dirname, 'shadow-run.ts');
export const NOMINAL_MEDIAN_MS = 18.8;

/**
 * Where Node keeps the stripped sources. Types are stripped by a WebAssembly module, whose growing memory makes V8 check every typed
 * array for having been detached, for the life of the process: with the cache filled nothing is stripped, as in
 * compiled code. (A whole rehearsal merges histograms in WebAssembly, which has the same effect: it is measured as it is.)
 */
const CACHE = join(tmpdir(), 'coalmine-bench-cache');

/** Runs our core in a process of its own, once per seed. */
export function ourRuns(
  requests: number,
  serviceMedianMs: number,
  windowMs: number,
  seeds: readonly number[],
): OurResult[] {
  const args = [PROGRAM, ...[requests, serviceMedianMs, windowMs, ...seeds].map(String)];
  const env = { ...process.env, NODE_COMPILE_CACHE: CACHE };
  runChild(process.execPath, [PROGRAM, '1000', '18.8', '10000', '1'], [0], env);
  const { stdout } = runChild(process.execPath, args, [0], env);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as OurResult);
}

export const shadowCore: Bench = {
  name: 'shadow-core',
  about: 'the simulator alone, one core: 2 fleets × 24 replicas × 4 slots, every request mirrored',
  async run({ small }) {
    const requests = small ? 50_000 : 10_000_000;
    const runs = Array.from({ length: small ? 1 : 3 }, () => ourRuns(requests, NOMINAL_MEDIAN_MS, 10_000, [1])[0]!);
    return {
      figures: [
        {
          what: 'mirrored requests',
          unit: 'M/s',
          values: runs.map((run) => run.requests / run.wallMs / 1000),
          target: { atLeast: 2.5 },
        },
        {
          what: 'mirrored requests per CPU second',
          unit: 'M/s',
          values: runs.map((run) => run.requests / run.cpuMs / 1000),
        },
        { what: 'time per inference', unit: 'ns', values: runs.map((run) => (run.wallMs * 1e6) / run.requests / 2) },
        { what: 'peak memory', unit: 'MB', values: runs.map((run) => run.peakRssMb) },
      ],
      notes: [
        `${runs[0]!.requests.toLocaleString('en')} requests, each served twice; telemetry windows of 10 s included`,
      ],
    };
  },
};
