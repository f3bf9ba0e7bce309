/** Prometheus text of what the server counted. */
import type { LoadedModel } from './loaded-model.ts';
import type { Repository } from './repository.ts';
import { BUCKETS_S, type Statistics } from './statistics.ts';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const seconds = (ms: number): number => Number((ms / 1000).toPrecision(12));

/** One metric per line: name, type, help, and its value for a version of a model. */
const METRICS: readonly (readonly [string, 'counter' | 'gauge', string, (model: LoadedModel) => number])[] = [
  ['requests_total', 'counter', 'Inference requests answered.', ({ statistics }) => statistics.success.count],
  ['failures_total', 'counter', 'Inference requests that failed.', ({ statistics }) => statistics.fail.count],
  ['rejected_total', 'counter', 'Failed because the queue was full.', ({ statistics }) => statistics.rejected],
  ['rows_total', 'counter', 'Rows of the requests that were run.', ({ statistics }) => statistics.rows],
  ['executions_total', 'counter', 'Batches that were run.', ({ statistics }) => statistics.executions],
  ['queue_seconds_total', 'counter', 'Time requests waited.', ({ statistics }) => seconds(statistics.queue.ms)],
  [
    'compute_input_seconds_total',
    'counter',
    'Time spent putting batches together, once per request.',
    ({ statistics }) => seconds(statistics.input.ms),
  ],
  [
    'compute_infer_seconds_total',
    'counter',
    'Time the model ran, once per request.',
    ({ statistics }) => seconds(statistics.infer.ms),
  ],
  [
    'compute_output_seconds_total',
    'counter',
    'Time spent writing answers, once per request.',
    ({ statistics }) => seconds(statistics.output.ms),
  ],
  ['queued_requests', 'gauge', 'Requests that wait now.', (model) => model.queued],
];

/** All metrics of a server; `cpuSeconds` and `memoryBytes` are the process's. */
export function metricsText(repository: Repository, cpuSeconds: number, memoryBytes: number): string {
  const models = repository.loadedOnce();
  const lines: string[] = [];
  const begin = (name: string, type: string, help: string): void =>
    void lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  for (const [short, type, help, value] of METRICS) {
    const name = `coalmine_server_${short}`;
    begin(name, type, help);
    for (const model of models) lines.push(`${name}{${labels(model.name, model.version)}} ${value(model)}`);
  }
  const histogram = 'coalmine_server_request_seconds';
  begin(histogram, 'histogram', 'From the complete body to the answer, successful requests.');
  for (const { name, version, statistics } of models)
    lines.push(...histogramLines(histogram, labels(name, version), statistics));
  const ready = 'coalmine_server_model_ready';
  begin(ready, 'gauge', '1 when the version serves requests.');
  for (const { name, version, state } of repository.index())
    lines.push(`${ready}{${labels(name, version)}} ${state === 'READY' ? 1 : 0}`);
  begin('process_cpu_seconds_total', 'counter', 'Processor time of the server, user and system.');
  lines.push(`process_cpu_seconds_total ${cpuSeconds}`);
  begin('process_resident_memory_bytes', 'gauge', 'Resident memory of the server.');
  lines.push(`process_resident_memory_bytes ${memoryBytes}`);
  return `${lines.join('\n')}\n`;
}

function histogramLines(name: string, labelled: string, { buckets, success }: Statistics): string[] {
  let below = 0;
  const lines = [...BUCKETS_S.map(String), '+Inf'].map((bound, i) => {
    below += buckets[i]!;
    return `${name}_bucket{${labelled},le="${bound}"} ${below}`;
  });
  lines.push(`${name}_sum{${labelled}} ${seconds(success.ms)}`, `${name}_count{${labelled}} ${success.count}`);
  return lines;
}

const labels = (name: string, version: string): string => `model=${quote(name)},version=${quote(version)}`;
const quote = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
