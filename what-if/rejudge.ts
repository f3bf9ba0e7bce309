/** Judges recordings again and again as a policy is changed, with the product's own judges: fast where bounds decide, else `decide`. */
import type { Policy } from '../controller/policy.ts';
import { perSegment } from '../controller/per-segment.ts';
import { scalePolicy } from '../controller/scale-policy.ts';
import { FastJudge, isFast } from '../tuning/fast/judge.ts';
import { type Judged, type Judgement, judge } from '../tuning/judge.ts';
import { isOnSchedule } from '../tuning/schedule.ts';
import type { Unpacked } from './codec.ts';
import { decidingPart } from './guards.ts';
import { PackedGrid } from './packed-quantiles.ts';

type Placed = readonly [place: number, judgement: Judgement];

interface Held {
  readonly recording: Unpacked;
  /** Of the schedule that the page's policies share. */
  readonly isOnSchedule: boolean;
  grid: PackedGrid | null;
}

export class Rejudge {
  readonly recordings: readonly Unpacked[];
  private readonly held: readonly Held[];

  /** `policy`: any of those that will be judged by; they share their stages. */
  constructor(recordings: readonly Unpacked[], policy: Policy) {
    this.recordings = recordings;
    this.held = recordings.map((recording) => ({
      recording,
      isOnSchedule: isOnSchedule(scaledFor(policy, recording), recording.provenance),
      grid: null,
    }));
  }

  /** The recording on the grid of the policy's evaluations. */
  grid(place: number, policy: Policy): PackedGrid {
    const held = this.held[place]!;
    const { recording } = held;
    return (held.grid ??= new PackedGrid(recording, scaledFor(policy, recording).evaluateEveryMs, recording.quantiles));
  }

  /** Judgements in parts that each take about a frame, so that the caller decides when to go on: all the quick ones, then one by one. */
  *run(policy: Policy): Generator<readonly Placed[]> {
    const deciding = decidingPart(policy);
    const judges = new Map<string, FastJudge>();
    const quick: Placed[] = [];
    const slow: number[] = [];
    for (const [place, { recording, isOnSchedule: isLed }] of this.held.entries()) {
      if (!isLed || !isFast(deciding)) {
        slow.push(place);
        continue;
      }
      // Recordings of one scale and the same segments share a policy, and a judge.
      const kind = [recording.provenance.scenario.timeScale, ...recording.header.segments].join('/');
      let fast = judges.get(kind);
      if (fast === undefined) judges.set(kind, (fast = new FastJudge([scaledFor(deciding, recording)])));
      quick.push([place, fast.judge(this.grid(place, policy))[0]!]);
    }
    yield quick;
    for (const place of slow) {
      const { recording } = this.held[place]!;
      const { verdict, decidedAtMs, stage, guard } = judge(scaledFor(deciding, recording), recording);
      yield [[place, { verdict, decidedAtMs, stage, guard }]];
    }
  }

  /** All of them, by place. */
  judge(policy: Policy): readonly Judgement[] {
    const found: Judgement[] = [];
    for (const part of this.run(policy)) for (const [place, judgement] of part) found[place] = judgement;
    return found;
  }
}

/** A policy at the recording's time scale, its guards asked of the recording's segments, as `coalmine judge` takes it. */
export const scaledFor = (policy: Policy, { provenance, header }: Pick<Judged, 'provenance' | 'header'>): Policy =>
  scalePolicy(perSegment(policy, header.segments.slice(1)), provenance.scenario.timeScale);
