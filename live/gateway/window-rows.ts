import type { FleetFigures } from '../../telemetry/cell.ts';
import { sumRows } from '../../telemetry/sum.ts';
import { ALL_SEGMENTS, type Window } from '../../telemetry/window.ts';
import type { ByArm, WindowParts } from './messages.ts';
import { GATEWAY_ARMS, type GatewayArm } from './options.ts';

/**
 * The window as the controller reads it: each arm's segments, after their sum when there are several. Summing histograms takes
 * milliseconds, which is why it is not done in the gateway's process.
 */
export function windowOf({ index, startMs, endMs, rows }: WindowParts): Window {
  const byArm = GATEWAY_ARMS.map((arm) => rows.filter((row) => row.arm === arm));
  const all = byArm.flatMap((parts) => (parts.length === 1 ? parts : [sumRows(parts, ALL_SEGMENTS), ...parts]));
  return { index, startMs, endMs, rows: all };
}

/** The window with what only the world knows: slot time and ready replicas, on the rows of all segments. */
export function withFleetFigures(window: Window, figures: ByArm<FleetFigures>): Window {
  const rows = window.rows.map((row) =>
    row.segment === ALL_SEGMENTS ? { ...row, ...figures[row.arm as GatewayArm] } : row,
  );
  return { ...window, rows };
}
