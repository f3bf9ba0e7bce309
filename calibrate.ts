/** Measures real servers on this machine: the same replicas, gateway and load as a live rehearsal, at several utilisations. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { LiveChoice } from './live-run.ts';
import { measure } from './live/calibrate/measure.ts';
import { crashesAt, pointScenario, sizedFor } from './live/calibrate/point.ts';
import { freshOf, pointOf } from './live/calibrate/summarise.ts';
import { PROBABILITIES } from './live/calibrate/tables.ts';
import { loadModel } from './models/catalogue.ts';
import { runtimeVersion } from './models/find-runtime.ts';
import { RUNTIME, SESSION_OPTIONS } from './models/runtime.ts';
import type { Calibration, CalibrationPoint } from './scenarios/calibration.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { codeVersion } from './tuning/code-version.ts';
import { version } from './version.ts';

export interface CalibrateOptions {
  readonly choice: LiveChoice;
  /** Busy shares of the busier arm's slots, ascending. */
  readonly utilisations: readonly number[];
  readonly seconds: number;
  /** Requests per second at the highest utilisation, both arms together. */
  readonly mostRps: number;
  readonly runtime?: () => Promise<string>;
  readonly signal?: AbortSignal;
  /** When it is done: the file says so. */
  readonly now: () => Date;
}

/** Between the restarts of the cold run: a process starts, and its first requests are counted. */
const RESTART_EVERY_MS = 3000;
const RESTARTS = 4;
const FIRST_RESTART_MS = 2000;
const COLD_TARGET = 0.3;

/** Rejects as a live rehearsal does. A point that is no measurement is in the result and says so. */
export async function calibrate(scenario: Scenario, options: CalibrateOptions): Promise<Calibration> {
  const { choice, utilisations, seconds, mostRps, signal } = options;
  const runtime = (await options.runtime?.()) ?? RUNTIME;
  const measureOptions = { ...choice, runtime, signal };
  const note = (text: string): void => choice.onNote?.(`calibrate: ${text}`);
  const sized = sizedFor(scenario, mostRps, utilisations.at(-1)!);
  const points: CalibrationPoint[] = [];
  for (const target of utilisations) {
    const plan = { target, seconds };
    const point = pointOf(plan, await measure(pointScenario(sized, plan), measureOptions));
    const { baseline, candidate } = point.arms;
    note(
      `${percent(target)}: ${Math.round(point.requestsPerSecond)}/s, slots ${percent(baseline.utilisation)} and ` +
        `${percent(candidate.utilisation)} busy, held ${error(baseline.serviceError.mean)} and ${error(candidate.serviceError.mean)} ms ` +
        `beside the declared time, overhead ${baseline.overhead.mean} and ${candidate.overhead.mean} ms` +
        (point.valid ? '' : `; NO MEASUREMENT: ${point.reasons.join('; ')}`),
    );
    points.push(point);
  }
  const restarts = Array.from({ length: RESTARTS }, (_, i) => FIRST_RESTART_MS + i * RESTART_EVERY_MS);
  const cold = { target: COLD_TARGET, seconds: (FIRST_RESTART_MS + RESTARTS * RESTART_EVERY_MS) / 1000 };
  const fresh = await measure(pointScenario(sized, cold, crashesAt(restarts)), measureOptions);
  return {
    schemaVersion: 1,
    kind: 'calibration',
    name: scenario.name,
    provenance: provenanceOf(scenario, options, runtime),
    declared: {
      baseline: scenario.arms.baseline.service,
      candidate: scenario.arms.candidate.service,
      features: scenario.features.latency,
    },
    probabilities: PROBABILITIES,
    points,
    ...freshOf(fresh, FIRST_RESTART_MS),
  };
}

function provenanceOf(
  scenario: Scenario,
  { choice, mostRps, now }: CalibrateOptions,
  runtime: string,
): Calibration['provenance'] {
  const { arms } = scenario;
  return {
    date: now().toISOString(),
    coalmine: version,
    code: codeVersion(['live']),
    node: process.version,
    onnxruntime: runtimeVersion(runtime),
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? null,
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 2 ** 20),
    load: choice.load === 'k6' ? `k6 ${choice.k6?.version}` : 'builtin',
    featureStore: choice.redis === null ? 'sqlite' : 'redis',
    scenario: { name: scenario.name, hash: scenario.hash, seed: scenario.seed },
    mostRps,
    sessionOptions: SESSION_OPTIONS,
    // Replicas of a live rehearsal run every request alone, so there is one batch size to calibrate.
    maxBatchSize: 1,
    models: { baseline: modelOf(arms.baseline.model), candidate: modelOf(arms.candidate.model) },
  };
}

const modelOf = (name: string | null): object | null =>
  name === null ? null : { name, sha256: loadModel(name).sha256 };

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const error = (ms: number): string => (ms < 0 ? String(ms) : `+${ms}`);
