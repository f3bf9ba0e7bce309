import { readFileSync } from 'node:fs';
import { onnxEngines } from '../../models/server/onnx-engine.ts';
import {
  createInferenceServer,
  type Infer,
  type InferenceCall,
  type InferenceServer,
} from '../../models/server/server.ts';
import { ServerError } from '../../models/server/errors.ts';
import type { Tensor, TensorSpec } from '../../models/server/tensor.ts';
import { type FeatureStore, openFeatureStore } from '../../models/features/store.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import { MISSING, SCORE_HEADER, TIMING_HEADER } from '../gateway/answer-headers.ts';
import { SERVICE } from '../fleet/repository.ts';
import { HEADERS } from '../load/request.ts';
import { Draw } from './draws.ts';
import { FeatureFetch } from './fetch.ts';
import { Holds } from './holds.ts';
import type { FromReplica, Knobs, ReplicaOrder, ReplicaSums, ToReplica } from './messages.ts';
import { Service } from './service.ts';
import { Station } from './station.ts';
import { Tally } from './tally.ts';

/** What requests carry instead of the model's features: a row of the content table, and the entity whose features are stored. */
const INPUTS: readonly TensorSpec[] = [
  { name: 'row', datatype: 'INT32', shape: [1] },
  { name: 'entity', datatype: 'INT32', shape: [1] },
];
/** Marks a replica's own requests, which are neither held nor counted. */
const OWN_HEADER = 'x-coalmine-own';
const LOOPBACK = '127.0.0.1';

/** Serves one arm's model as the scenario says: features, queue, timed service, errors. The parent process is told how it goes. */
export class Replica {
  private readonly order: ReplicaOrder;
  private readonly clock: () => number;
  private readonly say: (message: FromReplica) => void;
  private readonly server: InferenceServer;
  private readonly store: FeatureStore;
  private readonly fetch: FeatureFetch;
  private readonly station: Station;
  private readonly holds: Holds;
  private readonly service: Service;
  private readonly tally: Tally;
  /** Features of every content row: as they are, row by row. */
  private readonly matrix: Float32Array;
  private scoreFactor: number;
  private modelLoadMs: number;
  private sampling: NodeJS.Timeout | undefined;
  /** What its first load of the model took, ms. */
  loadedInMs = 0;

  private constructor(
    order: ReplicaOrder,
    store: FeatureStore,
    clock: () => number,
    say: (message: FromReplica) => void,
  ) {
    this.order = order;
    this.clock = clock;
    this.say = say;
    this.store = store;
    this.holds = new Holds(clock);
    this.fetch = new FeatureFetch(order, store, this.holds, clock);
    this.station = new Station(order, clock);
    this.service = new Service(order);
    this.tally = new Tally();
    const { buffer, byteOffset, byteLength } = readFileSync(order.matrixFile);
    this.matrix = new Float32Array(buffer, byteOffset, byteLength / 4);
    this.scoreFactor = order.knobs.scoreFactor;
    this.modelLoadMs = order.modelLoadMs;
    this.server = createInferenceServer({
      models: [{ name: SERVICE, versions: () => new Map([['1', order.onnxFile]]) }],
      clock,
      openEngine: onnxEngines(order.runtime),
      limits: { maxBatchSize: 1, queueLimit: Number.POSITIVE_INFINITY },
      allowUploads: false,
      hooks: {
        inputs: INPUTS,
        serve: (call, infer) => this.serve(call, infer),
        beforeLoad: () => this.beforeLoad(),
        clearCaches: () => this.fetch.clear(),
      },
    });
  }

  /** Resolves when the model is loaded, the cache is as warm as the scenario says and requests of its own were answered. */
  static async start(order: ReplicaOrder, clock: () => number, say: (message: FromReplica) => void): Promise<Replica> {
    await histogramsReady();
    const replica = new Replica(order, await openFeatureStore(order.store.place, order.store.namespace), clock, say);
    const url = await replica.server.listen(0, LOOPBACK);
    say({ kind: 'listening', port: Number(new URL(url).port) });
    const loadFromMs = clock();
    await replica.server.load();
    replica.loadedInMs = clock() - loadFromMs;
    if (order.startWarm) await replica.fetch.startWarm(new Draw(order.seed, `cache/${order.name}`));
    for (let i = 0; i < order.rehearsalRequests; i++) await replica.ask(url, i);
    const sample = (): void => say({ kind: 'sample', ...replica.sample() });
    sample();
    replica.sampling = setInterval(sample, order.sampleEveryMs);
    return replica;
  }

