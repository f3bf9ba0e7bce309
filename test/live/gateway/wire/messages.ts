import { type MessageOwner, MessageReader, STOP } from '../../../../live/gateway/wire/message-reader.ts';
import type { Refusal } from '../../../../live/gateway/wire/refusal.ts';
import { RequestHead } from '../../../../live/gateway/wire/request-head.ts';

/** A request as it was read. */
export interface Read {
  readonly method: string;
  readonly path: string;
  readonly kept: string;
  readonly body: string;
}

/** Reads requests as a caller's connection does, and keeps what it was told. */
export class Log implements MessageOwner {
  readonly messages: Read[] = [];
  refusal: Refusal | null = null;
  tooLong = 0;
  /** Bytes that have been fed, and those up to the end of the last message. */
  fed = 0;
  consumed = 0;
  readonly reader: MessageReader;
  private readonly head = new RequestHead();

  constructor(bodyLimit = 1000) {
    this.reader = new MessageReader(this, bodyLimit);
  }

  headRead(bytes: Buffer, from: number, to: number): number {
    this.refusal = this.head.read(bytes, from, to);
    return this.refusal === null ? this.head.bodyLength : STOP;
  }

  bodyTooLong(): void {
    this.tooLong++;
  }

  messageRead(body: Buffer): void {
    const { method, path, kept, close } = this.head;
    this.consumed = this.fed - this.reader.waiting;
    if (close) this.reader.stop();
    this.messages.push({ method, path, kept, body: body.toString('latin1') });
  }

  feed(bytes: Buffer): void {
    this.fed += bytes.length;
    this.reader.feed(bytes);
  }

  notAMessage(refusal: Refusal): void {
    this.refusal = refusal;
  }
}

/** What is read when the bytes come in pieces that end at `cuts`. */
export function readInPieces(bytes: Buffer, cuts: readonly number[], bodyLimit?: number): Log {
  const log = new Log(bodyLimit);
  const ends = [...new Set([...cuts, bytes.length])].sort((a, b) => a - b);
  let from = 0;
  for (const to of ends) {
    // A copy of its own: pieces of a socket are not neighbours.
    if (to > from) log.feed(Buffer.from(bytes.subarray(from, to)));
    from = to;
  }
  return log;
}
