/** Rows about the steady state: 40 batches of requests after a warm-up. */
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Action } from '../../world.ts';
import type { Terms } from './batch.ts';
import { BATCHES, type Comparison, judge, type Judged, type Row } from './gate.ts';
import { type Queue, scenarioOf } from './queue.ts';
import { simulate, type Study } from './simulate.ts';
import { estimate } from './stats.ts';

export interface Metric extends Judged {
  readonly terms: Terms;
}

export interface Stationary {
  readonly id: string;
  readonly title: string;
  readonly kind?: Row['kind'];
  /** ms per unit of time; the mean service time unless the row says otherwise. */
  readonly unitMs: number;
  readonly queue: Queue;
  /** What is compared; made anew for every run, since some remember the batch before. */
  readonly metrics: () => readonly Metric[];
  /** Requests that arrive in one relaxation time; 50 of them are warm-up at least. */
  readonly relaxation?: number;
  readonly actions?: readonly Action[];
  /** Records the probe sees per request: 2 when every request is mirrored. */
  readonly copies?: number;
  /** Changes the scenario in what YAML states by file (traces). */
  readonly finish?: (scenario: Scenario, requests: number) => Promise<Scenario>;
  readonly damage?: Study['damage'];
  readonly audit?: boolean;
}

export const stationary = (spec: Stationary): Row => ({
  id: spec.id,
  title: spec.title,
  kind: spec.kind ?? 'core',
  scenario: (seed) => scenarioOf(spec.queue, seed),
  run: (requests, seed) => measure(spec, requests, seed),
});

export async function measure(spec: Stationary, requests: number, seed: number): Promise<readonly Comparison[]> {
  const startedMs = performance.now();
  const plain = scenarioOf(spec.queue, seed);
  const scenario = (await spec.finish?.(plain, requests)) ?? plain;
  const metrics = spec.metrics();
  const copies = spec.copies ?? 1;
  const terms: (readonly [number, number])[][] = metrics.map(() => []);
  const warmUp = Math.ceil(Math.max(0.05 * requests, 50 * (spec.relaxation ?? 1)));
  const study: Study = {
    scenario,
    unitMs: spec.unitMs,
    warmUp: copies * warmUp,
    batches: BATCHES,
    batchSize: copies * Math.floor(requests / BATCHES),
    ...(spec.actions === undefined ? {} : { actions: spec.actions }),
    ...(spec.damage === undefined ? {} : { damage: spec.damage }),
    ...(spec.audit === undefined ? {} : { audit: spec.audit }),
  };
  await simulate(study, (batch) => {
    for (const [m, metric] of metrics.entries()) terms[m]!.push(metric.terms(batch));
  });
  const seconds = (performance.now() - startedMs) / 1000;
  return metrics.map((metric, m) => judge(spec, metric, estimate(terms[m]!), requests, seconds));
}
