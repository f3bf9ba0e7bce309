/** An engine that records what it is asked to run, and runs only when told. */
import type { InferenceEngine } from '../../../models/server/engine.ts';
import type { ServerOptions } from '../../../models/server/server.ts';
import type { Tensor } from '../../../models/server/tensor.ts';
import { inMemory } from './support.ts';

export interface FakeEngine extends InferenceEngine {
  /** First column of every batch that was run, in order. */
  readonly batches: number[][];
  /** Batches run only after this many have been let through; Infinity = all. */
  let(count: number): void;
  /** How many batches it was asked to run. */
  asked: number;
  closed: boolean;
}

/** One FP32 input and output `[N, width]`; −1 lets the width vary. Answers its input. */
export function fakeEngine(width = 1, answer: (input: Tensor) => Tensor = (input) => input): FakeEngine {
  const shape = [-1, width];
  let allowed = Infinity;
  let waiting: (() => void)[] = [];
  const engine: FakeEngine = {
    inputs: [{ name: 'x', datatype: 'FP32', shape }],
    outputs: [{ name: 'y', datatype: 'FP32', shape }],
    rowwise: true,
    batches: [],
    asked: 0,
    closed: false,
    let(count) {
      allowed = count;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    async run([input], onStart) {
      engine.asked++;
      while (engine.batches.length >= allowed) await new Promise<void>((resolve) => waiting.push(resolve));
      onStart?.();
      const data = input!.data as Float32Array;
      const columns = input!.shape[1]!;
      engine.batches.push(Array.from({ length: input!.shape[0]! }, (_, row) => data[row * columns]!));
      return [answer(input!)];
    },
    async close() {
      engine.closed = true;
    },
  };
  return engine;
}

/** Options of a server whose only model, `fake`, is this engine. */
export const serving = (engine: InferenceEngine): Partial<ServerOptions> & Pick<ServerOptions, 'models'> => ({
  models: [inMemory('fake', new Uint8Array())],
  openEngine: async () => engine,
  trialRows: false,
});

/** The input `x` of a fake model. */
export const x = (shape: readonly number[], ...data: readonly number[]): object[] => [
  { name: 'x', datatype: 'FP32', shape, data },
];
