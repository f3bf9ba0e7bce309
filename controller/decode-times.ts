/**
 * Reads the counts of an HdrHistogram V2 encoding (uncompressed) as plain data, so that a controller needs no WebAssembly memory
 * and its state stays JSON. Format: 40 bytes of header, of which the first 4 are the cookie and the next 4 the payload's length;
 * then per bucket one ZigZag LEB128 number, n ≥ 0 for a count of n and −n for a run of n empty buckets.
 * Source: https://github.com/HdrHistogram/HdrHistogram, AbstractHistogram.encodeIntoByteBuffer and ZigZagEncoding.
 */
import { bucketValue } from '../telemetry/histogram.ts';
import { NOTHING, type Sparse } from './sparse.ts';

const HEADER_BYTES = 40;
const COOKIE = 0x1c849303;
/** Low byte of the cookie's second nibble tells the word size, which the V2 payload does not depend on. */
const COOKIE_MASK = ~0xf0;

/** Counts per bucket index of telemetry/histogram.ts. Throws RangeError when `encoded` is not this encoding. */
export function decodeBuckets(encoded: Uint8Array): Sparse {
  if (encoded.length === 0) return NOTHING;
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  if (encoded.length < HEADER_BYTES || (view.getInt32(0) & COOKIE_MASK) !== (COOKIE & COOKIE_MASK))
    throw new RangeError('got bytes without the cookie of HdrHistogram V2, expected an uncompressed V2 encoding');
  const end = Math.min(encoded.length, HEADER_BYTES + view.getInt32(4));
  const at: number[] = [];
  const counts: number[] = [];
  let index = 0;
  for (let offset = HEADER_BYTES; offset < end; ) {
    let raw = 0;
    let scale = 1;
    let byte = 0x80;
    // 64b9B variant: the ninth byte would be whole, but counts below 2^53 end before it.
    while (byte & 0x80) {
      byte = encoded[offset++] ?? 0;
      raw += (byte & 0x7f) * scale;
      scale *= 128;
    }
    const value = raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
    if (value > 0) {
      at.push(index);
      counts.push(value);
    }
    index += value > 0 ? 1 : Math.max(1, -value);
  }
  return { at, counts };
}

/** Highest time of bucket `index`, ms: what HdrHistogram gives for a percentile that falls into it. */
export const bucketHighMs = (index: number): number => (bucketValue(index + 1) - 1) / 1000;
