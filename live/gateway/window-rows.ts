import type { FleetFigures } from '../../telemetry/cell.ts';
import { sumRows } from '../../telemetry/sum.ts';
import { ALL_SEGMENTS, type ArmWindow, type Window } from '../../telemetry/window.ts';
import type { ByArm, WindowParts } from './messages.ts';
import { GATEWAY_ARMS, type GatewayArm } from './options.ts';

/**
 * The window as the controller reads it: each arm's segments, after their sum when there are several. Summing histograms takes
 * milliseconds, which is why it is not done in the gateway's process. The sum bears the weight of those that are shared out.
 */
export function windowOf({ index, startMs, endMs, weightPercent, rows }: WindowParts): Window {
  const all = GATEWAY_ARMS.flatMap((arm): ArmWindow[] => {
    const parts = rows.filter((row) => row.arm === arm);
    if (parts.length === 1) return parts;
    const weight = arm === 'candidate' ? weightPercent : 100 - weightPercent;
    return [{ ...sumRows(parts, ALL_SEGMENTS), weightPercent: weight }, ...parts];
  });
  return { index, startMs, endMs, rows: all };
}

/** The window with what only the world knows: slot time and ready replicas, on the rows of all segments. */
export function withFleetFigures(window: Window, figures: ByArm<FleetFigures>): Window {
  const rows = window.rows.map((row) =>
    row.segment === ALL_SEGMENTS ? { ...row, ...figures[row.arm as GatewayArm] } : row,
  );
  return { ...window, rows };
}
