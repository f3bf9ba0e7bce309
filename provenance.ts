import type { ControllerState, PreFlight } from './controller/decision.ts';
import type { Scenario } from './scenarios/scenario.ts';
import type { Provenance } from './telemetry/provenance.ts';
import type { Observation } from './world.ts';

/** What a recording must say about itself to be judged by another policy. */
export function provenanceOf(
  { name, hash, timeScale, seed, truth }: Scenario,
  preFlight: PreFlight,
  { stages, verdict }: Pick<ControllerState, 'stages' | 'verdict'>,
  last: Observation | null,
): Provenance {
  const endMs = last?.nowMs ?? 0;
  return {
    scenario: { name, hash, timeScale },
    seed,
    truth,
    schemaIssues: preFlight.schemaIssues,
    stages: stages.map((stage) => ({ ...stage, endMs: stage.endMs ?? endMs })),
    endMs,
    trafficEnded: last?.trafficEnded ?? false,
    complete: verdict === 'promoted',
  };
}
