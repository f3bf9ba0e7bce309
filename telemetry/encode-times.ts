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

/** Encodes counts 0 … last (the bucket of the highest recorded value). */
export function encodeBuckets(counts: Uint32Array, last: number, layout: HistogramLayout): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + MOST_BYTES * (last + 1));
  let at = HEADER_BYTES;
  for (let i = 0; i <= last; ) {
    const count = counts[i++]!;
    let zeros = 0;
    if (count === 0) {
      zeros = 1;
      for (; i <= last && counts[i] === 0; i++) zeros++;
    }
    // ZigZag: n ≥ 0 as 2n, −n as 2n − 1. A run of one empty bucket is a count of 0.
    let word = zeros > 1 ? 2 * zeros - 1 : 2 * count;
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
