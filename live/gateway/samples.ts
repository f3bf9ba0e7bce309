import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../../storage/files.ts';
import type { Exchange } from './exchange.ts';

/** Times of one answer, ms; what a calibration is made of. */
export interface AnswerSample {
  /** Number of its arm. */
  readonly arm: number;
  /** Number of its server, in the order in which servers first answered. */
  readonly server: number;
  /** The request's number, by which the replica drew its declared times. */
  readonly number: number;
  /** Where the features came from: see answer-headers.ts. */
  readonly features: number;
  /** Rehearsal time at which the gateway had its last byte. */
  readonly receivedMs: number;
  readonly fetchMs: number;
  readonly waitMs: number;
  /** Service time that was declared, and how long the slot was really held for it. */
  readonly declaredMs: number;
  readonly heldMs: number;
  /** From the request's last byte to the answer's, at the gateway. */
  readonly latencyMs: number;
}

/** Numbers per answer, in the order of AnswerSample. */
const COLUMNS = 10;

/** Keeps every completed answer of a run and writes them in one go at its end. */
export class Samples {
  private values = new Float64Array(COLUMNS * 4096);
  private filled = 0;
  private readonly servers = new Map<string, number>();
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** An exchange that was answered, `latencyMs` after it was received. Answers without the timing header say nothing. */
  add({ arm, ask, timing, upstream }: Exchange, receivedMs: number, latencyMs: number): void {
    if (timing === null || upstream === null) return;
    const [features, fetchUs, waitUs, declaredUs, heldUs] = timing.split(';').map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const server = this.servers.get(upstream.url) ?? this.servers.size;
    this.servers.set(upstream.url, server);
    if (this.filled === this.values.length) {
      const grown = new Float64Array(2 * this.values.length);
      grown.set(this.values);
      this.values = grown;
    }
    const times = [receivedMs, fetchUs / 1000, waitUs / 1000, declaredUs / 1000, heldUs / 1000, latencyMs];
    this.values.set([arm, server, ask.number, features, ...times], this.filled);
    this.filled += COLUMNS;
  }

  write(): void {
    writeFileAtomic(this.file, new Uint8Array(this.values.buffer, 0, this.filled * Float64Array.BYTES_PER_ELEMENT));
  }
}

/** What a run's gateway wrote. */
export function readSamples(file: string): AnswerSample[] {
  const bytes = readFileSync(file);
  const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return Array.from({ length: values.length / COLUMNS }, (_, i) => {
    const at = (column: number): number => values[i * COLUMNS + column]!;
    return {
      arm: at(0),
      server: at(1),
      number: at(2),
      features: at(3),
      receivedMs: at(4),
      fetchMs: at(5),
      waitMs: at(6),
      declaredMs: at(7),
      heldMs: at(8),
      latencyMs: at(9),
    };
  });
}
