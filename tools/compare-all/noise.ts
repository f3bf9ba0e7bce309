/** What two live runs of the same thing differ by. */
import { armFigures } from '../../comparison/figures.ts';
import { pair } from '../../comparison/pairing.ts';
import { readRun } from '../../run-directory.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import type { ArmFigures } from './tables.ts';

/** Figures of both arms in two run directories, by the rules by which the worlds are compared: the first run stands where the simulated one does. */
export async function noiseOf(first: string, second: string): Promise<ArmFigures[]> {
  await histogramsReady();
  const [one, other] = await Promise.all([readRun(first), readRun(second)]);
  const pairing = pair(one.windows, other.windows);
  try {
    return pairing.arms.map((paired) => ({
      arm: paired.arm,
      requests: { sim: paired.whole.sim.requests, live: paired.whole.live.requests },
      figures: armFigures(paired, one.header),
    }));
  } finally {
    pairing.destroy();
  }
}
