/** INV-10: a recording judged by a policy gives the decisions that the policy makes in the world, up to its first action. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { controller } from '../../controller/decide.ts';
import type { Decision, GuardVerdict } from '../../controller/decision.ts';
import type { Policy } from '../../controller/policy.ts';
import { rehearse } from '../../rehearse.ts';
import { preFlightOf } from '../../pre-flight.ts';
import { provenanceOf } from '../../provenance.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { SimWorld } from '../../sim/world.ts';
import type { Provenance } from '../../telemetry/provenance.ts';
import type { Window } from '../../telemetry/window.ts';
import { thresholdsOf } from '../../controller/thresholds.ts';
import { harmUntil } from '../../tuning/harm.ts';
import { type FullJudgement, judge } from '../../tuning/judge.ts';
import { thresholdsOfAll } from '../../tuning/plan.ts';
import { record } from '../../tuning/record.ts';
import { scheduleKey, scheduleOf } from '../../tuning/schedule.ts';
import type { Observation } from '../../world.ts';
import { LATENCIES_MS, randomPolicy } from './random-policy.ts';
import { WORLDS, worldOf } from './worlds.ts';

interface Rehearsed {
  readonly verdict: string;
  readonly decidedAtMs: number | null;
  readonly guard: string | null;
  readonly decisions: readonly Decision[];
  readonly verdicts: readonly GuardVerdict[];
  readonly windows: readonly Window[];
  readonly provenance: Provenance;
  readonly header: SimWorld['header'];
}

const ENDS = new Set<Decision['kind']>(['roll-back', 'pause', 'promote', 'refuse', 'extend']);

/** The rehearsal of a policy, and its decisions up to the first that leads the traffic elsewhere than the schedule. */
async function rehearsed(scenario: Scenario, policy: Policy): Promise<Rehearsed> {
  const world = await SimWorld.open(scenario, { thresholds: thresholdsOf(policy), content: null });
  const decisions: Decision[] = [];
  const verdicts: GuardVerdict[] = [];
  const windows: Window[] = [];
  let last: Observation | null = null;
  const { state } = await rehearse(world, controller, policy, preFlightOf(scenario), {
    window: (window) => windows.push(window),
    step(step, observation) {
      decisions.push(...step.decisions);
      verdicts.push(...step.verdicts);
      last = observation;
    },
  });
  await world.close();
  const at = decisions.findIndex(({ kind }) => ENDS.has(kind));
  const endMs = decisions[at]!.atMs;
  return {
    verdict: state.verdict,
    decidedAtMs: state.decidedAtMs,
    guard: state.endedBy?.guard ?? null,
    decisions: decisions.slice(0, at + 1),
    verdicts: verdicts.filter(({ atMs }) => atMs <= endMs),
    windows,
    provenance: provenanceOf(scenario, preFlightOf(scenario), state, last),
    header: world.header,
  };
}

function expectSame(judged: FullJudgement, real: Rehearsed): void {
  // What the traffic's end does after an extension is not in the recording either.
  expect(judged.decisions).toEqual(real.decisions);
  expect(judged.verdicts).toEqual(real.verdicts);
  if (judged.verdict === 'off-schedule') {
    expect(real.decisions.at(-1)!.kind).toBe('extend');
    expect(judged.decidedAtMs).toBe(real.decisions.at(-1)!.atMs);
  } else {
    const { verdict, decidedAtMs, guard } = judged;
    expect({ verdict, decidedAtMs, guard }).toEqual({
      verdict: real.verdict,
      decidedAtMs: real.decidedAtMs,
      guard: real.guard,
    });
  }
}

const COUNTERS = thresholdsOfAll(
  LATENCIES_MS.flatMap((value) =>
    (['>', '>='] as const).map((breachWhen): Policy => {
      const [policy] = fc.sample(randomPolicy, { numRuns: 1, seed: 1 });
      const [guard] = policy!.guards;
      const bound = { kind: 'absolute' as const, breachWhen, value };
      return { ...policy!, guards: [{ ...guard!, metric: { kind: 'latency', quantile: 0.95 }, bound }] };
    }),
  ),
);

describe('INV-10: 200 random policies are judged as they would be rehearsed', () => {
  const seen = new Map<string, number>();
  test.each(Object.keys(WORLDS))('in the world %s', async (name) => {
    const scenario = worldOf(name);
    const [any] = fc.sample(randomPolicy, { numRuns: 1, seed: 1 });
    const recording = await record(scenario, any!, { thresholds: COUNTERS, content: null, file: null });
    const check = async (policy: Policy): Promise<void> => {
      const judged = judge(policy, recording);
      const real = await rehearsed(scenario, policy);
      expectSame(judged, real);
      seen.set(judged.verdict, (seen.get(judged.verdict) ?? 0) + 1);
      // The rehearsal's own recording, judged by its own policy, tells all of it, extensions included.
      const again = judge(policy, real);
      expect(again.verdict).toBe(real.verdict);
      expect(again.decidedAtMs).toBe(real.decidedAtMs);
      if (judged.verdict === 'promoted') {
        const sum = harmUntil(recording, policy, judged.decidedAtMs!);
        expect(sum).toEqual(harmUntil(real, policy, Number.POSITIVE_INFINITY));
      }
    };
    await fc.assert(fc.asyncProperty(randomPolicy, check), { numRuns: 50, seed: 7 });
  });

  test('among them were all kinds of endings', () => {
    for (const verdict of ['promoted', 'rolled-back', 'paused', 'off-schedule'])
      expect(seen.get(verdict) ?? 0, verdict).toBeGreaterThan(5);
  });
});

test('policies share recordings when they lead the traffic alike, whatever their guards', () => {
  const [one, two] = fc.sample(randomPolicy, { numRuns: 2, seed: 3 });
  expect(scheduleKey(scheduleOf(one!))).toBe(scheduleKey(scheduleOf(two!)));
  const longer = {
    ...one!,
    stages: one!.stages.map((each, i) => (i === 1 ? { ...each, holdMs: each.holdMs + 1 } : each)),
  };
  expect(scheduleOf(longer).endMs).toBe(scheduleOf(one!).endMs + 10_000);
  const heavier = { ...one!, stages: one!.stages.map((each, i) => (i === 1 ? { ...each, weightPercent: 11 } : each)) };
  const evaluatedTwice = { ...one!, evaluateEveryMs: 5_000 };
  const careless = { ...one!, requireCompatibleSchemas: false };
  for (const other of [longer, heavier, careless])
    expect(scheduleKey(scheduleOf(other))).not.toBe(scheduleKey(scheduleOf(one!)));
  expect(scheduleKey(scheduleOf(evaluatedTwice))).toBe(scheduleKey(scheduleOf(one!)));
});
