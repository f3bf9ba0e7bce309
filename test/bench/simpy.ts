import { join } from 'node:path';
import { type Bench, type Figure, meanOf, median, standardErrorOf } from './bench.ts';
import { runChild } from './child.ts';
import { pythonWith } from './python.ts';
import { NOMINAL_MEDIAN_MS, ourRuns } from './shadow-core.ts';
import { asRecorded, type ShadowResult } from './shadow-run.ts';

const PEERS = join(import.meta.dirname, 'peers');
const REQUIREMENTS = join(PEERS, 'requirements.txt');
/** Median service time that keeps the fleets 84 % busy, so that queues are compared as well. */
const BUSY_MEDIAN_MS = 55;
const RATE_RPS = 1e7 / 7200;

const COMPARED = ['latencyMsMean', 'latencyMsP95', 'cacheHitRatio', 'utilisation', 'slowerMsMean'] as const;

export const simpy: Bench = {
  name: 'simpy',
  about: 'the same model in SimPy, run alternately with ours: speed, and whether both find the same',
  async run({ small }) {
    const python = pythonWith(REQUIREMENTS, 'SimPy');
    if (typeof python !== 'string') return { figures: [], notes: [`SKIPPED: ${python.missing}`] };
    const rounds = small ? 2 : 6;
    const seconds = small ? 4 : 60;
    const ours: ShadowResult[] = [];
    const theirs: ShadowResult[] = [];
    for (let seed = 1; seed <= rounds; seed++) {
      theirs.push(...peerRuns(python, seconds, NOMINAL_MEDIAN_MS, [seed]));
      // Ours is given a run long enough to be worth timing: both programs' time grows in proportion to the requests.
      ours.push(...ourRuns(small ? 20_000 : 3_000_000, NOMINAL_MEDIAN_MS, 10_000, [seed]));
    }
    const ratios = speed(ours).map((ourSpeed, i) => ourSpeed / speed(theirs)[i]!);
    const figures: Figure[] = [
      { what: 'SimPy, mirrored requests per CPU second', unit: '/s', values: speed(theirs) },
      {
        what: 'Coalmine, mirrored requests per CPU second',
        unit: '/s',
        values: speed(ours),
        ratio: { times: median(ratios), to: 'SimPy' },
        target: { on: 'ratio', atLeast: 60 },
      },
    ];
    const seeds = Array.from({ length: rounds }, (_, i) => 101 + i);
    const ourSeeds = Array.from({ length: small ? 3 : 32 }, (_, i) => 201 + i);
    const notes = [
      `${versionsOf(python)}; ${median(theirs.map((r) => r.requests)).toLocaleString('en')} requests a round`,
    ];
    for (const medianMs of [NOMINAL_MEDIAN_MS, BUSY_MEDIAN_MS]) {
      const peer = medianMs === NOMINAL_MEDIAN_MS ? theirs : peerRuns(python, seconds, medianMs, seeds);
      notes.push(...agreement(ourRuns(seconds * RATE_RPS, medianMs, 1000, ourSeeds), peer));
    }
    return { figures, notes };
  },
};

/** Per second of processor time: both programs use one core, and others may be using it too. */
const speed = (runs: readonly ShadowResult[]): number[] => runs.map((run) => (run.requests / run.cpuMs) * 1000);

const show = (values: readonly number[]): string =>
  `${meanOf(values).toPrecision(5)} ± ${standardErrorOf(values).toPrecision(2)}`;

/** Both programs' means over independent replications, and their distance in standard errors of the difference. */
function agreement(ours: readonly ShadowResult[], theirs: readonly ShadowResult[]): string[] {
  const busy = `${(100 * meanOf(ours.map((run) => run.utilisation))).toFixed(0)} % busy`;
  return COMPARED.map((name) => {
    const a = ours.map((run) => run[name]);
    // Our histogram keeps 0.1 %: round the peer's percentile alike.
    const b = theirs.map((run) => (name === 'latencyMsP95' ? asRecorded(run[name]) : run[name]));
    const error = Math.hypot(standardErrorOf(a), standardErrorOf(b));
    const z = (meanOf(a) - meanOf(b)) / error;
    const verdict = Math.abs(z) < 4 ? 'agree' : 'DIFFER';
    return `${busy}: ${name}: Coalmine ${show(a)}, SimPy ${show(b)}, z = ${z.toFixed(2)}, ${verdict}`;
  });
}

function peerRuns(python: string, seconds: number, medianMs: number, seeds: readonly number[]): ShadowResult[] {
  const { stdout } = runChild(python, [join(PEERS, 'shadow_core.py'), ...[seconds, medianMs, ...seeds].map(String)]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ShadowResult);
}

function versionsOf(python: string): string {
  const code =
    'import sys, simpy, numpy; print(f"Python {sys.version.split()[0]}, SimPy {simpy.__version__}, NumPy {numpy.__version__}")';
  return runChild(python, ['-c', code]).stdout.trim();
}
