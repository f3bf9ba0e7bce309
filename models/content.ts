import type { ListScores } from './ranking/list-scores.ts';

/**
 * What requests are made of: a table of distinct request contents, and both models' scores for each.
 * Row i of every array is content i. The simulator draws row numbers and looks up; models never run inside its loop.
 */
export interface Content {
  readonly rows: number;
  /** Segment number of each row, an index into `segmentNames`. */
  readonly segments: Uint8Array;
  readonly segmentNames: readonly string[];
  /** What really happened (the value the prediction is compared with). */
  readonly actual: Float32Array;
  /** What a score is, for axis titles: e.g. "predicted trip time, min". */
  readonly scoreName: string;
}

/** Scores of one model over all rows of a Content table, filled in row order by a scorer running beside the simulation. */
export interface Scores {
  readonly model: string;
  /** Score of row i; meaningful once row i is done. */
  readonly values: Float32Array;
  /** The score of row i when its stored features could not be fetched (their training means stand in). */
  readonly withoutFeatures: Float32Array;
  /** Of a ranking model: its lists, with the stored features and without; null of any other. */
  readonly lists: ListPair | null;
  /** Resolves when every row below `row` has been scored. Rejects when the model fails. */
  until(row: number): Promise<void>;
}

/** A ranking model's lists when features were there, and when they could not be fetched. */
export interface ListPair {
  readonly values: ListScores;
  readonly withoutFeatures: ListScores;
}
