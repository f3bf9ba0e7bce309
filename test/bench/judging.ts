import { Worker } from 'node:worker_threads';
import { VERDICTS, FastJudge } from '../../tuning/fast/judge.ts';
import type { Bench } from './bench.ts';
import { drawGrid, drawPolicies } from './judging-parts.ts';
import type { Done, Part } from './judging-thread.ts';

const THREADS = 2;

export const judging: Bench = {
  name: 'judging',
  about:
    'policies × window-level rollouts: 120 windows, three guards (pooled errors, consecutive p95, relative clicks), no guard shared by two policies',
  async run({ small }) {
    const rate: number[] = [];
    const shared: number[] = [];
    const judge = new FastJudge(drawPolicies(small ? 50 : 1000));
    const grids = Array.from({ length: small ? 20 : 500 }, (_, i) => drawGrid(i));
    const alike = new FastJudge(mixed(small ? 4 : 17));
    for (let round = 0; round < (small ? 1 : 5); round++) {
      rate.push(perSecond(judge, grids));
      shared.push(perSecond(alike, grids));
    }
    const policies = small ? 50 : 5000;
    const rollouts = small ? 20 : 10_000;
    const startMs = performance.now();
    const parts = await Promise.all(
      Array.from({ length: THREADS }, (_, i) =>
        onThread({ policies, rollouts: rollouts / THREADS, from: (i * rollouts) / THREADS }),
      ),
    );
    const wallMs = performance.now() - startMs;
    const counts = VERDICTS.map(
      (verdict, v) => `${verdict} ${parts.reduce((sum, { counts: own }) => sum + own[v]!, 0)}`,
    );
    return {
      figures: [
        { what: 'one thread, every guard its own', unit: 'M/s', values: rate, target: { atLeast: 1 } },
        { what: 'one thread, policies of a grid', unit: 'M/s', values: shared },
        {
          what: `${policies} policies × ${rollouts} rollouts on ${THREADS} threads, rollouts drawn and guards compiled: wall time`,
          unit: 's',
          values: [wallMs / 1000],
          target: { below: 60 },
        },
        {
          what: 'the same, processor time of the slower thread: its wall time on cores of its own',
          unit: 's',
          values: [Math.max(...parts.map(({ cpuMs }) => cpuMs)) / 1000],
          target: { below: 60 },
        },
      ],
      notes: [
        `of ${policies * rollouts} judgements: ${counts.filter((text) => !text.endsWith(' 0')).join(', ')}`,
        'the rate per thread is by the processor time of the process, which others at work hardly change',
      ],
    };
  },
};

/** Every combination of `n` guards of each kind. */
function mixed(n: number): ReturnType<typeof drawPolicies> {
  const drawn = drawPolicies(n);
  return drawn.flatMap((a, i) =>
    drawn.flatMap((b, j) =>
      drawn.map((c, k) => ({ ...a, name: `${i}-${j}-${k}`, guards: [a.guards[0]!, b.guards[1]!, c.guards[2]!] })),
    ),
  );
}

/** Millions of judgements a second of processor time. */
function perSecond(judge: FastJudge, grids: ReturnType<typeof drawGrid>[]): number {
  // Prefix sums and ladders belong to the rollout: made anew each time.
  const fresh = grids.map((_, i) => drawGrid(i));
  const before = process.cpuUsage();
  for (const grid of fresh) judge.run(grid);
  const { user, system } = process.cpuUsage(before);
  return (judge.verdicts.length * grids.length) / (user + system);
}

const onThread = (part: Part): Promise<Done> =>
  new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./judging-thread.ts', import.meta.url), { workerData: part });
    thread.once('message', resolve);
    thread.once('error', reject);
  });
