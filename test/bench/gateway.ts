import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GatewayProcess } from '../../live/gateway/client.ts';
import { OPTIONS } from '../live/gateway/options.ts';
import { type Bench, type Figure, median } from './bench.ts';
import type { LoadOrder, LoadResult } from './gateway-load.ts';

/** Requests a second; Infinity: as fast as 128 connections go. */
const RATES_RPS = [1000, 2000, 4000, Number.POSITIVE_INFINITY];
const BELOW_US = 60;

/** A proxy under load: where it is, what it has used so far, and how it is set to this line. */
interface Proxy {
  readonly what: string;
  readonly url: string;
  readonly cpuMs: () => Promise<number>;
  readonly prepare: () => Promise<unknown>;
}

/** One proxy at one rate, and what was measured in each round. */
interface Line {
  readonly proxy: Proxy;
  readonly rateRps: number;
  readonly cpuUs: number[];
}

export const gateway: Bench = {
  name: 'gateway',
  about:
    'CPU time of the live gateway per request, under an open-loop load from another process, beside the barest proxy',
  async run({ small }) {
    const children: ChildProcess[] = [];
    const forked = (file: string, args: readonly string[] = []): ChildProcess => {
      const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
        execArgv: [],
        serialization: 'advanced',
      });
      children.push(child);
      return child;
    };
    const ours = await GatewayProcess.start({ ...OPTIONS, windowMs: 1000, mirrorInFlightLimit: 4096 });
    try {
      const urls = await messageOf<[string, string]>(forked('./gateway-upstream.ts'));
      const bare = forked('./gateway-bare.ts', [urls[0]]);
      const relay = forked('./gateway-relay.ts', [urls[0]]);
      const floors = [await floor('barest proxy', bare), await floor('relay of bytes', relay)];
      const proxies = [...floors, ...(await ourProxies(ours, urls))];
      const rates = small ? [500] : RATES_RPS;
      const lines = rates.flatMap((rateRps) => proxies.map((proxy): Line => ({ proxy, rateRps, cpuUs: [] })));
      // The first two rounds only make the compiler do its work.
      for (let round = small ? 0 : -2; round < (small ? 1 : 7); round++) {
        // A load of its own each time: connections to another proxy would die of age in it.
        for (const line of lines) await measure(forked('./gateway-load.ts'), line, small, round >= 0);
      }
      const { sums } = await ours.status();
      return {
        figures: lines.map((line) => figureOf(line, lines)),
        notes: [
          `${sums.received.toLocaleString('en')} requests to the gateway, ${sums.failed} failed, ${sums.mirrorDropped} copies dropped; it closed windows of 1 s meanwhile`,
        ],
      };
    } finally {
      await ours.kill();
      for (const child of children) child.kill('SIGKILL');
    }
  },
};

/** What a proxy costs at least. */
async function floor(what: string, child: ChildProcess): Promise<Proxy> {
  const cpuMs = (): Promise<number> => {
    child.send('how much?');
    return messageOf<number>(child);
  };
  return { what, url: await messageOf<string>(child), cpuMs, prepare: () => Promise.resolve() };
}

async function ourProxies(ours: GatewayProcess, urls: readonly [string, string]): Promise<Proxy[]> {
  await ours.setUpstreams('baseline', [urls[0]]);
  await ours.setUpstreams('candidate', [urls[1]]);
  await ours.begin(performance.timeOrigin + performance.now());
  const cpuMs = async (): Promise<number> => (await ours.status()).cpuMs;
  return [
    { what: 'split 90/10', change: { weightPercent: 10, mirrorPercent: 0 } },
    { what: 'mirror 100 %', change: { weightPercent: 0, mirrorPercent: 100 } },
  ].map(({ what, change }) => ({ what, url: ours.url, cpuMs, prepare: () => ours.setRoute(change) }));
}

async function measure(
  load: ChildProcess,
  { proxy, rateRps, cpuUs }: Line,
  small: boolean,
  counts: boolean,
): Promise<void> {
  const count = small ? 100 : rateRps === Number.POSITIVE_INFINITY ? 10_000 : rateRps * 2;
  await proxy.prepare();
  const beforeMs = await proxy.cpuMs();
  const order: LoadOrder = { url: proxy.url, rateRps, count };
  load.send(order);
  const { failed } = await messageOf<LoadResult>(load);
  const usedMs = (await proxy.cpuMs()) - beforeMs;
  load.kill();
  if (failed > 0) throw new Error(`${proxy.what} at ${rateRps}/s: ${failed} of ${count} requests failed`);
  if (counts) cpuUs.push((usedMs * 1000) / count);
}

function figureOf({ proxy, rateRps, cpuUs }: Line, lines: readonly Line[]): Figure {
  const bare = lines.find((line) => line.rateRps === rateRps)!;
  const rate = rateRps === Number.POSITIVE_INFINITY ? 'as fast as it goes' : `${rateRps.toLocaleString('en')}/s`;
  const ratio =
    proxy === bare.proxy ? {} : { ratio: { times: median(bare.cpuUs) / median(cpuUs), to: bare.proxy.what } };
  const target = proxy.what === 'split 90/10' ? { target: { below: BELOW_US } } : {};
  return { what: `${proxy.what}, ${rate}`, unit: 'µs', values: cpuUs, ...ratio, ...target };
}

/** What the child says next; rejects when it ends instead. */
function messageOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a helper process ended: exit ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
  });
}
