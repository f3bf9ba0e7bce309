/** onnxruntime-node, loaded when first needed: it is an optional dependency, and only scoring and serving run models. */
import type { InferenceSession } from 'onnxruntime-node';

export type Runtime = typeof import('onnxruntime-node');

/** The runtime that executes models is not installed or does not load. The command line ends with 4. */
export class MissingRuntime extends Error {
  override readonly name = 'MissingRuntime';
  /** What the loader said. */
  readonly reason: string;

  constructor(reason: string) {
    super(
      `models cannot be run: onnxruntime-node does not load (${reason}). Install it with: npm install onnxruntime-node@1.30.0 --ignore-scripts`,
    );
    this.reason = reason;
  }
}

export const RUNTIME = 'onnxruntime-node';

/** Loads the runtime; rejects with MissingRuntime. `name` is the package to load. */
export async function loadRuntime(name: string = RUNTIME): Promise<Runtime> {
  try {
    return (await import(name)) as Runtime;
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    throw new MissingRuntime(reason);
  }
}

/** One thread and a fixed order of operators: the same bits on every run, and no pool that spins while it waits. */
export const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  executionProviders: ['cpu'],
  logSeverityLevel: 3,
};
