/** Carries out a trial in the simulated world and keeps everything that the checks want to see. */
import type { RequestProbe } from '../../sim/probe.ts';
import { SimWorld } from '../../sim/world.ts';
import { WindowChecker } from '../../telemetry/invariants.ts';
import type { ArmWindow, Window } from '../../telemetry/window.ts';
import type { Observation } from '../../world.ts';
import { Batch } from '../theory/batch.ts';
import type { Requests } from './checkers.ts';
import { TRAFFIC_MS, type Trial, WINDOW_MS } from './random-scenario.ts';

/** After the traffic, the world may take this long to finish what it has in hand. */
const DRAIN_MS = 2_000_000;

export interface Finished {
  readonly requests: Requests;
  readonly windows: readonly Window[];
  readonly last: Observation;
  readonly arrivedTotal: number;
  readonly endMs: number;
}

/** Runs the trial until nothing is in flight; the window checker (INV-1, 3, 8, 9) looks on. */
export async function carryOut({ scenario, steps }: Trial): Promise<Finished> {
  const lines: number[][] = [];
  const probe: RequestProbe = {
    dispatched(...line) {
      lines.push(line);
    },
  };
  const world = await SimWorld.open(scenario, {
    thresholds: [{ thresholdMs: 20, operator: '>=' }],
    content: null,
    probe,
  });
  const checker = new WindowChecker();
  const windows: Window[] = [];
  const see = (observation: Observation): Observation => {
    for (const window of observation.windows) {
      checker.check(window);
      windows.push(window);
    }
    return observation;
  };
  let last: Observation | null = null;
  for (const { atMs, actions } of steps) {
    last = see(await world.advance(atMs));
    for (const action of actions) world.apply(action);
    checker.acted(actions, last.nowMs);
  }
  let untilMs = TRAFFIC_MS;
  for (;;) {
    last = see(await world.advance(untilMs));
    const inFlight = last.arms.reduce((sum, each) => sum + each.inFlight, 0);
    if (untilMs > TRAFFIC_MS && inFlight === 0) break;
    if (untilMs > DRAIN_MS) throw new Error(`drain: ${inFlight} requests are in flight at ${untilMs} ms`);
    untilMs += inFlight === 0 ? WINDOW_MS : 4 * WINDOW_MS;
  }
  await world.close();
  return { requests: requestsOf(lines), windows, last, arrivedTotal: world.arrivedTotal, endMs: untilMs };
}

function requestsOf(lines: readonly (readonly number[])[]): Requests {
  const r = new Batch(lines.length);
  for (const [i, [arm, replica, arrival, queued, start, finish, status, done]] of lines.entries()) {
    r.arm[i] = arm!;
    r.replica[i] = replica!;
    r.arrival[i] = arrival!;
    r.queued[i] = queued!;
    r.start[i] = start!;
    r.finish[i] = finish!;
    r.status[i] = status!;
    r.done[i] = done!;
  }
  return r;
}

/** A sum over an arm's windows. */
export const sumOf = (windows: readonly Window[], arm: string, of: (row: ArmWindow) => number): number =>
  windows.reduce(
    (total, { rows }) =>
      total + rows.reduce((sum, row) => (row.arm === arm && row.segment === 'all' ? sum + of(row) : sum), 0),
    0,
  );
