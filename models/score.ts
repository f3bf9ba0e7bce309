/** Scores of models over a content table, computed by a worker thread while the simulation already reads the first rows. */
import { Worker } from 'node:worker_threads';
import { BadInput, fileIssue } from '../config/issues.ts';
import { didYouMean } from '../config/suggest.ts';
import { loadModel, type ModelInfo } from './catalogue.ts';
import type { Content, Scores } from './content.ts';
import { Progress } from './progress.ts';
import { emptyLists } from './ranking/list-scores.ts';
import { parseReference } from './reference.ts';
import { MissingRuntime, RUNTIME } from './runtime.ts';
import { featureIssues } from './schema-issues.ts';
import type { ScoreMessage, ScoreOrder, ScoreTask } from './score-messages.ts';
import { type ContentTable, openContent } from './table.ts';

/** A table being scored. */
export interface Scoring {
  readonly content: Content;
  /** One per model name asked for, in that order. */
  readonly scores: readonly Scores[];
  /** Ends the worker; what is not scored by then never will be, and waiting for it rejects. */
  close(): Promise<void>;
}

/** The worker's file: a `.ts` beside a source, a `.js` beside compiled code. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './score-worker.ts' : './score-worker.js', import.meta.url);

/**
 * Opens a content table and starts scoring it; resolves when every model is loaded. Rejects with BadInput for a bad table,
 * an unknown model, or one that wants other features than the table has; with MissingRuntime when models cannot be run here.
 * `models` are references: a name, with the skew of what is served to it (see reference.ts). The scores are the same bits on every run. `runtime` is the package that runs the models.
 */
export async function startScoring(
  contentFile: string,
  models: readonly string[],
  { runtime = RUNTIME }: { runtime?: string } = {},
): Promise<Scoring> {
  const names = [...new Set(models)];
  const infos = names.map((name) => loadModel(parseReference(name).name));
  const table = await openContent(contentFile);
  const issues = infos.flatMap((info, i) =>
    [...featureIssues(table.features, info.features, info.name), ...skewIssues(table, names[i]!)].map((issue) =>
      fileIssue(info.manifestFile, issue),
    ),
  );
  if (issues.length > 0) throw new BadInput(issues);
  const tasks = infos.map((info, i) => taskOf(info, names[i]!, table));
  const progress = tasks.map(() => new Progress());
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const ended = await startWorker({ ...orderOf(table), tasks, runtime, stop }, progress);
  const scores = tasks.map(({ model, values, withoutFeatures, lists }, index): Scores => {
    const until = (row: number): Promise<void> =>
      progress[index]?.until(Math.min(row, table.rows)) ?? Promise.resolve();
    return { model, values, withoutFeatures, lists, until };
  });
  return {
    content: table,
    scores: models.map((model) => scores[names.indexOf(model)] as Scores),
    async close() {
      for (const each of progress) each.fail(new Error('got a closed scoring, expected an open one'));
      Atomics.store(stop, 0, 1);
      await ended();
    },
  };
}

/** Only what is fetched can be served otherwise than it was trained on. */
const skewIssues = ({ features }: ContentTable, reference: string): string[] =>
  Object.keys(parseReference(reference).skew)
    .filter((name) => !features.some((feature) => feature.name === name && feature.stored))
    .map((name) => {
      const stored = features.flatMap((feature) => (feature.stored ? [feature.name] : []));
      return `got a serving skew of '${name}', expected a stored feature: one of ${stored.join(', ')}${didYouMean(name, stored)}`;
    });

function skewOf({ features }: ContentTable, reference: string): readonly number[] | null {
  const { skew } = parseReference(reference);
  return Object.keys(skew).length === 0 ? null : features.map(({ name }) => skew[name] ?? 1);
}

const taskOf = ({ onnxFile }: ModelInfo, reference: string, table: ContentTable): ScoreTask => {
  const { rows, ranking } = table;
  return {
    model: reference,
    onnxFile,
    skew: skewOf(table, reference),
    values: new Float32Array(new SharedArrayBuffer(rows * 4)),
    withoutFeatures: new Float32Array(new SharedArrayBuffer(rows * 4)),
    lists: ranking === null ? null : { values: emptyLists(rows), withoutFeatures: emptyLists(rows) },
  };
};

const orderOf = ({
  matrix,
  rows,
  features,
  ranking,
}: ContentTable): Pick<ScoreOrder, 'matrix' | 'rows' | 'standIns' | 'ranking'> => ({
  matrix,
  rows,
  ranking,
  standIns: features.map(({ stored, mean }) => (stored ? mean : null)),
});

/** Resolves when the models are loaded, with a way to wait for the worker's end; rejects when one of them is not. From then on `progress` tells all. */
function startWorker(order: ScoreOrder, progress: readonly Progress[]): Promise<() => Promise<void>> {
  const worker = new Worker(WORKER, { workerData: order });
  let ready = false;
  const exit = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error, failed: readonly Progress[] = progress): void => {
      for (const each of failed) each.fail(error);
      reject(error);
      // Nobody holds a worker that could not begin.
      if (!ready) Atomics.store(order.stop, 0, 1);
    };
    worker.on('message', (message: ScoreMessage) => {
      if (message.kind === 'ready') {
        ready = true;
        return resolve(() => exit);
      }
      if (message.kind === 'missing-runtime') return fail(new MissingRuntime(message.reason));
      const each = progress[message.task];
      if (message.kind === 'scored') return each?.reach(message.rows);
      const model = order.tasks[message.task]?.model;
      return fail(new Error(`model ${model} failed: ${message.message}`), each === undefined ? [] : [each]);
    });
    worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
    // Comes after every message: does nothing to what is done or has failed by then.
    worker.on('exit', (code) => fail(new Error(`the scoring worker ended early, with code ${code}`)));
  });
}
