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
import { type FullJudgement, type Judgement, judge } from '../../tuning/judge.ts';
import { judgeAll } from '../../tuning/judge-all.ts';
import { thresholdsOfAll } from '../../tuning/plan.ts';
import { record } from '../../tuning/record.ts';
import { scheduleKey, scheduleOf } from '../../tuning/schedule.ts';
import type { Observation } from '../../world.ts';
import type { ScoredContent } from '../../sim/answers.ts';
import { CITIES, contentOfCities } from '../sim/cities.ts';
import { type Extras, stagesWith, testedPolicy } from './tested-policy.ts';
import { policyHash } from '../../controller/policy-hash.ts';
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
async function rehearsed(scenario: Scenario, policy: Policy, content: ScoredContent | null): Promise<Rehearsed> {
  const world = await SimWorld.open(scenario, {
    thresholds: thresholdsOf(policy),
    content,
    control: policy.stages.some(({ controlPercent }) => controlPercent > 0),
  });
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

const brief = ({ verdict, decidedAtMs, stage, guard }: Judgement): Judgement => ({
  verdict,
  decidedAtMs,
  stage,
  guard,
});

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

/** Worlds and what they have beside two arms. Half of the policies are of bounds alone, half have tests in them. */
const CASES: readonly { readonly name: string; readonly world: string; readonly extras: Extras }[] = [
  ...Object.keys(WORLDS).map((name) => ({ name, world: name, extras: { segments: [], control: false } })),
  { name: 'failing, by city', world: 'failing', extras: { segments: CITIES, control: false } },
  { name: 'slow, with a control cohort', world: 'slow', extras: { segments: [], control: true } },
];
const EACH_WORLD = 36;

describe('INV-10: 216 random policies are judged as they would be rehearsed', () => {
  const seen = new Map<string, number>();
  const methods = new Map<string, number>();
  const policies = new Set<string>();
  test.each(CASES)('in the world $name', async ({ name, world, extras }) => {
    const isByCity = extras.segments.length > 0;
    const plain = worldOf(world);
    const scenario = { ...plain, traffic: { ...plain.traffic, segments: extras.segments } };
    const content = isByCity ? contentOfCities() : null;
    const [some] = fc.sample(randomPolicy, { numRuns: 1, seed: 1 });
    const any = { ...some!, stages: stagesWith(extras, some!.stages) };
    const recording = await record(scenario, any, { thresholds: COUNTERS, content, file: null });
    const all: Policy[] = [];
    const check = async (policy: Policy): Promise<void> => {
      const judged = judge(policy, recording);
      all.push(policy);
      const real = await rehearsed(scenario, policy, content);
      expectSame(judged, real);
      policies.add(policyHash(policy));
      seen.set(judged.verdict, (seen.get(judged.verdict) ?? 0) + 1);
      for (const { test: asked, segment, bound } of policy.guards) {
        const kinds = [
          asked?.method,
          segment === 'all' ? undefined : 'segment',
          bound?.kind === 'relative' ? (bound.earlier === true ? 'earlier' : bound.to) : undefined,
        ];
        for (const kind of kinds) if (kind !== undefined) methods.set(kind, (methods.get(kind) ?? 0) + 1);
      }
      // The rehearsal's own recording, judged by its own policy, tells all of it, extensions included.
      const again = judge(policy, real);
      expect(again.verdict).toBe(real.verdict);
      expect(again.decidedAtMs).toBe(real.decidedAtMs);
      if (judged.verdict === 'promoted') {
        const sum = harmUntil(recording, policy, judged.decidedAtMs!);
        expect(sum).toEqual(harmUntil(real, policy, Number.POSITIVE_INFINITY));
      }
    };
    // Seeded by world: no policy is asked twice.
    const seed = CASES.findIndex((each) => each.name === name) + 7;
    const bounds = randomPolicy.map((policy) => ({ ...policy, stages: stagesWith(extras, policy.stages) }));
    await fc.assert(fc.asyncProperty(bounds, check), { numRuns: EACH_WORLD / 2, seed });
    await fc.assert(fc.asyncProperty(testedPolicy(extras), check), { numRuns: EACH_WORLD / 2, seed });
    // All at once: what a guard says is worked out once, from sums or step by step, whatever policies it stands in.
    expect(judgeAll(all, recording)).toEqual(all.map((policy) => brief(judge(policy, recording))));
  });

  test('no two of them are the same, and among them were all kinds of endings, tests, segments and references', () => {
    expect(policies.size).toBe(EACH_WORLD * CASES.length);
    for (const verdict of ['promoted', 'rolled-back', 'paused', 'off-schedule'])
      expect(seen.get(verdict) ?? 0, verdict).toBeGreaterThan(5);
    const kinds = [
      'e-process',
      'betting',
      'two-arm',
      'ratio-sequence',
      'quantile-sequence',
      'burn-rate',
      'mann-whitney',
    ];
    for (const kind of [...kinds, 'segment', 'earlier', 'baseline', 'control'])
      expect(methods.get(kind) ?? 0, `${kind} of ${JSON.stringify([...methods])}`).toBeGreaterThan(5);
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
