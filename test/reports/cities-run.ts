/** A rollout city by city in a small simulated world, as a report reads it. */
import { conclude } from '../../conclude.ts';
import { controller } from '../../controller/decide.ts';
import type { Decision } from '../../controller/decision.ts';
import { perSegment } from '../../controller/per-segment.ts';
import { thresholdsOf } from '../../controller/thresholds.ts';
import { Ledger } from '../../ledger.ts';
import type { LogLine } from '../../outcome.ts';
import { preFlightOf } from '../../pre-flight.ts';
import { rehearse } from '../../rehearse.ts';
import type { RunData } from '../../reports/run-data.ts';
import type { Fault } from '../../scenarios/scenario.ts';
import { SimWorld } from '../../sim/world.ts';
import type { Window } from '../../telemetry/window.ts';
import { guardOf, policyOf, stageOf } from '../controller/support.ts';
import { CITIES, citiesOf, contentOfCities } from '../sim/cities.ts';

const SECOND = 1000;
const held = { holdMs: 20 * SECOND, extendMs: 10 * SECOND };

const POLICY = perSegment(
  policyOf({
    evaluateEveryMs: 5 * SECOND,
    stages: [
      stageOf('city', 20, { ...held, segments: ['ATL'] }),
      stageOf('two', 20, { ...held, segments: ['ATL', 'LAX'] }),
      stageOf('world', 50, held),
      stageOf('full', 100, { holdMs: 0, extendMs: 0 }),
    ],
    guards: [
      guardOf({
        name: 'shift',
        segment: 'each',
        metric: { kind: 'score', quantile: 0.5 },
        bound: { kind: 'relative', to: 'baseline', direction: 'either', by: 0.1 },
        sustained: { forMs: 10 * SECOND, reading: 'pooled' },
      }),
      guardOf({
        name: 'p95',
        metric: { kind: 'latency', quantile: 0.95 },
        bound: { kind: 'absolute', breachWhen: '>', value: 50 },
        sustained: { forMs: 10 * SECOND, reading: 'pooled' },
        requiredToAdvance: false,
      }),
    ],
  }),
  CITIES,
);

export async function citiesRun(faults: readonly Fault[]): Promise<RunData> {
  const scenario = citiesOf({ faults });
  const world = await SimWorld.open(scenario, { thresholds: thresholdsOf(POLICY), content: contentOfCities() });
  const ledger = new Ledger(world.header);
  const windows: Window[] = [];
  const decisions: Decision[] = [];
  const log: LogLine[] = [];
  const { state, endMs } = await rehearse(world, controller, POLICY, preFlightOf(scenario), {
    window(window) {
      windows.push(window);
      ledger.add(window);
    },
    step(step) {
      decisions.push(...step.decisions);
      for (const decision of step.decisions) log.push({ type: 'decision', ...decision });
      for (const verdict of step.verdicts) log.push({ type: 'verdict', ...verdict });
    },
  });
  await world.close();
  const conclusion = conclude({
    world: 'sim',
    scenario,
    policy: POLICY,
    policyHash: 'sha256:x',
    state,
    decisions,
    ledger,
    endMs,
  });
  ledger.destroy();
  const timing = { wallMs: 1, simulatedMs: endMs, requestsPerSecond: 1, peakRssMb: 1 };
  const outcome = { ...conclusion, coalmine: '0', node: '0', digest: 'sha256:x', timing };
  return { outcome, log, policy: POLICY, header: world.header, windows };
}
