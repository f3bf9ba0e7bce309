/** The scoring worker: runs every model over the matrix, batch by batch, beside the simulation in the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { type ListScores, putLists } from './ranking/list-scores.ts';
import type { RankingTruth } from './ranking/truth.ts';
import { loadRuntime, type MissingRuntime, type Runtime, SESSION_OPTIONS } from './runtime.ts';
import type { ScoreMessage, ScoreOrder, ScoreTask } from './score-messages.ts';

/** Large enough that a run's fixed cost vanishes, small enough that the simulation can start soon. */
const BATCH_ROWS = 4096;

const say = (message: ScoreMessage): void => parentPort?.postMessage(message);
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface Job {
  readonly index: number;
  readonly task: ScoreTask;
  readonly session: InferenceSession;
}

async function main(order: ScoreOrder): Promise<void> {
  const runtime = await loadRuntime(order.runtime).catch((error: MissingRuntime) => {
    say({ kind: 'missing-runtime', reason: error.reason });
    return null;
  });
  if (runtime === null) return;
  let jobs = await openJobs(runtime, order.tasks);
  say({ kind: 'ready' });
  const width = order.standIns.length;
  const plain = new Float32Array(BATCH_ROWS * width);
  const without = new Float32Array(BATCH_ROWS * width);
  for (let from = 0; from < order.rows && Atomics.load(order.stop, 0) === 0; from += BATCH_ROWS) {
    const rows = Math.min(BATCH_ROWS, order.rows - from);
    const part = order.matrix.subarray(from * width, (from + rows) * width);
    plain.set(part);
    without.set(part);
    putStandIns(without, rows, order.standIns);
    const alive: Job[] = [];
    for (const job of jobs) {
      try {
        const { values, withoutFeatures, lists, skew } = job.task;
        const put = (into: ListScores | undefined) => ({ into, truth: order.ranking });
        const served = skew === null ? plain : skewed(plain, rows, skew);
        await score(runtime, job.session, served, [rows, width], values, put(lists?.values), from);
        await score(runtime, job.session, without, [rows, width], withoutFeatures, put(lists?.withoutFeatures), from);
        say({ kind: 'scored', task: job.index, rows: from + rows });
        alive.push(job);
      } catch (error) {
        say({ kind: 'failed', task: job.index, message: reasonOf(error) });
      }
    }
    jobs = alive;
  }
}

async function openJobs(runtime: Runtime, tasks: readonly ScoreTask[]): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const [index, task] of tasks.entries()) {
    try {
      jobs.push({ index, task, session: await runtime.InferenceSession.create(task.onnxFile, SESSION_OPTIONS) });
    } catch (error) {
      say({ kind: 'failed', task: index, message: reasonOf(error) });
    }
  }
  return jobs;
}

/** A copy of the first `rows` rows with every feature times its factor. */
function skewed(batch: Float32Array, rows: number, factors: readonly number[]): Float32Array {
  const copy = batch.slice();
  const width = factors.length;
  for (let at = 0; at < rows * width; at++) copy[at] = batch[at]! * factors[at % width]!;
  return copy;
}

/** Replaces the stored features of the first `rows` rows by their training means. */
function putStandIns(batch: Float32Array, rows: number, standIns: ScoreOrder['standIns']): void {
  for (const [feature, mean] of standIns.entries()) {
    if (mean === null) continue;
    for (let row = 0; row < rows; row++) batch[row * standIns.length + feature] = mean;
  }
}

/** Runs one batch and puts its answers at row `at` of `into`. */
async function score(
  runtime: Runtime,
  session: InferenceSession,
  batch: Float32Array,
  [rows, width]: readonly [number, number],
  into: Float32Array,
  lists: { readonly into: ListScores | undefined; readonly truth: RankingTruth | null },
  at: number,
): Promise<void> {
  const features = new runtime.Tensor('float32', batch.subarray(0, rows * width), [rows, width]);
  const { eta, items, score: chance } = await session.run({ features });
  if (lists.into === undefined || lists.truth === null) {
    if (eta === undefined) throw new Error(`got outputs ${session.outputNames.join(', ')}, expected eta`);
    into.set(eta.data as Float32Array, at);
    return;
  }
  if (items === undefined || chance === undefined)
    throw new Error(`got outputs ${session.outputNames.join(', ')}, expected items and score`);
  into.set(chance.data as Float32Array, at);
  putLists(lists.into, items.data as BigInt64Array, at, rows, lists.truth);
}

await main(workerData as ScoreOrder);