  hear(message: Exclude<ToReplica, { kind: 'order' }>): void {
    switch (message.kind) {
      case 'knobs':
        this.turn(message.knobs);
        return;
      case 'clear-cache':
        this.server.clearCaches();
        return;
      case 'model-load-ms':
        this.modelLoadMs = message.modelLoadMs;
        return;
      case 'pre-warm':
        // A store that fails leaves the cache as warm as it got.
        void this.fetch
          .preWarm(message.perSecond)
          .catch(() => 0)
          .then((fetched) => this.say({ kind: 'warmed', fetched }));
        return;
      case 'sample':
        this.say({ kind: 'sample', ...this.sample() });
        return;
      case 'sum-up':
        this.say({ kind: 'sample', ...this.sample() });
        this.say({ kind: 'sums', sums: this.sums() });
        return;
    }
  }

  sums(): ReplicaSums {
    return this.tally.sums(this.fetch.failures);
  }

  /** Answers what is in hand, for at most `graceMs`. */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.sampling);
    await this.server.close(graceMs);
    await this.store.close();
  }

  private turn(knobs: Knobs): void {
    this.service.factor = knobs.serviceFactor;
    this.service.errorRatio = knobs.errorRatio;
    this.scoreFactor = knobs.scoreFactor;
    this.fetch.latencyFactor = knobs.featureLatencyFactor;
    this.fetch.missingRatio = knobs.featureMissingRatio;
  }

  private async beforeLoad(): Promise<void> {
    if (this.modelLoadMs > 0) await new Promise((resolve) => setTimeout(resolve, this.modelLoadMs));
  }

  /** One request: features, then a slot for its declared service time, which includes the model's own run. */
  private async serve(call: InferenceCall, infer: Infer): Promise<readonly Tensor[]> {
    const { headers, answerHeaders, inputs } = call;
    const row = inputs[0]!.data[0] as number;
    if (headers[OWN_HEADER] !== undefined) return infer([this.featuresOf(row, false)]);
    const { tally, clock } = this;
    const number = Number(headers[HEADERS.number]);
    tally.received++;
    const fetchStartMs = clock();
    // The entity decides hit or miss and which features are really read. Keys are drawn independently of contents, so the values used
    // are the content row's own, which makes the scores bit-equal to the simulator's.
    const from = await this.fetch.fetch(inputs[1]!.data[0] as number, number);
    const timing = `${from};${micros(clock() - fetchStartMs)}`;
    const admission = await this.station.enter();
    if (admission.kind !== 'started') {
      answerHeaders[TIMING_HEADER] = `${timing};0;0;0`;
      if (admission.kind === 'rejected') tally.rejected++;
      else tally.timedOut++;
      throw admission.kind === 'rejected'
        ? new ServerError(503, `${this.order.queueLimit} requests wait already`)
        : new ServerError(504, `waited ${Math.round(admission.waitMs)} ms for a slot`);
    }
    const startMs = clock();
    const intendedMs = this.service.intendedMs(number);
    try {
      const [eta] = await infer([this.featuresOf(row, from === MISSING)]);
      tally.modelRun.record(clock() - startMs);
      await this.holds.until(startMs + intendedMs);
      const heldMs = clock() - startMs;
      tally.held(intendedMs, heldMs);
      answerHeaders[TIMING_HEADER] = `${timing};${micros(admission.waitMs)};${micros(intendedMs)};${micros(heldMs)}`;
      if (this.service.fails(number)) throw new ServerError(500, 'failed, as the scenario says');
      const score = Math.fround((eta!.data as Float32Array)[0]! * this.scoreFactor);
      answerHeaders[SCORE_HEADER] = String(score);
      tally.answered++;
      return [{ ...eta!, data: Float32Array.of(score) }];
    } catch (error) {
      tally.failed++;
      throw error;
    } finally {
      this.station.leave();
    }
  }

  private featuresOf(row: number, withoutStored: boolean): Tensor {
    const { width, standIns } = this.order;
    const data = this.matrix.slice(row * width, (row + 1) * width);
    if (data.length !== width)
      throw new ServerError(400, `got content row ${row}, expected one below ${this.matrix.length / width}`);
    if (withoutStored) for (let i = 0; i < width; i++) data[i] = standIns[i] ?? data[i]!;
    return { datatype: 'FP32', shape: [1, width], data };
  }

  /** A request to itself, over its own port: warms what a fresh process is slow at. */
  private async ask(url: string, row: number): Promise<void> {
    const inputs = INPUTS.map(({ name, datatype, shape }) => ({
      name,
      datatype,
      shape,
      data: [name === 'row' ? row : 0],
    }));
    const answer = await fetch(`${url}/v2/models/${SERVICE}/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [OWN_HEADER]: '1' },
      body: JSON.stringify({ inputs }),
    });
    if (!answer.ok) throw new Error(`its own request was answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  }

  private sample(): { atMs: number; busyMs: number; cpuMs: number } {
    const { user, system } = process.cpuUsage();
    return { atMs: this.clock(), busyMs: this.station.busyUntilNow(), cpuMs: (user + system) / 1000 };
  }
}

const micros = (ms: number): number => Math.round(ms * 1000);
