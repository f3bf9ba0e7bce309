/**
 * Writes counts as HdrHistogram's V2 encoding (uncompressed), byte for byte what hdr-histogram-js writes: closing a window needs no
 * WebAssembly memory. Format: see controller/decode-times.ts, which reads it.
 * Source: https://github.com/HdrHistogram/HdrHistogram, AbstractHistogram.encodeIntoByteBuffer and ZigZagEncoding.
 */
export interface HistogramLayout {
  readonly lowestDiscernibleValue: number;
  readonly highestTrackableValue: number;
  readonly numberOfSignificantValueDigits: number;
}

const HEADER_BYTES = 40;
/** V2 cookie for payloads of variable-length words. */
const COOKIE = 0x1c849313;
/** A count below 2³² takes at most five groups of seven bits, ZigZag's sign bit included. */
const MOST_BYTES = 5;

/** Written into and copied from, whoever encodes: making room for the most there could be costs more than encoding. */
let scratch = new Uint8Array(0);

/** Encodes counts 0 … last (the bucket of the highest recorded value), of which the first `empty` are 0. */
export function encodeBuckets(counts: Uint32Array, empty: number, last: number, layout: HistogramLayout): Uint8Array {
  const most = HEADER_BYTES + MOST_BYTES * (last + 1);
  if (scratch.length < most) scratch = new Uint8Array(2 * most);
  const bytes = scratch;
  let at = HEADER_BYTES;
  for (let i = 0; i <= last; ) {
    const from = i;
    if (i === 0) i = empty;
    else while (i <= last && counts[i] === 0) i++;
    const zeros = i - from;
    // ZigZag: n ≥ 0 as 2n, −n as 2n − 1. A run of one empty bucket is a count of 0.
    let word = zeros > 1 ? 2 * zeros - 1 : zeros === 1 ? 0 : 2 * counts[i++]!;
    for (; word >= 128; word = Math.floor(word / 128)) bytes[at++] = (word % 128) | 128;
    bytes[at++] = word;
  }
  const header = new DataView(bytes.buffer);
  header.setUint32(0, COOKIE);
  header.setUint32(4, at - HEADER_BYTES);
  // Normalising index offset and ratio of integer to double values: unused, both written as a whole 1 by the library.
  header.setUint32(8, 1);
  header.setUint32(12, layout.numberOfSignificantValueDigits);
  header.setBigInt64(16, BigInt(layout.lowestDiscernibleValue));
  header.setBigInt64(24, BigInt(layout.highestTrackableValue));
  header.setBigInt64(32, 1n);
  return bytes.slice(0, at);
}
