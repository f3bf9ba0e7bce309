/** One version of a model in memory: what runs it, what it wants, and who is still being served. */
import { Batcher, type Job } from './batcher.ts';
import { type Contract, contractOf } from './contract.ts';
import type { InferenceEngine } from './engine.ts';
import type { Limits, ServerOptions } from './options.ts';
import { Statistics } from './statistics.ts';
import type { TensorSpec } from './tensor.ts';
import { rowsAreIndependent } from './trial-rows.ts';

export class LoadedModel {
  readonly name: string;
  readonly version: string;
  /** What requests must look like. */
  readonly contract: Contract;
  /** What the model itself takes; differs from `contract` when a hook takes something else. */
  readonly engineContract: Contract;
  readonly statistics: Statistics;
  /** How every answer begins. */
  readonly answerHead: string;
  private readonly batcher: Batcher;
  private readonly engine: InferenceEngine;
  private users = 0;
  private onIdle: (() => void) | null = null;

  /** `statistics` go on where an earlier load of the same version left them. */
  constructor(
    [name, version]: readonly [string, string],
    engine: InferenceEngine,
    {
      limits,
      together,
      hookInputs,
    }: { limits: Limits; together: boolean; hookInputs: readonly TensorSpec[] | undefined },
    statistics: Statistics,
    clock: () => number,
  ) {
    this.name = name;
    this.version = version;
    this.engine = engine;
    this.statistics = statistics;
    const { inputs, outputs } = engine;
    this.engineContract = contractOf({ inputs, outputs, rowwise: engine.rowwise }, limits);
    this.contract =
      hookInputs === undefined
        ? this.engineContract
        : contractOf({ inputs: hookInputs, outputs, rowwise: false }, limits);
    this.answerHead = `{"model_name":${JSON.stringify(name)},"model_version":${JSON.stringify(version)}`;
    const { shapesVary } = this.engineContract;
    this.batcher = new Batcher(engine, { ...limits, together, shapesVary }, statistics, clock);
  }

  /** Throws ServerError 503 when too many wait. */
  submit(job: Job): void {
    this.batcher.submit(job);
  }

  get queued(): number {
    return this.batcher.queued;
  }

  /** Begins a request; every call needs its `leave`, until which the model stays open. */
  enter(): void {
    this.users++;
  }

  leave(): void {
    this.users--;
    if (this.users === 0) this.onIdle?.();
  }

  /** Frees the model, after the requests that have entered; `atOnce` does not wait for them. */
  async close(atOnce = false): Promise<void> {
    this.batcher.hurry();
    if (this.users > 0 && !atOnce) await new Promise<void>((resolve) => (this.onIdle = resolve));
    await this.engine.close();
  }
}

/** Opens a version of a model. Rejects when it cannot be opened. */
export async function openModel(
  [name, version]: readonly [string, string],
  model: string | Uint8Array,
  { openEngine, hooks, trialRows = true, onNote, clock }: ServerOptions,
  limits: Limits,
  statistics: Statistics = new Statistics(),
): Promise<LoadedModel> {
  await hooks?.beforeLoad?.(name, version);
  const engine = await openEngine(model);
  let together = engine.rowwise && limits.maxBatchSize > 1;
  if (together && trialRows) {
    const found = await rowsAreIndependent(engine);
    if (found !== true) {
      together = false;
      onNote?.(`${name} version ${version} is served without batching: ${found}`);
    }
  }
  return new LoadedModel([name, version], engine, { limits, together, hookInputs: hooks?.inputs }, statistics, clock);
}
