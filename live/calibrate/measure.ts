/** One run of real servers for the sake of its times: the live world itself, half of the requests to each arm. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../../scenarios/scenario.ts';
import { temporaryFolder } from '../../storage/temporary.ts';
import type { ReplicaHandle } from '../fleet/replica-handle.ts';
import { type AnswerSample, readSamples } from '../gateway/samples.ts';
import type { LiveReport } from '../live-report.ts';
import { type LiveOptions, openLive } from '../open.ts';
import type { LiveArm } from '../world.ts';

const HALF_PERCENT = 50;
const STAGE = 'calibration';

/** What a run left. */
export interface Measured {
  readonly scenario: Scenario;
  readonly samples: readonly AnswerSample[];
  readonly report: LiveReport;
  /** Busy share of the slots. */
  readonly utilisation: Readonly<Record<LiveArm, number>>;
  /** Replicas that were started while it ran. */
  readonly fresh: readonly ReplicaHandle[];
}

export type MeasureOptions = Pick<LiveOptions, 'load' | 'k6' | 'redis' | 'runtime' | 'signal' | 'onNote'>;

/** Runs the scenario until its limit. Rejects as `openLive` does. */
export async function measure(scenario: Scenario, options: MeasureOptions): Promise<Measured> {
  const folder = temporaryFolder('calibrate');
  const samplesFile = join(folder, 'samples.f64');
  try {
    const live = await openLive(scenario, {
      ...options,
      thresholds: [],
      untilMs: scenario.limitMs,
      stages: [{ name: STAGE, startMs: 0, weightPercent: HALF_PERCENT }],
      samplesFile,
    });
    try {
      await live.world.apply({ kind: 'set-weight', weightPercent: HALF_PERCENT, stage: STAGE });
      const { windows } = await live.world.advance(scenario.limitMs);
      const report = await live.finish();
      const busyShare = (arm: LiveArm): number => {
        const rows = windows.flatMap((window) => window.rows.filter((row) => row.arm === arm && row.busyMs !== null));
        const sum = (of: 'busyMs' | 'capacityMs'): number => rows.reduce((total, row) => total + row[of]!, 0);
        return sum('busyMs') / sum('capacityMs');
      };
      const { baseline, candidate } = live.world.parts.fleets;
      return {
        scenario,
        samples: readSamples(samplesFile),
        report,
        utilisation: { baseline: busyShare('baseline'), candidate: busyShare('candidate') },
        fresh: [...baseline.all, ...candidate.all].filter(({ fresh }) => fresh),
      };
    } finally {
      await live.world.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
