import type { Child } from '../supervisor/child.ts';
import type { BusySample, FromReplica, ReplicaSums, ToReplica } from '../replica/messages.ts';

export type ReplicaProcess = Child<ToReplica, FromReplica>;

/** How often a replica says how busy it is: a compromise between fresh figures and messages. */
export const SAMPLE_EVERY_MS = 250;
/** Samples kept: more than any window, metric lag or sync needs between two looks. */
const KEPT_SAMPLES = 2400;

/** One replica of a fleet as the controller's process sees it: where it is, and how busy it has been. */
export class ReplicaHandle {
  readonly index: number;
  readonly process: ReplicaProcess;
  readonly url: string;
  /** Rehearsal ms, cumulative; oldest first. */
  private readonly samples: BusySample[] = [];
  /** Its process was started while the rehearsal ran. */
  fresh = false;
  /** From wanting its process until it could load its model and what else it does before it is ready, ms; and that load. */
  startUpMs = 0;
  modelLoadMs = 0;
  /** The latest figures it gave; null when it never did. */
  sums: ReplicaSums | null = null;

  constructor(index: number, process: ReplicaProcess, url: string) {
    this.index = index;
    this.process = process;
    this.url = url;
  }

  add(sample: BusySample): void {
    this.samples.push(sample);
    if (this.samples.length > KEPT_SAMPLES) this.samples.shift();
  }

  /** Asks for its sums, which then are in `sums`; gives up after `withinMs`. */
  async askForSums(withinMs: number): Promise<void> {
    if (!this.process.alive) return;
    const told = this.process.next((message) => (message.kind === 'sums' ? true : null)).catch(() => true);
    this.process.send({ kind: 'sum-up' });
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([told, tooLate]);
    clearTimeout(timer);
  }

  /** Processor time so far, ms. */
  get cpuMs(): number {
    return this.samples.at(-1)?.cpuMs ?? 0;
  }

  /** The instant its latest sample is of. */
  get sampledMs(): number {
    return this.samples.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  }

  /**
   * Slot time worked up to `timeMs`: linear between samples. After the last one a replica that stands still counts all its slots as
   * busy (nobody else gets them), one that is gone works no more.
   */
  busyUntil(timeMs: number, slots: number): number {
    const after = this.samples.findIndex(({ atMs }) => atMs >= timeMs);
    const last = this.samples.at(-1);
    if (last === undefined) return 0;
    if (after < 0) return last.busyMs + (this.process.alive && this.process.hung ? slots * (timeMs - last.atMs) : 0);
    const to = this.samples[after]!;
    const from = this.samples[after - 1];
    if (from === undefined) return to.busyMs;
    const share = (timeMs - from.atMs) / (to.atMs - from.atMs);
    return from.busyMs + share * (to.busyMs - from.busyMs);
  }
}
