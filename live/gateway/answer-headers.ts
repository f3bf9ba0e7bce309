/** What a replica says about an answer in its headers, so that the gateway reads no body. */

export const TIMING_HEADER = 'x-coalmine-timing';
export const SCORE_HEADER = 'x-coalmine-score';

/** Where the features came from: the timing header's first field. */
export const FROM_STORE = 0;
export const FROM_CACHE = 1;
export const MISSING = 2;

export interface Timing {
  /** FROM_STORE, FROM_CACHE, MISSING, or another number when the model needs no stored features. */
  readonly features: number;
  readonly featureFetchMs: number;
  readonly waitMs: number;
}

/** Reads `<features>;<fetch µs>;<wait µs>;…`; null when the header is absent or something else. */
export function timingOf(header: string | null): Timing | null {
  if (header === null) return null;
  const first = header.indexOf(';');
  const second = header.indexOf(';', first + 1);
  if (first < 0 || second < 0) return null;
  const third = header.indexOf(';', second + 1);
  const features = first === 0 ? Number.NaN : Number(header.slice(0, first));
  const featureFetchMs = Number(header.slice(first + 1, second)) / 1000;
  const waitMs = Number(header.slice(second + 1, third < 0 ? undefined : third)) / 1000;
  return featureFetchMs >= 0 && waitMs >= 0 ? { features, featureFetchMs, waitMs } : null;
}

/** The score, made the float32 it was: its shortest decimal reads as another double. Null when absent or not a number. */
export function scoreOf(header: string | null): number | null {
  if (header === null || header === '') return null;
  const score = Math.fround(Number(header));
  return Number.isFinite(score) ? score : null;
}
