/** What judgements come to: per scenario, how often the policy is wrong, with an interval that counts what a recording cannot tell. */
import { classify } from '../conclude.ts';
import { clopperPearson } from '../statistics/binomial.ts';
import type { Judged, Judgement } from '../tuning/judge.ts';

export type Ended = 'right' | 'wrong' | 'paused' | 'unknown';

/** `unknown`: the policy leaves the recorded traffic, so only a rehearsal can tell. */
export function endedOf({ provenance }: Pick<Judged, 'provenance'>, { verdict, decidedAtMs }: Judgement): Ended {
  if (verdict === 'off-schedule' || verdict === 'recording-over') return 'unknown';
  const classification = classify(provenance.truth, verdict, decidedAtMs);
  if (classification === 'inconclusive') return 'paused';
  return classification === 'true-promotion' || classification === 'true-rollback' ? 'right' : 'wrong';
}

export interface Interval {
  readonly events: number;
  readonly of: number;
  /** Clopper-Pearson 95 %: from as if none of the unknown had happened, to as if all of them had. */
  readonly low: number;
  readonly high: number;
}

export function intervalOf(events: number, unknown: number, of: number): Interval {
  if (of === 0) return { events, of, low: 0, high: 1 };
  return { events, of, low: clopperPearson(events, of)[0], high: clopperPearson(events + unknown, of)[1] };
}

export interface ScenarioFigures {
  readonly scenario: string;
  readonly candidate: 'healthy' | 'regressed';
  readonly places: readonly number[];
  readonly counts: Readonly<Record<Ended, number>>;
  /** False rollbacks of a healthy candidate; of a regressed one, rollbacks after its onset. */
  readonly rate: Interval;
  /** Of regressions that are stopped: median from onset to decision; null when none is. */
  readonly delayMs: number | null;
}

export function figuresOf(recordings: readonly Judged[], judgements: readonly Judgement[]): readonly ScenarioFigures[] {
  const places = [...recordings.keys()];
  const groups = Map.groupBy(places, (place) => recordings[place]!.provenance.scenario.name);
  return [...groups].map(([scenario, own]): ScenarioFigures => {
    const { candidate } = recordings[own[0]!]!.provenance.truth;
    const ended = own.map((place) => endedOf(recordings[place]!, judgements[place]!));
    const count = (kind: Ended): number => ended.filter((each) => each === kind).length;
    const event: Ended = candidate === 'healthy' ? 'wrong' : 'right';
    const delays = own.flatMap((place, i) =>
      ended[i] === 'right' ? delayOf(recordings[place]!, judgements[place]!) : [],
    );
    return {
      scenario,
      candidate,
      places: own,
      counts: { right: count('right'), wrong: count('wrong'), paused: count('paused'), unknown: count('unknown') },
      rate: intervalOf(count(event), count('unknown'), own.length),
      delayMs: medianOf(delays),
    };
  });
}

function delayOf({ provenance: { truth } }: Judged, { decidedAtMs }: Judgement): number[] {
  return truth.candidate === 'healthy' || decidedAtMs === null ? [] : [decidedAtMs - (truth.onsetMs ?? 0)];
}

/** Nearest rank. */
function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length / 2) - 1)] ?? null;
}
