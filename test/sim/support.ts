/** Small worlds for the simulator's tests: exact arrivals by a trace, requests as the probe sees them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { loadScenario } from '../../scenarios/load.ts';
import type { Fault, Scenario } from '../../scenarios/scenario.ts';
import { generateTrace } from '../../scenarios/trace/generate.ts';
import { SimWorld } from '../../sim/world.ts';
import type { ArmWindow, Window } from '../../telemetry/window.ts';
import type { Action, ArmStatus } from '../../world.ts';

export const COMPLETED = 0;
export const FAILED = 1;
export const REJECTED = 2;
export const TIMED_OUT = 3;

export interface Request {
  readonly arm: number;
  readonly replica: number;
  readonly arrivalMs: number;
  readonly queuedMs: number;
  readonly startMs: number;
  readonly finishMs: number;
  readonly status: number;
  readonly doneMs: number;
}

export interface Form {
  /** YAML of traffic, e.g. `{ requests: 1k, rate: 100/s }`. */
  readonly traffic?: string;
  /** YAML fields of both arms, e.g. `replicas: 2, slots: 1`. */
  readonly arm?: string;
  readonly baseline?: string;
  readonly candidate?: string;
  readonly features?: string;
  readonly outcomes?: string;
  readonly window?: string;
  readonly seed?: number;
}

/** A scenario without limits or features unless stated: 10 ms constant service on one slot, 100 requests per second. */
export function scenarioOf(form: Form): Scenario {
  const service = 'service: { kind: constant, value: 10ms }';
  const fields = (own: string | undefined): string => {
    const all = [form.arm, own].filter((each) => each !== undefined).join(', ');
    return [/\bservice:/.test(all) ? '' : service, /\breplicas:/.test(all) ? '' : 'replicas: 1', all]
      .filter((each) => each !== '')
      .join(', ');
  };
  const text = `
name: small
traffic: ${form.traffic ?? '{ requests: 1k, rate: 100/s }'}
arms:
  baseline: { ${fields(form.baseline)} }
  candidate: { ${fields(form.candidate)} }
features: ${form.features ?? '{}'}
outcomes: ${form.outcomes ?? 'none'}
window: ${form.window ?? '1s'}
limit: 100d
`;
  return loadScenario('small.yaml', { text, seed: form.seed ?? 7 }).scenario;
}

export const fault = (kind: Fault['kind'], atMs: number, forMs: number, size = 1, arm: Fault['arm'] = null): Fault => ({
  name: kind,
  kind,
  trigger: { on: 'time', atMs },
  forMs,
  arm,
  size,
});

let folder: string | null = null;
let files = 0;
afterAll(() => {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
  folder = null;
});

/** The scenario with exactly these arrivals; a last one long after keeps the world going. */
export async function arrivingAt(
  scenario: Scenario,
  timesMs: readonly number[],
  keys: readonly number[] = [],
): Promise<Scenario> {
  folder ??= mkdtempSync(join(tmpdir(), 'coalmine-sim-'));
  const file = join(folder, `trace-${files++}.parquet`);
  const times = [...timesMs, 80 * 86_400_000];
  const zeros = new Int32Array(times.length);
  const arrivals = {
    timesUs: Float64Array.from(times, (ms) => Math.round(ms * 1000)),
    keys: Int32Array.from(times, (_, i) => keys[i] ?? 0),
    users: zeros,
    contents: zeros,
    segments: new Uint8Array(times.length),
  };
  await generateTrace([arrivals], file);
  const process = { kind: 'trace', file, repeat: false, speedUp: 1 } as const;
  return { ...scenario, traffic: { ...scenario.traffic, arrivals: process } };
}

export interface Run {
  readonly requests: readonly Request[];
  readonly windows: readonly Window[];
  readonly arms: readonly ArmStatus[];
  readonly world: SimWorld;
}

/** Runs to `endMs`, taking actions on the way. */
export async function run(
  scenario: Scenario,
  endMs: number,
  steps: readonly (readonly [atMs: number, ...actions: Action[]])[] = [],
  control = false,
): Promise<Run> {
  const requests: Request[] = [];
  const world = await SimWorld.open(scenario, {
    thresholds: [],
    content: null,
    control,
    probe: {
      dispatched(arm, replica, arrivalMs, queuedMs, startMs, finishMs, status, doneMs) {
        requests.push({ arm, replica, arrivalMs, queuedMs, startMs, finishMs, status, doneMs });
      },
    },
  });
  const windows: Window[] = [];
  for (const [atMs, ...actions] of steps) {
    windows.push(...(await world.advance(atMs)).windows);
    for (const action of actions) world.apply(action);
  }
  const last = await world.advance(endMs);
  windows.push(...last.windows);
  await world.close();
  return { requests, windows, arms: last.arms, world };
}

/** The "all" rows of one arm. */
export const rowsOf = (windows: readonly Window[], arm = 'baseline'): ArmWindow[] =>
  windows.flatMap(({ rows }) => rows.filter((row) => row.arm === arm && row.segment === 'all'));

export const sum = <T>(rows: readonly T[], of: (row: T) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

export const setWeight = (weightPercent: number, stage = 'canary', controlPercent = 0): Action => ({
  kind: 'set-weight',
  weightPercent,
  controlPercent,
  stage,
});
export const mirror = (percent: number, stage = 'shadow'): Action => ({ kind: 'mirror', percent, stage });
