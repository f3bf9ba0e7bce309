import type { Scenario } from '../../scenarios/scenario.ts';
import type { ContentRows } from '../content-rows.ts';
import { Faults } from '../faults.ts';
import { ZipfKeys } from '../keys.ts';
import { streamsOf } from '../random.ts';
import { Timeline } from '../timeline.ts';
import { openArrivals, userOf } from './open.ts';
import { BLOCK } from './source.ts';

/** Longest stretch of time made at once, ms. */
const STEP_MS = 60_000;
/** After the faults of the same instant, as in the simulator, which tells its faults of a stage between two stretches. */
const RANK_STAGE = 3;

/** A stage as it will be if the rollout goes as planned: what faults that wait for a stage or a change of the weight need to know. */
export interface PlannedStage {
  readonly name: string;
  readonly startMs: number;
  readonly weightPercent: number;
}

/** Consecutive requests; all arrays are reused for the next piece. */
export interface Requests {
  readonly count: number;
  /** Number of the first one; the others follow. */
  readonly first: number;
  /** ms since the rehearsal began, ascending. */
  readonly timesMs: Float64Array;
  readonly keys: Int32Array;
  readonly users: Int32Array;
  /** Rows of the content table; −1 when the request carries none. */
  readonly contents: Int32Array;
}

export interface RequestOptions {
  /** Where the requests' contents come from. Null: only a trace says, and elsewhere they carry none. */
  readonly contentRows: ContentRows | null;
  /** Null: traffic spikes are left out. Else they are in, as far as their time is known: see `writeSlices`. */
  readonly stages: readonly PlannedStage[] | null;
}

/**
 * The requests of a scenario before `untilMs` exactly as the simulator draws them, from the same streams and through the same
 * faults, in pieces.
 */
export async function* requestsOf(
  scenario: Scenario,
  untilMs: number,
  { contentRows, stages }: RequestOptions,
): AsyncGenerator<Requests, void> {
  const source = openArrivals(scenario);
  const { keys, users } = scenario.traffic;
  const zipf = new ZipfKeys(keys.count, keys.zipf, streamsOf(scenario.seed)('keys'));
  const timeline = new Timeline();
  if (stages !== null) spikes(scenario, stages, timeline, source);
  const piece = {
    timesMs: source.times,
    keys: new Int32Array(BLOCK),
    users: new Int32Array(BLOCK),
    contents: new Int32Array(BLOCK),
  };
  try {
    let first = 0;
    for (let nowMs = 0; nowMs < untilMs && !source.ended; ) {
      nowMs = Math.min(nowMs + STEP_MS, untilMs, timeline.nextMs);
      await source.prepare(nowMs);
      for (let count = source.fill(nowMs); count > 0; count = source.fill(nowMs)) {
        for (let i = 0; i < count; i++) {
          piece.keys[i] = source.keys?.[i] ?? zipf.next();
          piece.users[i] = source.users?.[i] ?? userOf(first + i, users);
          const recorded = source.contents?.[i] ?? -1;
          piece.contents[i] = contentRows === null ? recorded : contentRows.next(recorded);
        }
        yield { ...piece, count, first };
        first += count;
      }
      timeline.runUntil(nowMs);
    }
  } finally {
    await source.close();
  }
}

/** Lets the scenario's traffic spikes act on the arrivals, by the simulator's own faults. */
function spikes(
  scenario: Scenario,
  stages: readonly PlannedStage[],
  timeline: Timeline,
  arrivals: ReturnType<typeof openArrivals>,
): void {
  const ofTraffic = scenario.faults.filter(({ kind }) => kind === 'traffic-spike');
  const faults = new Faults(ofTraffic, { arms: [], replicas: [], arrivals, store: null, timeline });
  let weight = 0;
  for (const { name, startMs, weightPercent } of stages) {
    const changed = weightPercent !== weight;
    weight = weightPercent;
    timeline.add(startMs, RANK_STAGE, (nowMs) => {
      faults.stageBegan(name, nowMs);
      if (changed) faults.weightChanged(nowMs);
    });
  }
}
