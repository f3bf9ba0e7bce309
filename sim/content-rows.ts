import type { Traffic } from '../scenarios/scenario.ts';
import type { Stream, Streams } from './random.ts';

/**
 * Which row of the content table each request carries: the recorded one when a trace says so, else row after row from a place
 * that the seed draws, or at random. The simulator and the live world's load take their rows from here, so both send the same.
 */
export class ContentRows {
  /** Next row of a table that is replayed in order. */
  row: number;
  private readonly rows: number;
  /** Null: in order. */
  private readonly stream: Stream | null;

  /** `rows`: length of the table. */
  constructor({ content }: Traffic, rows: number, streams: Streams) {
    this.rows = rows;
    // Each seed begins somewhere else in the recorded requests.
    this.row = Math.floor(streams('content/offset').next() * rows);
    this.stream = content.kind === 'table' && content.order === 'random' ? streams('content') : null;
  }

  /** The next request's row; `recorded` is what the trace says, negative when there is none. */
  next(recorded: number): number {
    const { rows } = this;
    if (recorded >= 0) return recorded % rows;
    if (this.stream !== null) return (this.stream.next() * rows) | 0;
    const row = this.row;
    this.row = row + 1 === rows ? 0 : row + 1;
    return row;
  }
}
