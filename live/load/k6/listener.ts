import type { LoadCounts, LoadReport } from '../plan.ts';
import { Tally } from '../tally.ts';
import { readLine } from './lines.ts';
import { cpuMsOf } from './watchdog.ts';

/** Words of k6 kept for when it fails. */
const KEPT_LINES = 20;

/** Adds up what the script tells. `histogramsReady` must have been awaited. */
export class Listener {
  /** Virtual users that have nothing more to do: what they sent has ended and is told. */
  resting = 0;
  /** CPU time that k6 used, once it has ended. */
  cpuMs = 0;
  /** What k6 itself said last. */
  readonly words: string[] = [];
  private readonly tally = new Tally();
  private rest = '';
  /** Requests below this were due when the load was stopped; Infinity while it runs. */
  private dueBefore = Number.POSITIVE_INFINITY;
  private settled = 0;

  /** Takes a piece of the output, wherever it was cut. */
  hear(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) this.line(line);
  }

  /** The load was stopped: requests from this number on were not due yet. */
  stopAt(due: number): void {
    this.dueBefore = Math.min(this.dueBefore, due);
  }

  get sent(): number {
    return this.tally.sent;
  }

  /**
   * `due`: how many requests were due before the load ended. Those neither sent nor put back are dropped; k6 tells of a
   * request when it ends, so one on its way when k6 was killed is among them.
   */
  counts(due: number): LoadCounts {
    return this.tally.counts(this.sent + Math.max(due - this.settled, 0));
  }

  times(): Pick<LoadReport, 'latenessMs' | 'correctedMs' | 'serviceMs'> {
    return this.tally.times();
  }

  private line(text: string): void {
    const line = readLine(text);
    if (line === null) {
      this.cpuMs = cpuMsOf(text) ?? this.cpuMs;
      if (text !== '' && cpuMsOf(text) === null) this.words.push(text);
      if (this.words.length > KEPT_LINES) this.words.shift();
      return;
    }
    if (line.kind !== 'ended') {
      this.resting++;
      if (line.kind === 'parked') this.settle(line.number);
      return;
    }
    for (const { number, latenessMs, ending, serviceMs, correctedMs } of line.requests) {
      this.settle(number);
      this.tally.send(latenessMs);
      this.tally.end(ending, serviceMs, correctedMs);
    }
  }

  /** It is known what became of request `number`. */
  private settle(number: number): void {
    if (number < this.dueBefore) this.settled++;
  }
}
