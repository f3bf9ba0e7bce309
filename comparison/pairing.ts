/** The windows that both worlds have in common, added up in blocks. */
import { TimeTotal } from '../telemetry/histogram.ts';
import type { ArmWindow, Window } from '../telemetry/window.ts';

export type ComparedArm = 'baseline' | 'candidate';

/** What one arm did in one world over some windows. */
export class ArmSums {
  readonly latency: TimeTotal = new TimeTotal();
  readonly wait: TimeTotal = new TimeTotal();
  readonly featureFetch: TimeTotal = new TimeTotal();
  requests = 0;
  errors = 0;
  hits = 0;
  misses = 0;
  busyMs = 0;
  capacityMs = 0;
  /** Per threshold of the header. */
  readonly over: number[] = [];

  add(row: ArmWindow): void {
    this.latency.add(row.latency);
    this.wait.add(row.wait);
    this.featureFetch.add(row.featureFetch);
    this.requests += row.requests;
    this.errors += row.errors;
    this.hits += row.cacheHits;
    this.misses += row.cacheMisses;
    this.busyMs += row.busyMs ?? 0;
    this.capacityMs += row.capacityMs ?? 0;
    for (const [i, n] of row.over.entries()) this.over[i] = (this.over[i] ?? 0) + n;
  }

  destroy(): void {
    for (const total of [this.latency, this.wait, this.featureFetch]) total.destroy();
  }
}

/** The same stretch of time in both worlds. */
export interface Block {
  readonly sim: ArmSums;
  readonly live: ArmSums;
}

export interface PairedArm {
  readonly arm: ComparedArm;
  readonly whole: Block;
  /** Consecutive, of about as many live requests each. */
  readonly blocks: readonly Block[];
}

export interface Pairing {
  readonly windows: number;
  readonly ofWindows: number;
  readonly arms: readonly PairedArm[];
  destroy(): void;
}

const BLOCKS = 10;

/** Windows of the same number in which both worlds led the traffic alike and both arms got some of it: mirrored, or from users. */
export function pair(sim: readonly Window[], live: readonly Window[]): Pairing {
  const byIndex = new Map(sim.map((window) => [window.index, window]));
  const windows = live.flatMap((window) => {
    const other = byIndex.get(window.index);
    return other !== undefined && sharesOf(other) === sharesOf(window) && hasBoth(window)
      ? [[other, window] as const]
      : [];
  });
  const arms = (['baseline', 'candidate'] as const).map((arm) => pairedArm(arm, windows));
  return {
    windows: windows.length,
    ofWindows: live.length,
    arms,
    destroy() {
      for (const { whole, blocks } of arms)
        for (const { sim: one, live: other } of [whole, ...blocks]) for (const sums of [one, other]) sums.destroy();
    },
  };
}

const rowOf = ({ rows }: Window, arm: ComparedArm): ArmWindow | undefined =>
  rows.find((row) => row.arm === arm && row.busyMs !== null);
/** The candidate's weight, in every segment. */
const sharesOf = ({ rows }: Window): string =>
  rows.flatMap(({ arm, weightPercent }) => (arm === 'candidate' ? [weightPercent] : [])).join();
const leading = (window: Window): number => rowOf(window, 'candidate')?.weightPercent ?? 0;
const hasBoth = (window: Window): boolean =>
  (leading(window) > 0 && leading(window) < 100) || (rowOf(window, 'candidate')?.arrivedMirrored ?? 0) > 0;

function pairedArm(arm: ComparedArm, windows: readonly (readonly [Window, Window])[]): PairedArm {
  const rows = windows.flatMap(([sim, live]) => {
    const [one, other] = [rowOf(sim, arm), rowOf(live, arm)];
    return one === undefined || other === undefined ? [] : [[one, other] as const];
  });
  const whole = newBlock();
  const total = rows.reduce((sum, [, live]) => sum + live.requests, 0);
  const blocks: Block[] = [];
  let seen = 0;
  for (const [sim, live] of rows) {
    // The block in whose share of the requests the window begins.
    const wanted = total === 0 ? 1 : Math.min(BLOCKS, Math.floor((seen / total) * BLOCKS) + 1);
    if (blocks.length < wanted) blocks.push(newBlock());
    for (const block of [whole, blocks.at(-1)!]) {
      block.sim.add(sim);
      block.live.add(live);
    }
    seen += live.requests;
  }
  return { arm, whole, blocks };
}

const newBlock = (): Block => ({ sim: new ArmSums(), live: new ArmSums() });
