import type { Outcome } from '../outcome.ts';
import type { Window, WindowHeader } from '../telemetry/window.ts';
import type { ArmComparison, Comparison, Ending, Figure, Sensitivity, StageComparison, Status } from './comparison.ts';
import { armFigures, busyShare, ratioFigures } from './figures.ts';
import { pair, type PairedArm } from './pairing.ts';

/** A run as it is compared. */
export interface RunToCompare {
  readonly outcome: Outcome;
  readonly header: WindowHeader;
  readonly windows: readonly Window[];
}

/** Probabilities of the Q–Q plots: even in the middle, and by halves of what is left towards the tail. */
const QQ: readonly number[] = [
  ...Array.from({ length: 47 }, (_, i) => (i + 1) / 50),
  0.95,
  0.96,
  0.97,
  0.98,
  ...Array.from({ length: 12 }, (_, i) => 1 - 0.01 / 2 ** (i / 2)),
];
/** Answers beyond a quantile that is still drawn. */
const BEYOND = 10;

/** Compares two runs that `refusals` has nothing against. histogramsReady() must have been awaited. */
export function compareRuns(sim: RunToCompare, live: RunToCompare, sensitivity: Sensitivity): Comparison {
  const pairing = pair(sim.windows, live.windows);
  try {
    const [baseline, candidate] = pairing.arms as [PairedArm, PairedArm];
    const ratios = ratioFigures(baseline, candidate, sim.header);
    const arms = pairing.arms.map((arm) => armComparison(arm, sim.header));
    const { scenario, policy, seed, calibration } = sim.outcome;
    const ends = [endingOf(sim.outcome), endingOf(live.outcome)] as const;
    const doubts = pairing.arms.flatMap((arm) => unsure(arm, sensitivity));
    const decided = ends.map(({ decidedAtMs }) => decidedAtMs);
    return {
      schemaVersion: 1,
      kind: 'comparison',
      scenario: { name: scenario.name, hash: scenario.hash, timeScale: scenario.timeScale },
      policy: { name: policy.name, hash: policy.hash },
      seed,
      calibration: calibration === undefined ? null : { name: calibration.name, hash: calibration.hash },
      load: live.outcome.live?.load.generator ?? 'none',
      sim: ends[0],
      live: ends[1],
      agreement: {
        verdict: ends[0].verdict === ends[1].verdict,
        guard: ends[0].guard === ends[1].guard,
        decidedLaterMs: decided[0] == null || decided[1] == null ? null : decided[1] - decided[0],
        figures: countsOf([...ratios, ...arms.flatMap(({ figures }) => figures)]),
        inconclusive: inconclusiveBy(doubts, sensitivity),
      },
      compared: { windows: pairing.windows, ofWindows: pairing.ofWindows },
      ratios,
      arms,
      stages: stagesOf(sim.outcome, live.outcome),
      sensitivity,
      notes: [...new Set([...(calibration?.notes ?? []), ...(live.outcome.live?.deviations ?? [])]), ...doubts],
    };
  } finally {
    pairing.destroy();
  }
}

/** Above this busy share an error of the mean service time beyond that one makes five times as much of the response time. */
const BUSY = 0.8;
const MOST_ERROR = 0.02;

/** What must be said of an arm that is this busy for what is known of its service time, in words. */
export function unsure({ arm, whole }: PairedArm, { error }: Sensitivity): string[] {
  const busy = busyShare(whole.sim) ?? 0;
  if (busy <= BUSY || error[arm] <= MOST_ERROR) return [];
  const sizes = `${Math.round(busy * 100)} % busy, and its mean service time is known to ${(error[arm] * 100).toFixed(1)} % only`;
  return [`the ${arm} is ${sizes}: agreement in p95 and beyond says nothing there (${MOST_ERROR * 100} % would do)`];
}

/** Whether agreement means anything, `doubts` being what `unsure` says of the arms. */
export const inconclusiveBy = (
  doubts: readonly string[],
  { verdicts: { faster, stated, slower } }: Sensitivity,
): Comparison['agreement']['inconclusive'] =>
  doubts.length > 0 || faster !== stated || slower !== stated ? 'calibration' : null;

function armComparison(paired: PairedArm, header: WindowHeader): ArmComparison {
  const { sim, live } = paired.whole;
  const answers = Math.min(sim.latency.count, live.latency.count);
  const known = QQ.filter((p) => answers * (1 - p) >= BEYOND);
  return {
    arm: paired.arm,
    requests: { sim: sim.requests, live: live.requests },
    figures: armFigures(paired, header),
    quantiles: known.map((p) => [p, sim.latency.quantile(p)!, live.latency.quantile(p)!]),
  };
}

function endingOf({ verdict, guard, decidedAtMs, detectionDelayMs, rollback, digest }: Outcome): Ending {
  const completeMs = rollback?.completeMs ?? null;
  return {
    verdict,
    guard: guard?.name ?? null,
    decidedAtMs,
    detectionDelayMs,
    rollbackMs: rollback === null || completeMs === null ? null : completeMs - rollback.decidedAtMs,
    digest,
  };
}

function stagesOf(sim: Outcome, live: Outcome): StageComparison[] {
  const names = [...new Set([...sim.stages, ...live.stages].map(({ name }) => name))];
  return names.map((name) => {
    const of = ({ stages }: Outcome): StageComparison['sim'] => {
      const stage = stages.find((each) => each.name === name);
      return stage === undefined ? null : { startMs: stage.startMs, requests: stage.requests };
    };
    return { name, sim: of(sim), live: of(live) };
  });
}

function countsOf(figures: readonly Figure[]): Record<Status, number> {
  const counts = { agrees: 0, differs: 0, 'too few samples': 0 };
  for (const { status } of figures) counts[status]++;
  return counts;
}
