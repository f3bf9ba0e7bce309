/** Many rollouts at once, without a simulator: window counts are drawn, and the real controller is asked what it makes of them. */
import { begin, decide } from '../../controller/decide.ts';
import { readsUsers } from '../../controller/needs.ts';
import type { Guard, Policy } from '../../controller/policy.ts';
import { Stream } from '../../sim/random.ts';
import { USER_CLUSTERS } from '../../sim/users.ts';
import type { Arm, ArmWindow, WindowHeader } from '../../telemetry/window.ts';
import { thresholdsOf } from '../../controller/thresholds.ts';
import { rowOf } from '../../test/controller/support.ts';
import type { Counts } from './draw.ts';

export const MINUTE = 60_000;

/** What an arm does in every window: its requests, and how many of them are errors, positive outcomes, beyond each latency threshold. */
export interface ArmCounts {
  readonly requests: number;
  readonly errors?: Counts;
  readonly outcomes?: Counts;
  /** Beyond the one latency threshold of the policy, whichever its operator. */
  readonly over?: Counts;
  /** What counts do not say, such as measures and mirrored pairs. */
  readonly more?: (stream: Stream) => Partial<ArmWindow>;
}

/** Both arms, window by window: `at` is the number of the window. */
export type WindowWorld = (at: number) => Readonly<Partial<Record<Arm, ArmCounts>>>;

/** When a guard was first broken in each rollout that broke it, in windows. */
export type Alarms = ReadonlyMap<string, readonly number[]>;

/** Of one rollout: by guard, when it was first broken; guards that never were are not there. */
export type Breaches = ReadonlyMap<string, number>;

/** First breaches of every guard, over all rollouts (see `breachesOf`). */
export function alarmsOf(policy: Policy, world: WindowWorld, rollouts: number, windows: number, seed: string): Alarms {
  const each = breachesOf(policy, world, rollouts, windows, seed);
  const of = (name: string): number[] => each.flatMap((breaches) => breaches.get(name) ?? []);
  return new Map(policy.guards.map(({ name }) => [name, of(name)]));
}

/**
 * First breaches of every guard in each of `rollouts` independent rollouts of `windows` windows in the policy's first stage. The guards must
 * not end the rollout (`alert`, `hold`, `watch`), so that each is judged to the end.
 */
export function breachesOf(
  policy: Policy,
  world: WindowWorld,
  rollouts: number,
  windows: number,
  seed: string,
): readonly Breaches[] {
  const stream = new Stream(seed);
  const header: WindowHeader = {
    windowMs: policy.evaluateEveryMs,
    arms: ['baseline', 'candidate', 'control'],
    segments: ['all'],
    thresholds: thresholdsOf(policy),
    scoreGrid: { low: 0, high: 1, bins: 100 },
    ...measuredBy(policy),
    ...(readsUsers(policy) ? { userClusters: USER_CLUSTERS.clusters } : {}),
  };
  return Array.from({ length: rollouts }, () => {
    const first = new Map<string, number>();
    const open = new Set(policy.guards.map(({ name }) => name));
    // Guards do not know of each other, so one that has alarmed need not be asked again.
    let asked = policy;
    let { state } = begin(policy, { schemaIssues: [] }, header);
    for (let at = 0; at < windows && open.size > 0; at++) {
      const rows = Object.entries(world(at)).map(([arm, counts]) => drawn(arm as Arm, at, counts, header, stream));
      const startMs = at * header.windowMs;
      const endMs = startMs + header.windowMs;
      const window = { index: at, startMs, endMs, rows };
      const step = decide(asked, state, { nowMs: endMs, windows: [window], arms: [], trafficEnded: false });
      state = step.state;
      const before = open.size;
      for (const { guard, verdict } of step.verdicts)
        if (verdict === 'breach' && open.delete(guard)) first.set(guard, at + 1);
      if (open.size < before) asked = { ...policy, guards: policy.guards.filter(({ name }) => open.has(name)) };
    }
    return first;
  });
}

/** The measures that guards read, in steps of 1. */
function measuredBy({ guards }: Policy): Pick<WindowHeader, 'measures'> {
  const names = new Set(guards.flatMap(({ metric }) => (metric.kind === 'measure' ? [metric.name] : [])));
  return names.size === 0 ? {} : { measures: [...names].map((name) => ({ name, description: name, step: 1 })) };
}

function drawn(arm: Arm, index: number, counts: ArmCounts, header: WindowHeader, stream: Stream): ArmWindow {
  const { requests } = counts;
  const errors = counts.errors?.draw(stream) ?? 0;
  const over = counts.over?.draw(stream) ?? 0;
  const outcomes = counts.outcomes?.draw(stream) ?? 0;
  const impressions = counts.outcomes === undefined ? 0 : requests;
  const counted = { requests, errors, over: header.thresholds.map(() => over), impressions, outcomes };
  const changes = { ...counted, ...counts.more?.(stream) };
  return rowOf(arm, index, changes, header.windowMs);
}

/** A policy of one long stage at this weight, in which every guard only tells. */
export function watching(guards: readonly Guard[], weightPercent: number, windows: number): Policy {
  const stage = {
    name: 'canary',
    weightPercent,
    mirrorPercent: 0,
    controlPercent: 0,
    holdMs: windows * MINUTE,
    extendMs: 0,
  };
  return {
    name: 'readings',
    description: null,
    dialect: 'coalmine',
    evaluateEveryMs: MINUTE,
    maxGap: 5,
    coverage: 0.8,
    requireCompatibleSchemas: true,
    stages: [stage, { name: 'full', weightPercent: 100, mirrorPercent: 0, controlPercent: 0, holdMs: 0, extendMs: 0 }],
    guards,
    rollback: { deadlineMs: 2 * MINUTE, preWarm: false, verifyMs: 0 },
  };
}

type Rule = Pick<Guard, 'name' | 'metric' | 'bound'> & Partial<Guard>;

/** A guard that only tells, without a minimum of samples: the readings are compared as they are. */
export const telling = (rule: Rule): Guard => ({
  description: null,
  sustained: null,
  test: null,
  delayMs: 0,
  action: 'alert',
  stages: null,
  segment: 'all',
  requiredToAdvance: false,
  minSamples: 1,
  minPositives: 0,
  carryOver: false,
  ...rule,
});
