import { type Arrivals, openTrace } from '../../scenarios/trace/trace.ts';
import { type ArrivalSource, BLOCK } from './source.ts';

/** Replays a trace file, once or over and over, its time divided by `speedUp`. Segments come from the content, not from here. */
export class TraceArrivals implements ArrivalSource {
  readonly times: Float64Array = new Float64Array(BLOCK);
  readonly keys: Int32Array = new Int32Array(BLOCK);
  readonly users: Int32Array = new Int32Array(BLOCK);
  readonly contents: Int32Array = new Int32Array(BLOCK);
  /** A recording keeps its rate: spikes do not apply. */
  factor = 1;
  private readonly file: string;
  private readonly repeat: boolean;
  private readonly keyCount: number;
  private readonly usPerMs: number;
  private pieces: AsyncGenerator<Arrivals, void>;
  /** Pieces read and not used up, and the place in the first of them. */
  private readonly ahead: Arrivals[] = [];
  private at = 0;
  /** Where the current pass over the file begins, ms, and the last arrival read. */
  private passStartMs = 0;
  private lastReadMs = 0;
  private fileEnded = false;

  constructor(process: { file: string; repeat: boolean; speedUp: number }, keyCount: number) {
    this.file = process.file;
    this.repeat = process.repeat;
    this.keyCount = keyCount;
    this.usPerMs = 1000 * process.speedUp;
    this.pieces = openTrace(process.file);
  }

  get ended(): boolean {
    return this.fileEnded && this.ahead.length === 0;
  }

  /** Reads on until an arrival at or after `untilMs` is in memory, or the recording is over. */
  async prepare(untilMs: number): Promise<void> {
    while (!this.fileEnded && this.lastReadMs < untilMs) {
      const { value, done } = await this.pieces.next();
      if (done === true) await this.endOfPass();
      else if (value.timesUs.length > 0) {
        const timesUs = value.timesUs.map((us) => this.passStartMs + us / this.usPerMs);
        this.ahead.push({ ...value, timesUs });
        this.lastReadMs = timesUs.at(-1)!;
      }
    }
  }

  fill(untilMs: number): number {
    let n = 0;
    while (n < BLOCK && this.ahead.length > 0) {
      const piece = this.ahead[0]!;
      const timeMs = piece.timesUs[this.at]!;
      if (timeMs >= untilMs) break;
      this.times[n] = timeMs;
      // A trace may know more entities than the scenario's cache is sized for.
      this.keys[n] = piece.keys[this.at]! % this.keyCount;
      this.users[n] = piece.users[this.at]!;
      this.contents[n++] = piece.contents[this.at]!;
      if (++this.at === piece.timesUs.length) {
        this.ahead.shift();
        this.at = 0;
      }
    }
    return n;
  }

  async close(): Promise<void> {
    await this.pieces.return();
  }

  private async endOfPass(): Promise<void> {
    // A pass that moved the clock by nothing would repeat for ever.
    if (!this.repeat || this.lastReadMs <= this.passStartMs) {
      this.fileEnded = true;
      return;
    }
    this.passStartMs = this.lastReadMs;
    this.pieces = openTrace(this.file);
  }
}
