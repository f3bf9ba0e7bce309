/** A replica as the gateway sees it: another process that answers requests as the scenario says. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LiveFailure } from '../../../live/failure.ts';
import { noKnobs } from '../../../live/faults/live-faults.ts';
import { orderOf, prepareReplica, spawnReplica } from '../../../live/fleet/start-replica.ts';
import type { ReplicaHandle } from '../../../live/fleet/replica-handle.ts';
import type { ReplicaOrder } from '../../../live/replica/messages.ts';
import { openWorkplace, type Workplace } from '../../../live/workplace.ts';
import { loadModel } from '../../../models/catalogue.ts';
import { RUNTIME } from '../../../models/runtime.ts';
import { startScoring } from '../../../models/score.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { tinyScenario } from '../world/support.ts';

interface Started {
  readonly replica: ReplicaHandle;
  readonly scenario: Scenario;
  readonly workplace: Workplace;
}

async function startReplica(
  options: Parameters<typeof tinyScenario>[0] = {},
  changes: Partial<ReplicaOrder> = {},
): Promise<Started> {
  const scenario = await tinyScenario(options);
  const workplace = await openWorkplace(scenario, { untilMs: 1000, stages: [], redis: null });
  onTestFinished(() => workplace.remove());
  const spec = scenario.arms.candidate;
  const onnxFile = loadModel(spec.model!).onnxFile;
  const plan = { scenario, arm: 'candidate', spec, workplace, runtime: RUNTIME, onnxFile } as const;
  const order = orderOf(plan, 'candidate-0', noKnobs(spec), { initial: true, modelLoadMs: 0 });
  const process = await spawnReplica('candidate', 0);
  onTestFinished(async () => void (await process.stop(3000)));
  const replica = await prepareReplica(0, process, { ...order, ...changes }, (atMs) => atMs);
  return { replica, scenario, workplace };
}

const input = (name: string, value: number): object => ({ name, datatype: 'INT32', shape: [1], data: [value] });

interface Answer {
  readonly status: number;
  readonly score: number | null;
  /** Source of the features, and µs: fetch, wait, intended and actual service. */
  readonly timing: readonly number[];
  readonly text: string;
}

