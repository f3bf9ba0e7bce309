/** The index of a folder of slices. Shared by Node and k6: erasable TypeScript, no imports. */

export const INDEX_FILE = 'index.json';

/** One file of rows, sorted by time. */
export interface Slice {
  /** Name within the folder. */
  readonly file: string;
  /** Rehearsal time that the rows' µs count from, ms. */
  readonly startMs: number;
  readonly rows: number;
  /** Number of the first row's request. */
  readonly first: number;
}

export interface SliceIndex {
  readonly schemaVersion: 1;
  readonly rowBytes: number;
  readonly rows: number;
  /** The requests are all that arrive before this rehearsal time. */
  readonly untilMs: number;
  /** Most rows within one second of the clock: what a generator must be able to send. */
  readonly peakPerSecond: number;
  readonly slices: readonly Slice[];
}

/** Place in `slices` of the slice that holds request `number`; slices are few, so they are looked through. */
export function sliceOf(slices: readonly Slice[], number: number): number {
  let at = slices.length - 1;
  while (at > 0 && slices[at]!.first > number) at--;
  return at;
}
