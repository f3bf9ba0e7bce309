/** A sweep over a real Redis: three workers, some of them killed, and the bytes of a single process. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SweepResult } from '../../tuning/result.ts';
import { coalmine, type Running, start, temporaryFolder } from '../cli/process.ts';
import { leftIn, resultIn, writeSweep } from './files.ts';
import { freePort, redisServer, startRedis, type TestRedis } from './redis.ts';

if (redisServer === null) process.stderr.write('SKIPPED: no redis-server on PATH, so the queue is not tested\n');

const home = temporaryFolder();
const cwd = home.path;
const at = (name: string): string => join(cwd, name);
const resultsIn = (name: string): number =>
  existsSync(at(name)) ? leftIn(at(name)).filter((each) => /recordings.*json$/.test(each)).length : 0;
const REPLICATIONS = '15';

describe.skipIf(redisServer === null)('over a queue', () => {
  let redis: TestRedis;
  let sweep: readonly string[];
  const workers: Running[] = [];

  const hire = async (): Promise<Running> => {
    const worker = start(['worker', '--queue', redis.url, '--workers', '1', '--lock', '2s', '--json'], { cwd });
    await worker.says('waiting for jobs');
    workers.push(worker);
    return worker;
  };
  const dismiss = async (): Promise<void> => {
    for (const worker of workers) worker.child.kill('SIGKILL');
    await Promise.all(workers.splice(0).map(({ ended }) => ended));
  };

  beforeAll(async () => {
    redis = await startRedis(cwd);
    sweep = ['tune', ...writeSweep(cwd), '--replications', REPLICATIONS, '--quiet'];
    expect((await coalmine([...sweep, '--out', 'single'], { cwd })).code).toBe(0);
  }, 120_000);
  afterAll(async () => {
    await dismiss();
    await redis.stop();
    home.remove();
  });

  test('three workers, each killed once at a moment of its own, lose and double nothing', async () => {
    for (let i = 0; i < 3; i++) await hire();
    const tune = start([...sweep, '--queue', redis.url, '--out', 'queued'], { cwd });
    for (const after of [3, 9, 15]) {
      while (resultsIn('queued') < after && tune.child.exitCode === null) await setTimeout(10);
      const victim = workers.shift()!;
      victim.child.kill('SIGKILL');
      expect((await victim.ended).signal).toBe('SIGKILL');
      expect(tune.child.exitCode, 'killed in the midst of the sweep').toBeNull();
      await hire();
    }
    const { code, stderr } = await tune.ended;
    expect(stderr).not.toContain('failed');
    expect(code).toBe(0);
    expect(resultIn(at('queued'))).toBe(resultIn(at('single')));
    // A worker that dies while it writes leaves a partial file, which the next one to take up the sweep removes.
    const whole = leftIn(at('queued')).filter((name) => !name.includes('.partial-'));
    expect(whole).toEqual(leftIn(at('single')));
  }, 240_000);

  test('jobs that the queue remembers as done are done again when their results are gone', async () => {
    for (const name of leftIn(at('queued')).filter((each) => /recordings.*-[12]-.*json$/.test(each)))
      rmSync(join(at('queued'), name));
    rmSync(at('queued/result.json'));
    expect(resultsIn('queued')).toBe(26);
    const { code } = await coalmine([...sweep, '--queue', redis.url, '--out', 'queued'], { cwd });
    expect(code).toBe(0);
    expect(resultIn(at('queued'))).toBe(resultIn(at('single')));
  }, 120_000);

  test('a question is answered at the same seed, and what was queued beyond it is taken back', async () => {
    const ask = ['tune', 'healthy.yaml', '--replications', '30', '--stop-when', 'false-rollbacks < 1%', '--quiet'];
    expect((await coalmine([...ask, '--out', 'asked'], { cwd })).code).toBe(0);
    const { code, stderr } = await coalmine([...ask, '--queue', redis.url, '--out', 'asked-queue'], { cwd });
    expect(code, stderr).toBe(0);
    expect(resultIn(at('asked-queue'))).toBe(resultIn(at('asked')));
    const { stop } = JSON.parse(resultIn(at('asked'))) as SweepResult;
    expect(stop!.answers[0]!.of).toBeLessThan(30);
  }, 120_000);

  test('a worker told to stop ends; its sweep goes on with the next one', async () => {
    const [first] = workers;
    first!.child.kill('SIGTERM');
    const { code, stdout } = await first!.ended;
    expect(code).toBe(143);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, failed: 0 });
    workers.shift();
  }, 60_000);
});

test('a queue that cannot be reached is something this machine lacks: exit 4', async () => {
  const folder = temporaryFolder();
  const sweep = writeSweep(folder.path);
  const url = `redis://127.0.0.1:${await freePort()}`;
  for (const args of [
    ['tune', ...sweep, '--queue', url],
    ['worker', '--queue', url],
  ]) {
    const { code, stderr } = await coalmine(args, { cwd: folder.path });
    expect(stderr).toContain(`cannot reach the queue at ${url}`);
    expect(code).toBe(4);
  }
  const { code, stderr } = await coalmine(['worker', '--queue', 'amqp://somewhere'], { cwd: folder.path });
  expect(stderr).toContain("got the queue 'amqp://somewhere', expected redis://host:port");
  expect(code).toBe(4);
  folder.remove();
});