async function ask({ url }: ReplicaHandle, number: number, row: number, entity: number): Promise<Answer> {
  const answer = await fetch(`${url}/v2/models/model/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-coalmine-request': String(number) },
    body: JSON.stringify({ id: String(number), inputs: [input('row', row), input('entity', entity)] }),
  });
  const score = answer.headers.get('x-coalmine-score');
  const timing = (answer.headers.get('x-coalmine-timing') ?? '').split(';').map(Number);
  return {
    status: answer.status,
    score: score === null ? null : Math.fround(Number(score)),
    timing,
    text: await answer.text(),
  };
}

const rows = Array.from({ length: 40 }, (_, i) => i * 7);
const LIMIT = { timeout: 60_000 };

test('scores are those of the simulator bit for bit, with the stored features and without', LIMIT, async () => {
  const { replica, scenario } = await startReplica({ features: '{ latency: { kind: constant, value: 1ms } }' });
  if (scenario.traffic.content.kind === 'none') throw new Error('expected a content table');
  const scoring = await startScoring(scenario.traffic.content.file, ['eta-candidate']);
  onTestFinished(() => scoring.close());
  await scoring.scores[0]!.until(Infinity);
  const { values, withoutFeatures } = scoring.scores[0]!;
  for (const row of rows) {
    const answer = await ask(replica, row, row, row % 200);
    expect([answer.timing[0], answer.score], `row ${row}`).toEqual([0, values[row]]);
    expect(JSON.parse(answer.text).outputs[0].data).toEqual([values[row]]);
  }
  replica.process.send({ kind: 'knobs', knobs: { ...noKnobs(scenario.arms.candidate), featureMissingRatio: 1 } });
  for (const row of rows) {
    const answer = await ask(replica, row, row, row % 200);
    expect([answer.timing[0], answer.score], `row ${row}`).toEqual([2, withoutFeatures[row]]);
  }
});

test('the cache is warm, genuinely cold after it is told, and warms up by what is asked for', LIMIT, async () => {
  const { replica } = await startReplica();
  // 100 places for 200 keys: the popular ones are there.
  expect((await ask(replica, 1, 0, 5)).timing[0]).toBe(1);
  expect((await ask(replica, 2, 0, 150)).timing[0]).toBe(0);
  expect((await ask(replica, 3, 0, 150)).timing[0]).toBe(1);
  replica.process.send({ kind: 'clear-cache' });
  const cold = await ask(replica, 4, 0, 5);
  expect(cold.timing[0]).toBe(0);
  // 4 ms are declared; timers are off by less than two.
  expect(cold.timing[1]).toBeGreaterThan(2000);
  expect((await ask(replica, 5, 0, 5)).timing[0]).toBe(1);
});

test('the same requests are slow and fail in every run, whichever replica serves them', LIMIT, async () => {
  const candidate = { service: '{ kind: lognormal, mean: 8ms, sigma: 0.5 }', errorRatio: '30%' };
  const told = async (): Promise<string[]> => {
    const { replica } = await startReplica({ candidate });
    const answers = await Promise.all(rows.map((number) => ask(replica, number, 0, 5)));
    const { sums } = await summedUp(replica);
    expect(sums).toMatchObject({ received: rows.length, rejected: 0, timedOut: 0 });
    expect(sums!.failed).toBe(answers.filter(({ status }) => status === 500).length);
    return answers.map(({ status, timing }) => `${status} ${timing[3]}`);
  };
  const first = await told();
  expect(first.some((each) => each.startsWith('500'))).toBe(true);
  expect(new Set(first).size).toBeGreaterThan(20);
  expect(await told()).toEqual(first);
});

test('a full queue answers 503, a wait beyond the limit 504, both with what they say and when', LIMIT, async () => {
  const candidate = { service: '{ kind: constant, value: 300ms }', slots: '1', queueLimit: '2', queueTimeout: '100ms' };
  const { replica } = await startReplica({ candidate });
  const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => ask(replica, i, 0, 5)));
  const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
  expect(statuses).toEqual([200, 503, 503, 503, 504, 504]);
  expect(answers.find(({ status }) => status === 503)!.text).toContain('2 requests wait already');
  expect(answers.find(({ status }) => status === 504)!.text).toMatch(/waited \d+ ms for a slot/);
  for (const { status, timing } of answers) if (status === 200) expect(timing[4]).toBeGreaterThan(290_000);
});

test('a fresh replica’s first requests take longer, by a factor that falls to 1', LIMIT, async () => {
  const candidate = { coldStart: '{ requests: 4, factor: 5 }' };
  const { replica, scenario } = await startReplica(
    { candidate },
    { coldStart: { requests: 4, factor: 5 }, rehearsalRequests: 0 },
  );
  expect(scenario.arms.candidate.coldStart).toEqual({ requests: 4, factor: 5 });
  const intended: number[] = [];
  for (let i = 0; i < 6; i++) intended.push((await ask(replica, i, 0, 5)).timing[3]!);
  expect(intended).toEqual([50_000, 40_000, 30_000, 20_000, 10_000, 10_000]);
});

test('a model that cannot be loaded is an error in words, not a process that hangs', LIMIT, async () => {
  const scenario = await tinyScenario({});
  const workplace = await openWorkplace(scenario, { untilMs: 1000, stages: [], redis: null });
  onTestFinished(() => workplace.remove());
  const onnxFile = join(workplace.slices, 'broken.onnx');
  writeFileSync(onnxFile, 'no model');
  const spec = scenario.arms.candidate;
  const plan = { scenario, arm: 'candidate', spec, workplace, runtime: RUNTIME, onnxFile } as const;
  const order = orderOf(plan, 'candidate-0', noKnobs(spec), { initial: true, modelLoadMs: 0 });
  const process = await spawnReplica('candidate', 0);
  const failed = prepareReplica(0, process, order, (atMs) => atMs);
  await expect(failed).rejects.toThrow(LiveFailure);
  await expect(failed).rejects.toThrow(/candidate-0 cannot serve: .*cannot be loaded/);
  expect((await process.exited).code).toBe(1);
});

async function summedUp(replica: ReplicaHandle): Promise<ReplicaHandle> {
  await replica.askForSums(5000);
  return replica;
}
