import { CR, LF } from './characters.ts';
import { BAD, END, FieldCursor } from './field-cursor.ts';
import { bad, type Refusal } from './refusal.ts';

/** Longest head, and longest trailers, bytes: Node's own limit. */
export const HEAD_LIMIT = 16_384;
/** Digits of the largest size of a chunk: 256 MiB. */
const SIZE_DIGITS = 7;

/** The line before a chunk. */
export interface ChunkSize {
  readonly size: number;
  /** Where the chunk begins. */
  readonly to: number;
}

/** The size of the chunk whose line begins at `from`; null: more bytes are needed. Extensions are refused: nothing sends them but attackers. */
export function chunkSizeAt(bytes: Uint8Array, from: number): ChunkSize | Refusal | null {
  let at = from;
  let size = 0;
  for (; at < bytes.length; at++) {
    const digit = HEX[bytes[at]!]!;
    if (digit < 0) break;
    size = size * 16 + digit;
  }
  if (at - from > SIZE_DIGITS) return CHUNK_TOO_LONG;
  if (at < bytes.length && (at === from || bytes[at] !== CR)) return BAD_SIZE;
  if (at + 1 >= bytes.length) return null;
  return bytes[at + 1] === LF ? { size, to: at + 2 } : BAD_SIZE;
}

/** Where the chunk's line end at `from` ends; null: more bytes are needed. */
export function chunkEndAt(bytes: Uint8Array, from: number): number | Refusal | null {
  if (bytes[from] !== CR) return BAD_CHUNK_END;
  if (from + 1 >= bytes.length) return null;
  return bytes[from + 1] === LF ? from + 2 : BAD_CHUNK_END;
}

/** Where the trailers that begin at `from`, and the empty line after them, end; null: more bytes are needed. */
export function trailersEndAt(bytes: Buffer, from: number): number | Refusal | null {
  if (bytes[from] === CR && bytes[from + 1] === LF) return from + 2;
  const end = bytes.indexOf(EMPTY_LINE, from);
  if ((end < 0 ? bytes.length : end + 4) - from > HEAD_LIMIT) return TRAILERS_TOO_LONG;
  if (end < 0) return bareLineFeedAfter(bytes, from);
  const cursor = new FieldCursor();
  cursor.start(from);
  for (let found; (found = cursor.next(bytes)) !== END; ) if (found === BAD) return BAD_TRAILER;
  return end + 4;
}

/** A head that would never end, because its lines end otherwise, is refused at once; null: they end as they should so far. */
export function bareLineFeedAfter(bytes: Buffer, from: number): Refusal | null {
  const lineEnd = bytes.indexOf(LF, from);
  return lineEnd >= 0 && (lineEnd === from || bytes[lineEnd - 1] !== CR) ? BARE_LINE_FEED : null;
}

export const EMPTY_LINE: Buffer = Buffer.from('\r\n\r\n');
/** Value of a hexadecimal digit, −1 for every other byte. */
const HEX = Int8Array.from({ length: 256 }, (_, byte) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase()),
);
const CHUNK_TOO_LONG = bad('a chunk: expected less than 256 MiB', 413);
const BAD_SIZE = bad('a chunk: expected <size in hex> and CRLF, no extension');
const BAD_CHUNK_END = bad('a chunk: expected CRLF after its bytes');
const TRAILERS_TOO_LONG = bad(`trailers are longer than ${HEAD_LIMIT} bytes`, 431);
const BAD_TRAILER = bad('a trailer: expected <name>: <value>, ended by CRLF');
const BARE_LINE_FEED = bad('a line: expected CRLF at its end');
