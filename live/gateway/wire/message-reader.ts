import {
  bareLineFeedAfter,
  chunkEndAt,
  type ChunkSize,
  chunkSizeAt,
  EMPTY_LINE,
  HEAD_LIMIT,
  trailersEndAt,
} from './chunks.ts';
import { CHUNKED, NOT_SAID } from './framing.ts';
import { bad, type Refusal } from './refusal.ts';

/** The answers of `headRead` besides a body's length, CHUNKED and NOT_SAID (the body ends with the connection). */
export const INTERIM = -5;
export const STOP = -6;

/** Whom a reader tells what it has read. */
export interface MessageOwner {
  /** A head, its empty line included. Returns its body's length; INTERIM: another head follows; STOP: nothing more is read. */
  headRead(bytes: Buffer, from: number, to: number): number;
  /** Told once, when more than the limit is known to come: it is read and dropped, and `messageRead` has an empty body. */
  bodyTooLong(): void;
  messageRead(body: Buffer): void;
  /** What comes is no message, and nothing more is read. */
  notAMessage(refusal: Refusal): void;
}

const HEAD = 0;
const BODY = 1;
const UNTIL_END = 2;
const CHUNK_SIZE = 3;
const CHUNK = 4;
const CHUNK_END = 5;
const TRAILERS = 6;

/**
 * Cuts the bytes of one direction of a connection into HTTP/1.1 messages, however they come in pieces. In the common case, a message in one
 * piece, nothing is copied. Chunk extensions are not read, and trailers are read and dropped.
 */
export class MessageReader {
  private readonly owner: MessageOwner;
  private readonly bodyLimit: number;
  /** What has come and is not read; the next byte is at `at`. */
  private bytes: Buffer | null = null;
  private at = 0;
  private state = HEAD;
  /** Bytes still to come of the body or the chunk. */
  private left = 0;
  private size = 0;
  private parts: Buffer[] = [];
  private held = false;
  private reading = false;
  private stopped = false;

  constructor(owner: MessageOwner, bodyLimit: number) {
    this.owner = owner;
    this.bodyLimit = bodyLimit;
  }

  /** In the middle of a message, or beyond the end of the last one. */
  get isPartial(): boolean {
    return this.bytes !== null || this.state !== HEAD;
  }

  /** Bytes that wait to be read. */
  get waiting(): number {
    return this.bytes === null ? 0 : this.bytes.length - this.at;
  }

  get isHeld(): boolean {
    return this.held;
  }

  /** Takes what has come; it must not be written to any more. */
  feed(chunk: Buffer): void {
    if (this.stopped) return;
    this.bytes = this.bytes === null ? chunk : Buffer.concat([this.bytes.subarray(this.at), chunk]);
    this.at = 0;
    this.read();
  }

  /** The connection has ended: so has a body that no length was said of. */
  end(): void {
    if (this.state === UNTIL_END) this.finish();
  }

  /** Reads no further message until `release`: answers are given in order, one at a time. */
  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
    this.read();
  }

  stop(): void {
    this.stopped = true;
    this.bytes = null;
  }

  private read(): void {
    // The owner may release from within messageRead: the loop outside goes on.
    if (this.reading) return;
    this.reading = true;
    while (this.bytes !== null && !this.held && this.step(this.bytes)) {
      if (this.bytes !== null && this.at === this.bytes.length) this.bytes = null;
    }
    this.reading = false;
  }

  /** Reads one part. False: more bytes are needed, or nothing is read any more. */
  private step(bytes: Buffer): boolean {
    switch (this.state) {
      case HEAD:
        return this.readHead(bytes);
      case CHUNK_SIZE:
        return this.goOn(chunkSizeAt(bytes, this.at));
      case CHUNK_END:
        return this.goOn(chunkEndAt(bytes, this.at));
      case TRAILERS:
        return this.goOn(trailersEndAt(bytes, this.at));
      default:
        return this.readBody(bytes);
    }
  }

  private readHead(bytes: Buffer): boolean {
    const from = this.at;
    const end = bytes.indexOf(EMPTY_LINE, from);
    if ((end < 0 ? bytes.length : end + 4) - from > HEAD_LIMIT) return this.fail(HEAD_TOO_LONG);
    if (end < 0) return this.goOn(bareLineFeedAfter(bytes, from));
    this.at = end + 4;
    const length = this.owner.headRead(bytes, from, this.at);
    if (this.stopped || length === STOP) {
      this.stop();
      return false;
    }
    if (length === INTERIM) return true;
    this.size = 0;
    if (length === CHUNKED) this.state = CHUNK_SIZE;
    else if (length === NOT_SAID) {
      this.state = UNTIL_END;
      this.left = Number.POSITIVE_INFINITY;
    } else {
      this.grow(length);
      this.left = length;
      if (length === 0) this.finish();
      else this.state = BODY;
    }
    return true;
  }

  private readBody(bytes: Buffer): boolean {
    const to = Math.min(bytes.length, this.at + this.left);
    if (this.state === UNTIL_END) this.grow(to - this.at);
    if (this.size <= this.bodyLimit)
      this.parts.push(this.at === 0 && to === bytes.length ? bytes : bytes.subarray(this.at, to));
    this.left -= to - this.at;
    this.at = to;
    if (this.left > 0) return true;
    if (this.state === CHUNK) this.state = CHUNK_END;
    else this.finish();
    return true;
  }

  /** Past what stands between the parts of a body; null: it is not all there. */
  private goOn(found: number | ChunkSize | Refusal | null): boolean {
    if (found === null) return false;
    if (typeof found !== 'number' && 'why' in found) return this.fail(found);
    if (typeof found !== 'number') {
      this.at = found.to;
      this.left = found.size;
      this.grow(found.size);
      this.state = found.size === 0 ? TRAILERS : CHUNK;
      return true;
    }
    this.at = found;
    if (this.state === CHUNK_END) this.state = CHUNK_SIZE;
    else this.finish();
    return true;
  }

  /** So many bytes more are known to come. */
  private grow(count: number): void {
    const before = this.size;
    this.size += count;
    if (before > this.bodyLimit || this.size <= this.bodyLimit) return;
    this.parts = [];
    this.owner.bodyTooLong();
  }

  private finish(): void {
    const { parts } = this;
    const body = parts.length === 0 ? NO_BODY : parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    if (parts.length > 0) this.parts = [];
    this.state = HEAD;
    if (this.bytes !== null && this.at === this.bytes.length) this.bytes = null;
    this.owner.messageRead(body);
  }

  private fail(refusal: Refusal): false {
    this.stop();
    this.owner.notAMessage(refusal);
    return false;
  }
}

const NO_BODY = Buffer.alloc(0);
const HEAD_TOO_LONG = bad(`the head is longer than ${HEAD_LIMIT} bytes`, 431);
