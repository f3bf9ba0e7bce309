/** Stages about some segments are judged as they are rehearsed, and never on a recording of others. */
import { expect, test } from 'vitest';
import { controller } from '../../controller/decide.ts';
import type { Decision } from '../../controller/decision.ts';
import { perSegment } from '../../controller/per-segment.ts';
import type { Policy } from '../../controller/policy.ts';
import { thresholdsOf } from '../../controller/thresholds.ts';
import { preFlightOf } from '../../pre-flight.ts';
import { rehearse } from '../../rehearse.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { SimWorld } from '../../sim/world.ts';
import { judgeAll } from '../../tuning/judge-all.ts';
import { judge } from '../../tuning/judge.ts';
import { record } from '../../tuning/record.ts';
import { isOnSchedule, scheduleKey, scheduleOf } from '../../tuning/schedule.ts';
import { guardOf, policyOf, stageOf } from '../controller/support.ts';
import { CITIES, citiesOf, contentOfCities } from '../sim/cities.ts';

const SECOND = 1000;
const held = { holdMs: 20 * SECOND, extendMs: 10 * SECOND };

const policyIn = (segments: readonly string[], changes: Partial<Policy> = {}): Policy =>
  perSegment(
    policyOf({
      evaluateEveryMs: 5 * SECOND,
      stages: [
        stageOf('city', 10, { ...held, segments }),
        stageOf('half', 50, held),
        stageOf('full', 100, { holdMs: 0, extendMs: 0 }),
      ],
      guards: [
        guardOf({
          segment: 'each',
          metric: { kind: 'score', quantile: 0.5 },
          bound: { kind: 'relative', to: 'baseline', direction: 'either', by: 0.1 },
          sustained: { forMs: 10 * SECOND, reading: 'pooled' },
        }),
      ],
      ...changes,
    }),
    CITIES,
  );

async function rehearsed(scenario: Scenario, policy: Policy): Promise<{ verdict: string; decisions: Decision[] }> {
  const world = await SimWorld.open(scenario, { thresholds: thresholdsOf(policy), content: contentOfCities() });
  const decisions: Decision[] = [];
  const { state } = await rehearse(world, controller, policy, preFlightOf(scenario), {
    step: (step) => decisions.push(...step.decisions),
  });
  await world.close();
  return { verdict: state.verdict, decisions };
}

test('INV-10: a rollout city by city is judged as it is rehearsed', async () => {
  const policy = policyIn(['LAX']);
  const recording = await record(citiesOf(), policy, { thresholds: [], content: contentOfCities(), file: null });
  expect(isOnSchedule(policy, recording.provenance)).toBe(true);
  const judged = judge(policy, recording);
  const real = await rehearsed(citiesOf(), policy);
  expect(judged.verdict).toBe('promoted');
  expect(judged.verdict).toBe(real.verdict);
  expect(judged.decisions).toEqual(real.decisions);
  expect(judgeAll([policy], recording)[0]).toMatchObject({ verdict: 'promoted', stage: 'full' });
});

test('another city is another schedule', async () => {
  const [lax, atl, both, turned] = [['LAX'], ['ATL'], ['ATL', 'LAX'], ['LAX', 'ATL']].map((c) => policyIn(c));
  const keys = [lax, atl, both].map((policy) => scheduleKey(scheduleOf(policy!)));
  expect(new Set(keys).size).toBe(3);
  const recording = await record(citiesOf(), lax!, { thresholds: [], content: contentOfCities(), file: null });
  expect(judge(atl!, recording)).toMatchObject({ verdict: 'off-schedule', decidedAtMs: 0 });
  const ofBoth = await record(citiesOf(), both!, { thresholds: [], content: contentOfCities(), file: null });
  // The order in which cities are named changes nothing.
  expect(isOnSchedule(turned!, ofBoth.provenance)).toBe(true);
});
