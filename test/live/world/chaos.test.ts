/** Killing any one process of a live rehearsal ends it with a clear result or a clear error: no hang, no orphan, no port. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findK6 } from '../../../live/load/find-k6.ts';
import { readOutcome } from '../../../run-directory.ts';
import { type Ended, type Running, start } from '../../cli/process.ts';
import { redisProgram, startRedis } from '../../models/features/support.ts';
import { allGone, descendants, stateOf, tinyFolder, tinyLive, type TinyOptions } from './support.ts';

/** Progress is a line per tenth of the plan, so this one says that the rollout runs. */
const RUNNING = '%  shadow';
const redis = redisProgram();
const k6 = await findK6().catch((error: Error) => {
  process.stderr.write(`\nNO K6, so killing it is NOT tested: ${error.message}\n`);
  return null;
});
const LIMIT = { timeout: 90_000 };

interface Rehearsal {
  readonly running: Running;
  readonly out: string;
  /** Numbers of all its processes, itself included. */
  readonly pids: readonly number[];
  /** Number of the one child whose command line holds this. */
  pidOf(module: string): number;
}

/** A rehearsal from the command line, one second into its rollout. */
async function underWay(
  options: TinyOptions = {},
  args: readonly string[] = ['--load', 'builtin'],
): Promise<Rehearsal> {
  const cwd = await tinyFolder(tinyLive(options));
  // Whoever is killed with -9 cannot remove its temporary files: here they go with the folder.
  const running = start(['rehearse', 'tiny.yaml', '--live', ...args, '--out', 'out'], { cwd, env: { TMPDIR: cwd } });
  onTestFinished(async () => {
    running.child.kill('SIGKILL');
    await running.ended.catch(() => undefined);
  });
  await running.says(RUNNING);
  const pid = running.child.pid!;
  const children = descendants(pid);
  const pids = [pid, ...children.map((each) => each.pid)];
  const pidOf = (module: string): number => {
    const found = children.filter(({ command }) => command.includes(module));
    expect(found.length, `${module}: ${JSON.stringify(children)}`).toBeGreaterThan(0);
    return found[0]!.pid;
  };
  return { running, out: join(cwd, 'out'), pids, pidOf };
}

/** Sends a signal to one process and waits for the rehearsal's end and for everybody to be gone. */
async function killed(rehearsal: Rehearsal, pid: number, signal: NodeJS.Signals = 'SIGKILL'): Promise<Ended> {
  process.kill(pid, signal);
  const ended = await rehearsal.running.ended;
  await allGone(rehearsal.pids, 10_000);
  return ended;
}

test('a server: another one takes its place, and the run is inconclusive for the reason', LIMIT, async () => {
  const rehearsal = await underWay();
  const ended = await killed(rehearsal, rehearsal.pidOf(join('live', 'replica/main')));
  expect(ended.code, ended.stderr).toBe(5);
  const { live, classification } = readOutcome(rehearsal.out);
  expect(classification).toBe('inconclusive');
  expect(live!.troubles[0]).toMatch(/^at \d+ ms: (baseline|candidate)-0 ended, killed by SIGKILL$/);
  expect(ended.stdout).toContain('this live run is no measurement');
});

test('the gateway: the rehearsal ends with an error that says so, and nothing is written', LIMIT, async () => {
  const rehearsal = await underWay();
  const ended = await killed(rehearsal, rehearsal.pidOf(join('live', 'gateway/main')));
  expect(ended.code, ended.stderr).toBe(4);
  expect(ended.stderr).toMatch(/coalmine: the gateway ended early \(SIGKILL\)/);
  expect(() => readOutcome(rehearsal.out)).toThrow('no such file');
});

test('the load: the run is inconclusive, never a pass', LIMIT, async () => {
  const rehearsal = await underWay();
  const ended = await killed(rehearsal, rehearsal.pidOf(join('live', 'load/builtin/main')));
  expect(ended.code, ended.stderr).toBe(5);
  const { live, classification, expectation } = readOutcome(rehearsal.out);
  expect([classification, expectation]).toEqual(['inconclusive', null]);
  expect(live!.load.valid).toBe(false);
  expect(live!.reasons.join()).toContain('the generator ended early (SIGKILL)');
});

test.skipIf(k6 === null)('k6: the same', LIMIT, async () => {
  const rehearsal = await underWay({}, ['--load', 'k6']);
  const ended = await killed(rehearsal, rehearsal.pidOf('k6 run'));
  expect(ended.code, ended.stderr).toBe(5);
  const { live, classification } = readOutcome(rehearsal.out);
  expect([classification, live!.load.generator, live!.load.valid]).toEqual(['inconclusive', 'k6', false]);
});

test.skipIf(redis === null)(
  'the feature store: requests go on without their features, and the run is inconclusive',
  LIMIT,
  async () => {
    const server = await startRedis(redis!);
    onTestFinished(() => server.kill());
    // Without a cache every request wants the store.
    const features = '{ latency: { kind: constant, value: 4ms } }';
    const rehearsal = await underWay({ features }, ['--load', 'builtin', '--features', server.url]);
    await server.kill();
    const ended = await rehearsal.running.ended;
    await allGone(rehearsal.pids, 10_000);
    expect(ended.code, ended.stderr).toBe(5);
    const { live } = readOutcome(rehearsal.out);
    expect(live!.features).toBe('redis');
    expect(live!.reasons.join()).toMatch(/features: the store failed \d+ reads/);
    expect(live!.load.errors).toBe(0);
  },
);

test('the controller, with -9: nobody is left behind', LIMIT, async () => {
  const rehearsal = await underWay();
  const ended = await killed(rehearsal, rehearsal.running.child.pid!);
  expect([ended.code, ended.signal]).toEqual([null, 'SIGKILL']);
});

test('the controller, with -9, while a server stands still: it is woken, and ends too', LIMIT, async () => {
  const hang = '[{ kind: replica-hang, at: 500ms, for: 4s, size: 1, target: candidate }]';
  const rehearsal = await underWay({ faults: hang });
  const states = rehearsal.pids.map((pid) => stateOf(pid));
  expect(states.filter((state) => state.startsWith('T'))).toHaveLength(1);
  await killed(rehearsal, rehearsal.running.child.pid!);
});

test('Ctrl-C: everything is stopped in order, and nothing is written', LIMIT, async () => {
  const rehearsal = await underWay();
  const ended = await killed(rehearsal, rehearsal.running.child.pid!, 'SIGINT');
  expect(ended.code, ended.stderr).toBe(130);
  expect(ended.stderr).toContain('interrupted by SIGINT: nothing was written');
});

test('Ctrl-C while servers are starting', LIMIT, async () => {
  const cwd = await tinyFolder(tinyLive({ candidate: { replicas: '3' } }));
  const running = start(['rehearse', 'tiny.yaml', '--live', '--load', 'builtin', '--out', 'out'], { cwd });
  await running.says('live: starting');
  const pids = [running.child.pid!, ...descendants(running.child.pid!).map(({ pid }) => pid)];
  running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(130);
  await allGone(pids, 10_000);
});

test('a gateway that stands still is noticed, and ends the rehearsal with an error', LIMIT, async () => {
  const rehearsal = await underWay();
  const ended = await killed(rehearsal, rehearsal.pidOf(join('live', 'gateway/main')), 'SIGSTOP');
  expect([ended.code, ended.stderr]).toEqual([4, expect.stringContaining('the gateway has said nothing for 20 s')]);
});
