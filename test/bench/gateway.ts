import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { GatewayProcess } from '../../live/gateway/client.ts';
import { type Bench, type Figure, median } from './bench.ts';
import type { LoadOrder, LoadResult } from './gateway-load.ts';
import { OPTIONS } from '../live/gateway/options.ts';

const ROUTES = [
  { what: 'split 90/10', change: { weightPercent: 10, mirrorPercent: 0 }, belowUs: 60 },
  { what: 'mirror 100 %', change: { weightPercent: 0, mirrorPercent: 100 }, belowUs: null },
] as const;

/** One route at one rate, and what was measured in each round. */
interface Line {
  readonly route: (typeof ROUTES)[number];
  readonly rateRps: number;
  readonly cpuUs: number[];
  readonly p99Ms: number[];
}

export const gateway: Bench = {
  name: 'gateway',
  about: 'CPU time of the live gateway per request, under an open-loop load from another process',
  async run({ small }) {
    const children = ['./gateway-upstream.ts', './gateway-load.ts'].map(forked);
    const [upstream, load] = children as [ChildProcess, ChildProcess];
    const process = await GatewayProcess.start({ ...OPTIONS, windowMs: 1000 });
    try {
      const urls = await messageOf<[string, string]>(upstream);
      await process.setUpstreams('baseline', [urls[0]]);
      await process.setUpstreams('candidate', [urls[1]]);
      await process.begin(performance.timeOrigin + performance.now());
      const lines = ROUTES.flatMap((route) =>
        (small ? [500] : [1000, 2000, 4000]).map((rateRps): Line => ({ route, rateRps, cpuUs: [], p99Ms: [] })),
      );
      const seconds = small ? 0.2 : 4;
      // The first round only makes the compiler do its work.
      for (let round = small ? 0 : -1; round < (small ? 1 : 5); round++) {
        for (const line of lines) await measure(process, load, line, seconds, round >= 0);
      }
      const { sums } = await process.status();
      return {
        figures: lines.flatMap(figuresOf),
        notes: [
          `${sums.received.toLocaleString('en')} requests in all, ${sums.failed} failed, ${sums.mirrorDropped} copies dropped; windows of 1 s were closed meanwhile`,
        ],
      };
    } finally {
      await process.kill();
      for (const child of children) child.kill('SIGKILL');
    }
  },
};

async function measure(
  process: GatewayProcess,
  load: ChildProcess,
  line: Line,
  seconds: number,
  counts: boolean,
): Promise<void> {
  const { route, rateRps } = line;
  await process.setRoute(route.change);
  const before = await process.status();
  const order: LoadOrder = { url: process.url, rateRps, count: rateRps * seconds };
  load.send(order);
  const result = await messageOf<LoadResult>(load);
  const after = await process.status();
  if (result.failed > 0) throw new Error(`${route.what} at ${rateRps}/s: ${result.failed} of ${order.count} failed`);
  if (!counts) return;
  line.cpuUs.push(((after.cpuMs - before.cpuMs) * 1000) / order.count);
  line.p99Ms.push(result.latenciesMs[Math.floor(0.99 * result.answered)]!);
}

function figuresOf({ route, rateRps, cpuUs, p99Ms }: Line): Figure[] {
  const what = `${route.what}, ${rateRps.toLocaleString('en')}/s`;
  const target = route.belowUs === null ? {} : { target: { below: route.belowUs } };
  return [
    { what: `${what}: CPU per request`, unit: 'µs', values: cpuUs, ...target },
    { what: `${what}: p99 as the load saw it`, unit: 'ms', values: p99Ms },
  ];
}

/** What the child says next; rejects when it ends instead. */
async function messageOf<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a helper process ended: exit ${String(code)}`);
  });
  return ((await Promise.race([once(child, 'message'), ended])) as [T])[0];
}

function forked(file: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), [], { execArgv: [], serialization: 'advanced' });
}
