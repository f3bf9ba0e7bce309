import { withFleetFigures } from './gateway/window-rows.ts';
import type { FleetFigures } from '../telemetry/cell.ts';
import type { Window } from '../telemetry/window.ts';
import type { LiveFleet } from './fleet/live-fleet.ts';

/** A replica that has not told how busy it is this long after it was asked is not waited for. */
const SAMPLES_WITHIN_MS = 1500;
const LOOK_EVERY_MS = 10;

/** Windows on their way from the gateway to the controller, completed with what the fleets know. */
export class WindowQueue {
  private readonly fleets: { readonly baseline: LiveFleet; readonly candidate: LiveFleet };
  private readonly arrived: Window[] = [];
  private nextIndex = 0;
  /** Fleet totals at the last window's end. */
  private totals = { baseline: { busyMs: 0, capacityMs: 0 }, candidate: { busyMs: 0, capacityMs: 0 } };

  constructor(fleets: WindowQueue['fleets']) {
    this.fleets = fleets;
  }

  add(window: Window): void {
    this.arrived.push(window);
  }

  /** Takes the windows that ended by `untilMs`, as soon as all of them and the fleets' figures are here; gives up when `lost`. */
  async take(untilMs: number, windowMs: number, lost: () => boolean): Promise<Window[]> {
    const count = Math.floor(untilMs / windowMs + 1e-9) - this.nextIndex;
    while (this.arrived.length < count && !lost()) await pause(LOOK_EVERY_MS);
    const windows = this.arrived.splice(0, Math.max(0, count));
    this.nextIndex += windows.length;
    const endMs = windows.at(-1)?.endMs;
    if (endMs !== undefined) await this.sampled(endMs, lost);
    return windows.map((window) =>
      withFleetFigures(window, {
        baseline: this.figures('baseline', window),
        candidate: this.figures('candidate', window),
      }),
    );
  }

  private async sampled(endMs: number, lost: () => boolean): Promise<void> {
    const { baseline, candidate } = this.fleets;
    if (baseline.sampledUntil(endMs) && candidate.sampledUntil(endMs)) return;
    for (const fleet of [baseline, candidate]) fleet.tell({ kind: 'sample' });
    for (let waitedMs = 0; waitedMs < SAMPLES_WITHIN_MS && !lost(); waitedMs += LOOK_EVERY_MS) {
      await pause(LOOK_EVERY_MS);
      if (baseline.sampledUntil(endMs) && candidate.sampledUntil(endMs)) return;
    }
  }

  private figures(arm: 'baseline' | 'candidate', { endMs }: Window): FleetFigures {
    const fleet = this.fleets[arm];
    const before = this.totals[arm];
    const busyMs = Math.max(before.busyMs, fleet.busyUntil(endMs));
    const capacityMs = fleet.capacityUntil(endMs);
    this.totals = { ...this.totals, [arm]: { busyMs, capacityMs } };
    return {
      busyMs: busyMs - before.busyMs,
      capacityMs: capacityMs - before.capacityMs,
      readyReplicas: fleet.readyAt(endMs),
    };
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
