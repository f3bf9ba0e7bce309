/** Why two runs cannot be compared. */
import type { Outcome } from '../outcome.ts';
import type { WindowHeader } from '../telemetry/window.ts';

/** One of the two runs, as its directory has it. */
export interface ComparedRun {
  readonly path: string;
  readonly outcome: Outcome;
  readonly header: WindowHeader;
}

/** Everything that keeps the runs from being compared, each with the run that it is about; empty when nothing does. */
export function refusals(sim: ComparedRun, live: ComparedRun): { readonly path: string; readonly why: string }[] {
  const found: { path: string; why: string }[] = [];
  const say = ({ path }: ComparedRun, why: string): void => void found.push({ path, why });
  if (sim.outcome.world !== 'sim') say(sim, 'got a live run, expected the simulated one first');
  if (live.outcome.world !== 'live') say(live, 'got a simulated run, expected the live one second');
  const differs = (what: string, of: (run: ComparedRun) => unknown): void => {
    const [a, b] = [sim, live].map((run) => JSON.stringify(of(run)));
    if (a !== b) say(live, `got ${what} ${b}, expected ${a} as in ${sim.path}`);
  };
  differs('scenario hash', ({ outcome }) => outcome.scenario.hash);
  differs('policy hash', ({ outcome }) => outcome.policy.hash);
  differs('seed', ({ outcome }) => outcome.seed);
  differs('time scale', ({ outcome }) => outcome.scenario.timeScale);
  differs('latency thresholds', ({ header }) => header.thresholds);
  differs('telemetry windows of ms', ({ header }) => header.windowMs);
  if (live.outcome.live?.valid === false)
    for (const reason of live.outcome.live.reasons)
      say(live, `got a run that is no measurement (${reason}), expected a valid one`);
  return found;
}
