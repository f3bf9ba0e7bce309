/** One replication: the scenario under a schedule, guards only watching, every window kept. */
import { type Policy, usesControl } from '../controller/policy.ts';
import { rehearse } from '../rehearse.ts';
import { preFlightOf } from '../pre-flight.ts';
import { provenanceOf } from '../provenance.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { type SimOptions, SimWorld } from '../sim/world.ts';
import { WindowChecker } from '../telemetry/invariants.ts';
import type { Provenance } from '../telemetry/provenance.ts';
import type { Recording } from '../telemetry/recording.ts';
import { RecordingDigest, RecordingWriter, rowsOf } from '../telemetry/recording.ts';
import type { LatencyThreshold, Window } from '../telemetry/window.ts';
import type { Observation } from '../world.ts';
import { scheduleController } from './schedule.ts';

/** A recording with what stands behind it. */
export interface Replication extends Recording {
  readonly provenance: Provenance;
  /** Identity of header and windows: equal for equal runs. */
  readonly digest: string;
  /** Requests of users. */
  readonly requests: number;
}

export interface RecordOptions {
  /** Exceedance counters to keep: of all policies that will be judged. */
  readonly thresholds: readonly LatencyThreshold[];
  /** Some of those policies tell users apart. Default false. */
  readonly users?: boolean;
  /** Needed when the scenario's content is a table and the rollout is not refused. */
  readonly content: SimOptions['content'];
  /** Parquet file to write; null keeps the recording in memory alone. */
  readonly file: string | null;
  /** Called every evaluation: throws to cut the recording short. */
  readonly check?: (() => void) | undefined;
}

/** Runs `policy`'s schedule to its end. Nothing is written when it throws. */
export async function record(scenario: Scenario, policy: Policy, options: RecordOptions): Promise<Replication> {
  const preFlight = preFlightOf(scenario);
  const refused = policy.requireCompatibleSchemas && preFlight.schemaIssues.length > 0;
  const { thresholds } = options;
  const world = await SimWorld.open(scenario, {
    thresholds,
    content: refused ? null : options.content,
    control: usesControl(policy),
    users: options.users === true,
  });
  const { header } = world;
  const writer = options.file === null ? null : await RecordingWriter.open(options.file, header);
  try {
    const windows: Window[] = [];
    const digest = new RecordingDigest(header);
    const checker = new WindowChecker();
    let last: Observation | null = null;
    const { state } = await rehearse(world, scheduleController, policy, preFlight, {
      window(window) {
        checker.check(window);
        windows.push(window);
        const rows = rowsOf(window);
        digest.add(rows);
        writer?.add(rows);
      },
      step({ actions }, observation) {
        options.check?.();
        checker.acted(actions, observation?.nowMs ?? 0);
        last = observation;
      },
    });
    const provenance = provenanceOf(scenario, preFlight, state, last);
    await writer?.finish(provenance);
    return { header, windows, provenance, digest: digest.close(), requests: world.arrivedTotal };
  } finally {
    writer?.abort();
    await world.close();
  }
}
