/** What became of every segment of a rollout: when it met the candidate, what the two arms did there, and what its guards said. */
import type { Guard } from '../controller/policy.ts';
import { TimeTotal } from '../telemetry/histogram.ts';
import { ScoreTotal } from '../telemetry/scores.ts';
import type { Arm, ArmWindow, ScoreGrid, Window } from '../telemetry/window.ts';
import { verdictsByGuard } from './guard-log.ts';
import type { RunData } from './run-data.ts';

/** One arm in one segment, over the windows in which users there met both. */
export interface CityArm {
  readonly requests: number;
  readonly scoreMedian: number | null;
  readonly fetchMsP99: number | null;
  readonly latencyMsP95: number | null;
  readonly outcomeRatio: number | null;
}

export type CityVerdict = 'passed' | 'stopped here' | 'inconclusive' | 'not reached';

export interface City {
  readonly segment: string;
  /** When the candidate first answered users here, and in which stage; null when it never did. */
  readonly openedMs: number | null;
  readonly openedIn: string | null;
  readonly baseline: CityArm;
  readonly candidate: CityArm;
  readonly verdict: CityVerdict;
  /** The guard that ended the rollout here, or the one that could not know; null otherwise. */
  readonly guard: string | null;
  /** Alerts told about it. */
  readonly alerts: readonly string[];
}

/** Segments in the order of the scenario; empty when it has none. */
export function citiesOf(run: RunData): readonly City[] {
  return run.header.segments.length < 2 ? [] : run.header.segments.slice(1).map((segment) => cityOf(run, segment));
}

function cityOf(run: RunData, segment: string): City {
  const { outcome, windows } = run;
  const opening = outcome.stages.find(
    ({ weightPercent, segments }) => weightPercent > 0 && (segments === undefined || segments.includes(segment)),
  );
  const opened = opening !== undefined && (opening.endMs > opening.startMs || outcome.verdict === 'promoted');
  const shared = windows.filter((window) => served(rowOf(window, 'candidate', segment)) > 0);
  const { verdict, guard } = verdictOf(run, segment, opened);
  return {
    segment,
    openedMs: opened ? opening.startMs : null,
    openedIn: opened ? opening.name : null,
    baseline: armOf(shared, 'baseline', segment, run.header.scoreGrid),
    candidate: armOf(shared, 'candidate', segment, run.header.scoreGrid),
    verdict,
    guard,
    alerts: outcome.alerts.filter(({ guard: name }) => guardIn(run, name)?.segment === segment).map((a) => a.guard),
  };
}

export const rowOf = (window: Window, arm: Arm, segment: string): ArmWindow | undefined =>
  window.rows.find((row) => row.arm === arm && row.segment === segment);

/** Requests of users whose outcome is known. */
const served = (row: ArmWindow | undefined): number => (row === undefined ? 0 : row.requests - row.mirrored);

const guardIn = ({ policy }: RunData, name: string): Guard | undefined =>
  policy.guards.find((guard) => guard.name === name);

function verdictOf(run: RunData, segment: string, opened: boolean): { verdict: CityVerdict; guard: string | null } {
  const { outcome, log, policy } = run;
  const ended = outcome.guard;
  if (ended?.segment === segment && outcome.verdict === 'rolled-back')
    return { verdict: 'stopped here', guard: ended.name };
  if (!opened) return { verdict: 'not reached', guard: null };
  // Only what is required keeps a city from passing; its last word counts.
  for (const [guard, verdicts] of verdictsByGuard(log, policy))
    if (guard.segment === segment && guard.requiredToAdvance && verdicts.at(-1)?.verdict !== 'pass')
      return { verdict: 'inconclusive', guard: guard.name };
  return { verdict: 'passed', guard: null };
}

function armOf(windows: readonly Window[], arm: Arm, segment: string, grid: ScoreGrid): CityArm {
  const scores = new ScoreTotal(grid);
  const fetch = new TimeTotal();
  const latency = new TimeTotal();
  let [requests, impressions, outcomes] = [0, 0, 0];
  for (const window of windows) {
    const row = rowOf(window, arm, segment);
    if (row === undefined) continue;
    scores.add(row.scores);
    fetch.add(row.featureFetch);
    latency.add(row.latency);
    requests += served(row);
    impressions += row.impressions;
    outcomes += row.outcomes;
  }
  const found = {
    requests,
    scoreMedian: scores.quantile(0.5),
    fetchMsP99: fetch.quantile(0.99),
    latencyMsP95: latency.quantile(0.95),
    outcomeRatio: impressions === 0 ? null : outcomes / impressions,
  };
  fetch.destroy();
  latency.destroy();
  return found;
}

/** candidate/baseline − 1; null where it means nothing. */
export const shiftOf = (baseline: number | null, candidate: number | null): number | null =>
  baseline === null || candidate === null || baseline === 0 ? null : candidate / baseline - 1;
