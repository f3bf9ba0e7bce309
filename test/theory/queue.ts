/** Textbook queues as scenarios, in their YAML form: what the theory rows run is what a user could write. */
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

export interface Queue {
  /** Requests per second of Poisson (or regular) arrivals; other processes state their own. */
  readonly rate?: number;
  /** YAML of the arrival process. */
  readonly arrivals?: string;
  /** YAML of the service time, e.g. `{kind: exponential, mean: 10ms}`. */
  readonly service: string;
  readonly slots?: number;
  /** Further YAML fields of the baseline, e.g. `queueLimit: 9`. */
  readonly baseline?: string;
  /** YAML of the candidate; by default one that gets nothing to do. */
  readonly candidate?: string;
  readonly keys?: string;
  /** YAML of the feature store and its cache. */
  readonly features?: string;
  readonly windowMs: number;
}

/** The scenario file. Shadow off, weight 0, one replica, first come first served, no limits, no features, unless said otherwise. */
export const scenarioText = (queue: Queue): string => `
name: textbook
traffic:
  requests: 1M
${queue.rate === undefined ? '' : `  rate: ${queue.rate}/s\n`}  arrivals: ${queue.arrivals ?? 'poisson'}
${queue.keys === undefined ? '' : `  keys: ${queue.keys}\n`}arms:
  baseline: { service: ${queue.service}, slots: ${queue.slots ?? 1}, ${queue.baseline ?? 'replicas: 1'} }
  candidate: ${queue.candidate ?? '{ service: { kind: constant, value: 1ms }, replicas: 8 }'}
${queue.features === undefined ? '' : `features: ${queue.features}\n`}window: ${queue.windowMs}ms
limit: 100000000d
`;

export const scenarioOf = (queue: Queue, seed: number): Scenario =>
  loadScenario('textbook.yaml', { text: scenarioText(queue), seed }).scenario;

export const EXPONENTIAL = '{ kind: exponential, mean: 10ms }';
