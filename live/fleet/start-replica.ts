import type { ArmSpec, Scenario, TimeDistribution } from '../../scenarios/scenario.ts';
import type { Arm } from '../../telemetry/window.ts';
import { LiveFailure } from '../failure.ts';
import type { FromReplica, Knobs, ReplicaOrder, ToReplica } from '../replica/messages.ts';
import { Child } from '../supervisor/child.ts';
import type { Workplace } from '../workplace.ts';
import { ReplicaHandle, type ReplicaProcess, SAMPLE_EVERY_MS } from './replica-handle.ts';

const MAIN = new URL(import.meta.url.endsWith('.ts') ? '../replica/main.ts' : '../replica/main.js', import.meta.url);
/** Requests of its own that a replica of the first hour answers: the real effect of a fresh process is over after about fifty. */
const REHEARSAL_REQUESTS = 64;

export const spawnReplica = (arm: Arm, index: number): Promise<ReplicaProcess> =>
  Child.start<ToReplica, FromReplica>(`${arm}-${index}`, MAIN);

/** What a replica is told about its scenario. `initial`: it has been up for long when the rehearsal begins. */
export interface ReplicaPlan {
  readonly scenario: Scenario;
  readonly arm: Arm;
  readonly spec: ArmSpec;
  readonly workplace: Workplace;
  readonly runtime: string;
  readonly onnxFile: string;
}

/** What a server is told to take: of measured times, those that were declared when they were measured. */
const declaredOf = (times: TimeDistribution): TimeDistribution => (times.kind === 'measured' ? times.declared : times);

export function orderOf(
  { scenario, arm, spec, workplace, runtime, onnxFile }: ReplicaPlan,
  name: string,
  knobs: Knobs,
  { initial, modelLoadMs }: { readonly initial: boolean; readonly modelLoadMs: number },
): ReplicaOrder {
  const { features, traffic, seed } = scenario;
  return {
    name,
    arm,
    seed,
    onnxFile,
    runtime,
    matrixFile: workplace.matrixFile,
    width: workplace.width,
    standIns: workplace.standIns,
    store: workplace.store,
    features: { ...features, latency: features.latency === null ? null : declaredOf(features.latency) },
    keys: traffic.keys.count,
    service: declaredOf(spec.service),
    // A replica that has been up for long is past its cold start.
    coldStart: initial ? { requests: 0, factor: 1 } : spec.coldStart,
    slots: spec.slotsPerReplica,
    queueLimit: spec.queueLimit,
    queueTimeoutMs: spec.queueTimeoutMs,
    knobs,
    startWarm: initial && features.cache.warm,
    rehearsalRequests: initial ? REHEARSAL_REQUESTS : 0,
    modelLoadMs,
    sampleEveryMs: SAMPLE_EVERY_MS,
  };
}

/** Gives a fresh process its order and waits until it is ready. `toRehearsalMs` turns epoch ms into rehearsal ms. */
export async function prepareReplica(
  index: number,
  process: ReplicaProcess,
  order: ReplicaOrder,
  toRehearsalMs: (epochMs: number) => number,
): Promise<ReplicaHandle> {
  const ready = process.next((message) => (message.kind === 'ready' || message.kind === 'failed' ? message : null));
  const listening = process.next((message) => (message.kind === 'listening' ? message.port : null));
  // Of the two, only the first failure is told.
  listening.catch(() => undefined);
  process.send({ kind: 'order', order });
  const said = await ready;
  if (said.kind === 'failed') throw new LiveFailure(`${order.name} cannot serve: ${said.message}`);
  const replica = new ReplicaHandle(index, process, `http://127.0.0.1:${await listening}`);
  replica.modelLoadMs = said.modelLoadMs;
  process.onMessage((message) => {
    if (message.kind === 'sample') replica.add({ ...message, atMs: toRehearsalMs(message.atMs) });
    // The first time counts: histograms are handed over once.
    else if (message.kind === 'sums') replica.sums ??= message.sums;
  });
  return replica;
}
