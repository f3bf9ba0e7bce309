/** A rollout against real servers that is over in seconds: its files, the world itself, and the processes it consists of. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { LatencyThreshold, ArmWindow, Window } from '../../../telemetry/window.ts';
import { openLive, type LiveOptions, type OpenLive } from '../../../live/open.ts';
import { dataFile } from '../../../models/files.ts';
import { RUNTIME } from '../../../models/runtime.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { sqlPath, withDuckdb } from '../../../storage/duckdb.ts';

/** Requests of one day are enough, and read in a moment. */
const CONTENT_ROWS = 2000;

export const POLICY = `name: tiny-live
evaluateEvery: 1s
stages:
  - { name: shadow, weight: 0%, mirror: 100%, hold: 3s }
  - { name: canary, weight: 50%, hold: 4s }
  - { name: full, weight: 100%, hold: 0 }
guards:
  - name: scores
    metric: score median
    breachWhen: { change: 50%, relativeTo: baseline }
    sustained: { for: 2s, reading: pooled }
    action: roll-back
    requiredToAdvance: true
    minSamples: 20
    stages: [shadow]
  - name: errors
    metric: error-ratio
    breachWhen: "> 20%"
    sustained: { for: 2s, reading: pooled }
    action: roll-back
    requiredToAdvance: true
    minSamples: 20
    stages: [canary]
rollback: { deadline: 1m, preWarm: true, verify: 1s }
`;

export interface TinyOptions {
  readonly rate?: number;
  /** Fields of an arm that are otherwise than usual, in YAML. */
  readonly baseline?: Readonly<Record<string, string>>;
  readonly candidate?: Readonly<Record<string, string>>;
  readonly features?: string;
  readonly faults?: string;
  readonly more?: string;
}

const armOf = (model: string, changes: Readonly<Record<string, string>> = {}): string => {
  const usual = { service: '{ kind: constant, value: 10ms }', replicas: '1', slots: '8', timeout: '2s' };
  const fields = Object.entries({ model, ...usual, ...changes }).map(([name, value]) => `${name}: ${value}`);
  return `{ ${fields.join(', ')} }`;
};

const FEATURES = '{ latency: { kind: constant, value: 4ms }, cache: { capacity: 100, scope: replica, eviction: lru } }';

/** The scenario's text; it names content.parquet and tiny-policy.yaml beside it. */
export const tinyLive = ({
  rate = 60,
  baseline,
  candidate,
  features = FEATURES,
  faults = '[]',
  more = '',
}: TinyOptions = {}): string => `name: tiny-live
seed: 5
traffic:
  requests: 1k
  rate: ${rate}/s
  keys: { count: 200, zipf: 0.9 }
  users: 10k
  content: content.parquet
arms:
  baseline: ${armOf('eta-baseline', baseline)}
  candidate: ${armOf('eta-candidate', candidate)}
features: ${features}
outcomes: { kind: acceptance, tolerance: 15 }
faults: ${faults}
policy: tiny-policy.yaml
window: 1s
${more}
`;

/** A folder with the scenario as tiny.yaml, its policy and its content. */
export async function tinyFolder(text: string, policy: string = POLICY): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-live-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tiny.yaml'), text);
  writeFileSync(join(folder, 'tiny-policy.yaml'), policy);
  await withDuckdb(async (connection) => {
    const june = sqlPath(dataFile('flights-june.parquet'));
    const content = sqlPath(join(folder, 'content.parquet'));
    await connection.run(`copy (from read_parquet(${june}) limit ${CONTENT_ROWS}) to ${content} (format parquet)`);
  });
  return folder;
}

export async function tinyScenario(options: TinyOptions): Promise<Scenario> {
  return loadScenario(join(await tinyFolder(tinyLive(options)), 'tiny.yaml')).scenario;
}

export const THRESHOLDS: readonly LatencyThreshold[] = [{ thresholdMs: 500, operator: '>' }];

/** A live world that is closed when the test ends, under the built-in load for `untilMs`. */
export async function startWorld(
  scenario: Scenario,
  untilMs: number,
  options: Partial<LiveOptions> = {},
): Promise<OpenLive> {
  const live = await openLive(scenario, {
    thresholds: THRESHOLDS,
    untilMs,
    stages: [],
    load: 'builtin',
    k6: null,
    redis: null,
    runtime: RUNTIME,
    ...options,
  });
  onTestFinished(() => live.world.close());
  return live;
}

/** The row of all segments of an arm in a window. */
export const rowOf = (window: Window, arm: 'baseline' | 'candidate'): ArmWindow =>
  window.rows.find((row) => row.arm === arm && row.segment === 'all')!;

/** Numbers and command lines of the processes that descend from `pid`. Only those: nobody else's are looked at. */
export function descendants(pid: number): { pid: number; command: string }[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
      return match === null ? [] : [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3]! }];
    });
  const found: { pid: number; command: string }[] = [];
  const visit = (parent: number): void => {
    for (const each of all.filter((one) => one.parent === parent && !one.command.startsWith('ps '))) {
      found.push({ pid: each.pid, command: each.command });
      visit(each.pid);
    }
  };
  visit(pid);
  return found;
}

/** How the system says a process is: R, S, T (stopped) …; empty when it is gone. */
export function stateOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when none of these processes is left; rejects after `withinMs`. */
export async function allGone(pids: readonly number[], withinMs: number): Promise<void> {
  const startedMs = performance.now();
  while (pids.some(isRunning)) {
    if (performance.now() - startedMs > withinMs)
      throw new Error(`still running after ${withinMs} ms: ${pids.filter(isRunning).join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
