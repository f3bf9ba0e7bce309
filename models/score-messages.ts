/** What the scoring worker is given, and what it says. */
import type { ListPair } from './content.ts';
import type { RankingTruth } from './ranking/truth.ts';

/** A model to run over the whole matrix; both result arrays are shared memory, one place per row. */
export interface ScoreTask {
  readonly model: string;
  readonly onnxFile: string;
  /** Per feature: the factor between what is served and what the matrix holds; null when all are as they are there. */
  readonly skew: readonly number[] | null;
  readonly values: Float32Array;
  readonly withoutFeatures: Float32Array;
  /** Of a ranking model: where its lists go. */
  readonly lists: ListPair | null;
}

export interface ScoreOrder {
  /** Features of all rows, row by row; shared memory. */
  readonly matrix: Float32Array;
  readonly rows: number;
  /** Per feature: what stands in when stored features are missing, or null for one that comes with the request. */
  readonly standIns: readonly (number | null)[];
  /** What lists are judged by; null when models answer with a number. */
  readonly ranking: RankingTruth | null;
  readonly tasks: readonly ScoreTask[];
  /** Package that runs the models. */
  readonly runtime: string;
  /** One number in shared memory: not 0 asks the worker to end after the batch in hand. Ending a thread inside a native run aborts the process. */
  readonly stop: Int32Array;
}

export type ScoreMessage =
  /** Every session is open; rows follow. */
  | { readonly kind: 'ready' }
  /** Rows below `rows` of a task's arrays are final. */
  | { readonly kind: 'scored'; readonly task: number; readonly rows: number }
  /** A task will not go on. */
  | { readonly kind: 'failed'; readonly task: number; readonly message: string }
  /** No task will go on: the runtime does not load. */
  | { readonly kind: 'missing-runtime'; readonly reason: string };
