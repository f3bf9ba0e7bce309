import { RateArrivals } from '../../sim/arrivals/source.ts';
import type { FeatureCache } from '../../sim/cache/cache.ts';
import { LruCache } from '../../sim/cache/lru.ts';
import { TwoWayCache } from '../../sim/cache/two-way.ts';
import { Heap } from '../../sim/fetching.ts';
import { ZipfKeys } from '../../sim/keys.ts';
import { QuantileTable } from '../../sim/quantile-table.ts';
import { Stream, streamsOf } from '../../sim/random.ts';
import { histogramsReady, newHistogram, TimeRecorder } from '../../telemetry/histogram.ts';
import { type Bench, type Figure, median } from './bench.ts';

/** Does something `n` times and returns a number that depends on all of it, so that nothing can be left out. */
type Kernel = (n: number) => number;

const VALUES = 1 << 16;
/** Entries in the heap while it is measured: about as many fetches are under way in the shadow model. */
const IN_HEAP = 16;

export const kernels: Bench = {
  name: 'kernels',
  about: 'the parts of the hot loop one by one, in rounds',
  async run({ small }) {
    await histogramsReady();
    const operations = small ? 20_000 : 3_000_000;
    const lines = Object.entries(makeKernels()).map(([what, kernel]) => ({ what, kernel, values: [] as number[] }));
    const sink = new Float64Array(1);
    for (let round = small ? 0 : -2; round < (small ? 1 : 9); round++) {
      for (const { kernel, values } of lines) {
        const startMs = performance.now();
        sink[0]! += kernel(operations);
        const ns = ((performance.now() - startMs) * 1e6) / operations;
        // The first rounds only make the compiler do its work.
        if (round >= 0) values.push(ns);
      }
    }
    const nsOf = (name: string): number => median(lines.find(({ what }) => what === name)!.values);
    const figures = lines.map(({ what, values }): Figure => {
      const peer = PEERS[what];
      const ratio = peer === undefined ? {} : { ratio: { times: nsOf(peer) / median(values), to: peer } };
      return { what, unit: 'ns', values, ...ratio };
    });
    return {
      figures,
      notes: [`${operations.toLocaleString('en')} operations a round (sum ${sink[0]!.toExponential(3)})`],
    };
  },
};

/** What a kernel is compared with. */
const PEERS: Readonly<Record<string, string>> = {
  'TimeRecorder.record': 'hdr-histogram-js recordValue (WASM)',
  'two-way cache, lookup and fill': 'LRU cache, lookup and fill',
};

function makeKernels(): Record<string, Kernel> {
  const service = new QuantileTable({ kind: 'lognormal', medianMs: 18.8, sigma: 0.35 });
  const uniform = drawn('uniform', (u) => u);
  const times = drawn('times', (u) => service.at(u));
  const microseconds = times.map((ms) => Math.round(ms * 1000));
  const zipf = new ZipfKeys(200_000, 0.9, new Stream('bench/zipf'));
  const keys = Int32Array.from({ length: VALUES }, () => zipf.next());
  const stream = new Stream('bench/stream');
  const recorder = new TimeRecorder();
  const hdr = newHistogram();
  const arrivals = new RateArrivals({ kind: 'poisson', rateRps: 1000 }, streamsOf(1));
  const heap = new Heap();
  for (let i = 0; i < IN_HEAP; i++) heap.push(i, i);
  return {
    'Stream.next': (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += stream.next();
      return sum;
    },
    'QuantileTable.at': (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += service.at(uniform[i & (VALUES - 1)]!);
      return sum;
    },
    'ZipfKeys.next': (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += zipf.next();
      return sum;
    },
    'TimeRecorder.record': (n) => {
      for (let i = 0; i < n; i++) recorder.record(times[i & (VALUES - 1)]!);
      return recorder.close().count;
    },
    'hdr-histogram-js recordValue (WASM)': (n) => {
      for (let i = 0; i < n; i++) hdr.recordValue(microseconds[i & (VALUES - 1)]!);
      const { totalCount } = hdr;
      hdr.reset();
      return totalCount;
    },
    'two-way cache, lookup and fill': cacheKernel(new TwoWayCache(50_000, 1), keys),
    'LRU cache, lookup and fill': cacheKernel(new LruCache(50_000, 1), keys),
    [`heap of ${IN_HEAP}, pop and push`]: (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const firstMs = heap.nextMs();
        const request = heap.pop();
        heap.push(firstMs + times[i & (VALUES - 1)]!, request);
        sum += request;
      }
      return sum;
    },
    'RateArrivals.fill, per arrival': (n) => {
      let sum = 0;
      for (let i = 0; i < n; ) {
        const filled = arrivals.fill(Number.POSITIVE_INFINITY);
        sum += arrivals.times[filled - 1]!;
        i += filled;
      }
      return sum;
    },
  };
}

/** Called through the interface, as the simulator does. */
function cacheKernel(cache: FeatureCache, keys: Int32Array): Kernel {
  const nowMs = new Float64Array(1);
  return (n) => {
    let hits = 0;
    for (let i = 0; i < n; i++) {
      const key = keys[i & (VALUES - 1)]!;
      nowMs[0]! += 0.4;
      if (cache.lookup(0, key, nowMs[0]!)) hits++;
      else cache.fill(0, key, nowMs[0]! + 600_000);
    }
    return hits;
  };
}

function drawn(name: string, of: (u: number) => number): Float64Array {
  const stream = new Stream(`bench/${name}`);
  return Float64Array.from({ length: VALUES }, () => of(stream.next()));
}
