import { describe, expect, test } from 'vitest';
import { fakeEngine, serving, x } from './fake-engine.ts';
import { featuresInput, inMemory, startServer } from './support.ts';
import { identity } from '../onnx.ts';

describe('statistics', () => {
  test('count rows and batches apart, and times of waiting and computing for every request', async () => {
    const engine = fakeEngine();
    let nowMs = 1_700_000_000_000;
    const { infer, ask } = await startServer([], {
      ...serving({
        ...engine,
        run: async (inputs, onStart) => {
          nowMs += 3;
          const outputs = await engine.run(inputs, onStart);
          nowMs += 20;
          return outputs;
        },
      }),
      clock: () => nowMs,
      limits: { maxBatchSize: 5, maxQueueDelayUs: 1e9 },
    });
    await Promise.all([infer('fake', x([2, 1], 1, 2)), infer('fake', x([3, 1], 3, 4, 5))]);
    await infer('fake', x([6, 1], 1, 2, 3, 4, 5, 6));
    expect((await infer('fake', [])).status).toBe(400);
    const { json } = await ask('/v2/models/fake/versions/1/stats');
    expect(json).toEqual({
      model_stats: [
        {
          name: 'fake',
          version: '1',
          last_inference: 1_700_000_000_046,
          inference_count: 11,
          execution_count: 2,
          inference_stats: {
            // The first two of 23 ms each, the third of as much.
            success: { count: 3, ns: 69e6 },
            fail: { count: 1, ns: 0 },
            // What a run waits for its turn of the event loop is waiting.
            queue: { count: 3, ns: 9e6 },
            compute_input: { count: 3, ns: 0 },
            compute_infer: { count: 3, ns: 60e6 },
            compute_output: { count: 3, ns: 0 },
          },
          batch_stats: [
            {
              batch_size: 5,
              compute_input: { count: 1, ns: 0 },
              compute_infer: { count: 1, ns: 20e6 },
              compute_output: { count: 1, ns: 0 },
            },
            {
              batch_size: 6,
              compute_input: { count: 1, ns: 0 },
              compute_infer: { count: 1, ns: 20e6 },
              compute_output: { count: 1, ns: 0 },
            },
          ],
        },
      ],
    });
  });

  test('are there for all models, one model and one version, and stay after unloading', async () => {
    const { infer, ask } = await startServer(['eta-baseline', 'eta-candidate']);
    await infer('eta-candidate', featuresInput(1, 2));
    await ask('/v2/repository/models/eta-candidate/unload', '');
    const counts = async (path: string): Promise<unknown> =>
      (await ask(path)).json.model_stats.map((each: { name: string; inference_count: number }) => [
        each.name,
        each.inference_count,
      ]);
    expect(await counts('/v2/models/stats')).toEqual([
      ['eta-baseline', 0],
      ['eta-candidate', 2],
    ]);
    expect(await counts('/v2/models/eta-candidate/stats')).toEqual([['eta-candidate', 2]]);
    expect(await counts('/v2/models/eta-candidate/versions/1/stats')).toEqual([['eta-candidate', 2]]);
  });

  test('of a real model say that it took time to compute', async () => {
    const { infer, ask } = await startServer(['eta-wide']);
    await infer('eta-wide', featuresInput(1, 2, 3));
    const [{ inference_stats, last_inference }] = (await ask('/v2/models/eta-wide/stats')).json.model_stats;
    for (const part of ['success', 'queue', 'compute_input', 'compute_infer', 'compute_output'] as const) {
      expect(inference_stats[part].count, part).toBe(1);
      expect(inference_stats[part].ns, part).toBeGreaterThan(0);
    }
    const parts = ['queue', 'compute_input', 'compute_infer', 'compute_output'].map((part) => inference_stats[part].ns);
    const sum = parts.reduce((a, b) => a + b, 0);
    expect(inference_stats.success.ns).toBeGreaterThan(inference_stats.compute_infer.ns);
    expect(sum).toBeLessThan(inference_stats.success.ns * 1.5);
    expect(Math.abs(last_inference - Date.now())).toBeLessThan(60_000);
  });
});

/** Samples by name and labels; every line must be what Prometheus takes. */
function parseMetrics(text: string): Map<string, number> {
  expect(text.endsWith('\n')).toBe(true);
  const samples = new Map<string, number>();
  const declared = new Set<string>();
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# (?:HELP (\w+) \S.*|TYPE \w+ (?:counter|gauge|histogram))$/.exec(line);
    if (type !== null) {
      if (type[1] !== undefined) declared.add(type[1]);
      continue;
    }
    const sample =
      /^(\w+?)(_bucket|_sum|_count)?(\{\w+="(?:[^"\\\n]|\\["\\n])*"(?:,\w+="(?:[^"\\\n]|\\["\\n])*")*\})? (\S+)$/.exec(
        line,
      );
    expect(sample, line).not.toBeNull();
    const [, name = '', suffix = '', labels = '', value] = sample!;
    expect(declared.has(name) || declared.has(name + suffix), line).toBe(true);
    expect(Number.isNaN(Number(value)), line).toBe(false);
    expect(samples.has(name + suffix + labels), line).toBe(false);
    samples.set(name + suffix + labels, Number(value));
  }
  return samples;
}

describe('/metrics', () => {
  test('is Prometheus text with the counts of the statistics', async () => {
    const { infer, ask } = await startServer([
      'eta-baseline',
      inMemory('a"b\\c', identity([{ name: 'a', type: 'FP32', shape: [1] }])),
    ]);
    await infer('eta-baseline', featuresInput(1, 2));
    await infer('eta-baseline', featuresInput(3));
    await infer('eta-baseline', []);
    const { bytes, headers } = await ask('/metrics');
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const samples = parseMetrics(bytes.toString());
    const of = (name: string, labels = 'model="eta-baseline",version="1"'): number | undefined =>
      samples.get(`coalmine_server_${name}{${labels}}`);
    expect(of('requests_total')).toBe(2);
    expect(of('failures_total')).toBe(1);
    expect(of('rejected_total')).toBe(0);
    expect(of('rows_total')).toBe(3);
    expect(of('executions_total')).toBe(2);
    expect(of('queued_requests')).toBe(0);
    expect(of('model_ready')).toBe(1);
    expect(of('compute_infer_seconds_total')).toBeGreaterThan(0);
    expect(of('requests_total', String.raw`model="a\"b\\c",version="1"`)).toBe(0);
    expect(samples.get('process_cpu_seconds_total')).toBeGreaterThan(0.01);
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1e7);
  });

  test('has a histogram of request times whose buckets only grow and end in the count', async () => {
    const { infer, ask } = await startServer(['eta-baseline']);
    for (let i = 0; i < 20; i++) await infer('eta-baseline', featuresInput(i));
    const samples = parseMetrics((await ask('/metrics')).bytes.toString());
    const buckets = [...samples].filter(([name]) => name.startsWith('coalmine_server_request_seconds_bucket'));
    const counts = buckets.map(([, count]) => count);
    expect(buckets.length).toBe(15);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(buckets.at(-1)).toEqual([expect.stringContaining('le="+Inf"'), 20]);
    const labels = '{model="eta-baseline",version="1"}';
    expect(samples.get(`coalmine_server_request_seconds_count${labels}`)).toBe(20);
    expect(samples.get(`coalmine_server_request_seconds_sum${labels}`)).toBeGreaterThan(0);
  });
});
