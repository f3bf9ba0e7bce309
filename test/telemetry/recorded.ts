/** Windows as a world records them: through Cells, from seeded draws. */
import seedrandom from 'seedrandom';
import { Cell, type WindowFrame } from '../../telemetry/cell.ts';
import { sumRows } from '../../telemetry/sum.ts';
import {
  ALL_SEGMENTS,
  type Arm,
  type ArmWindow,
  type LatencyThreshold,
  type ScoreGrid,
  type Window,
  type WindowHeader,
} from '../../telemetry/window.ts';

export const WINDOW_MS = 10_000;
export const thresholds: readonly LatencyThreshold[] = [
  { thresholdMs: 50, operator: '>=' },
  { thresholdMs: 50, operator: '>' },
  { thresholdMs: 200, operator: '>' },
];
export const scoreGrid: ScoreGrid = { low: 0, high: 100, bins: 50 };
export const header = (segments: readonly string[]): WindowHeader => ({
  windowMs: WINDOW_MS,
  arms: ['baseline', 'candidate'],
  segments,
  thresholds,
  scoreGrid,
});

export const newCell = (arm: Arm, segment: string = ALL_SEGMENTS, labelDelayMs = 0): Cell =>
  new Cell(arm, segment, { thresholds, scoreGrid, windowMs: WINDOW_MS, labelDelayMs, hitMs: 0.2 });

export const frameOf = (index: number, weightPercent = 0): WindowFrame => ({
  index,
  startMs: index * WINDOW_MS,
  endMs: (index + 1) * WINDOW_MS,
  weightPercent,
});

/** One request's end, whatever it was. */
export type Event = (cell: Cell) => void;

export function eventsOf(n: number, seed: string): Event[] {
  const draw = seedrandom.alea(seed);
  return Array.from({ length: n }, () => {
    const [kind, latencyMs, score] = [draw(), -30 * Math.log(1 - draw()), 120 * draw() - 10];
    const waitMs = draw() < 0.5 ? 0 : latencyMs * draw();
    return (cell: Cell): void => {
      cell.arrived++;
      if (kind < 0.1)
        return cell.unanswered(kind < 0.03 ? 'failed' : kind < 0.06 ? 'rejected' : 'timedOut', kind < 0.05);
      if (kind < 0.5) cell.hits++;
      else cell.fetched(latencyMs / 3, kind < 0.9);
      cell.answered(latencyMs, waitMs, kind > 0.7);
      cell.scored(score);
      if (kind <= 0.7) cell.labelled(0, kind < 0.3);
      if (cell.arm !== 'candidate' || kind <= 0.7) return;
      if (kind > 0.95) return cell.pairs.lost();
      cell.pairs.complete(latencyMs + 1);
      cell.pairs.scored(score, score + kind, kind > 0.8);
    };
  });
}

/** Windows of `sizes` requests per cell; the arms' "all" rows are the sums of their segments'. */
export function windowsOf(segments: readonly string[], sizes: readonly number[], seed = 'windows'): Window[] {
  const own = segments.length > 1 ? segments.slice(1) : segments;
  return sizes.map((n, index) => {
    const rows = (['baseline', 'candidate'] as const).flatMap((arm): ArmWindow[] => {
      const parts = own.map((segment) => {
        const cell = newCell(arm, segment);
        for (const event of eventsOf(n, `${seed}/${index}/${arm}/${segment}`)) event(cell);
        const fleet = segments.length > 1 ? null : { busyMs: n * 1.25, capacityMs: 96 * WINDOW_MS, readyReplicas: 24 };
        return cell.close(frameOf(index), 0, fleet, arm === 'candidate' && index % 2 === 0);
      });
      return segments.length > 1 ? [sumRows(parts, ALL_SEGMENTS), ...parts] : parts;
    });
    return { index, startMs: index * WINDOW_MS, endMs: (index + 1) * WINDOW_MS, rows };
  });
}
