/** A rollback under load: the route is swapped at once, nobody reaches the candidate afterwards, nobody is lost. */
import { expect, test } from 'vitest';
import type { Window } from '../../../telemetry/window.ts';
import { WindowChecker } from '../../../telemetry/invariants.ts';
import type { OpenLive } from '../../../live/open.ts';
import type { Action } from '../../../world.ts';
import { rowOf, startWorld, tinyScenario } from './support.ts';

const weight = (weightPercent: number, stage = 'canary'): Action => ({ kind: 'set-weight', weightPercent, stage });
const ROLL_BACK: Action = { kind: 'roll-back', guard: 'errors' };

/** Plays the controller: acts, looks, and holds every window against the invariants. */
class Player {
  readonly windows: Window[] = [];
  private readonly live: OpenLive;
  private readonly checker = new WindowChecker();

  constructor(live: OpenLive) {
    this.live = live;
  }

  async act(...actions: Action[]): Promise<number[]> {
    const effectiveMs: number[] = [];
    for (const action of actions) effectiveMs.push(await this.live.world.apply(action));
    this.checker.acted(actions, effectiveMs);
    return effectiveMs;
  }

  async until(untilMs: number): ReturnType<OpenLive['world']['advance']> {
    const observation = await this.live.world.advance(untilMs);
    for (const window of observation.windows) {
      this.checker.check(window);
      this.windows.push(window);
    }
    return observation;
  }

  /** Advances by a quarter of a second at a time until `done` holds. */
  async waitFor(done: (arms: Awaited<ReturnType<OpenLive['world']['advance']>>['arms']) => boolean): Promise<number> {
    for (;;) {
      const { arms, nowMs } = await this.until(this.live.world.parts.clock.nowMs + 250);
      if (done(arms)) return nowMs;
      if (nowMs > 60_000) throw new Error(`still waiting at ${nowMs} ms: ${JSON.stringify(arms)}`);
    }
  }
}

test('with both models loaded the candidate is off at once, drains, and the faults are undone', {
  timeout: 60_000,
}, async () => {
  const slow = '{ kind: upstream-brownout, at: 0, for: infinite, size: 30, target: candidate }';
  const live = await startWorld(
    await tinyScenario({ rate: 200, candidate: { slots: '100' }, faults: `[${slow}]` }),
    20_000,
  );
  const player = new Player(live);
  await player.act(weight(50));
  const { arms } = await player.until(2500);
  expect(arms[1]!.inFlight).toBeGreaterThan(5);
  const [, offMs] = await player.act(ROLL_BACK, weight(0));
  const drainedMs = await player.waitFor(([, candidate]) => candidate!.inFlight === 0);
  await player.until(Math.ceil(drainedMs / 1000) * 1000 + 2000);
  const after = player.windows.filter(({ startMs }) => startMs >= offMs!);
  expect(after.length).toBeGreaterThan(1);
  expect(after.map((window) => rowOf(window, 'candidate').arrived)).toEqual(after.map(() => 0));
  expect(live.world.faultSpans[0]!.endMs).toBeLessThanOrEqual(offMs!);
  // Copies, which no controller would send now, show that the candidate is as fast again as it was: 10 ms instead of 300.
  const mirrorMs = await live.world.apply({ kind: 'mirror', percent: 100, stage: 'shadow' });
  const { windows } = await live.world.advance(Math.ceil(mirrorMs / 1000) * 1000 + 2000);
  const { latency } = rowOf(windows.at(-1)!, 'candidate');
  expect(latency.sumMs / latency.count).toBeLessThan(200);

  const report = await live.finish();
  expect(report.sums).toMatchObject({ balanced: true, mismatches: [], gatewayFailed: 0, sentToLostServers: 0 });
  const rollback = report.rollback!;
  expect(rollback.baselineLoaded).toBe(true);
  expect(rollback.routeSwappedAtMs).toBe(offMs);
  // Requests of 300 ms were in flight at the decision; the last of them came back after it.
  expect(rollback.trafficOffAfterMs).toBeGreaterThan(0);
  expect(rollback.lastCandidateResponseAtMs).toBeLessThanOrEqual(drainedMs);
});

test('an unloaded baseline is loaded before traffic returns, and no request is lost on the way', {
  timeout: 60_000,
}, async () => {
  const baseline = { keepLoaded: 'false', modelLoad: '1500ms' };
  const live = await startWorld(await tinyScenario({ rate: 100, baseline }), 30_000);
  const player = new Player(live);
  await player.act(weight(50));
  await player.until(1000);
  await player.act(weight(100, 'full'));
  await player.waitFor(([status]) => !status!.loaded && status!.readyReplicas === 0);
  const url = live.world.parts.fleets.baseline.all[0]!.url;
  expect((await fetch(`${url}/v2/models/model/ready`)).status).toBe(400);

  await player.act(ROLL_BACK, { kind: 'load', arm: 'baseline' });
  const askedMs = live.world.parts.clock.nowMs;
  const loadedMs = await player.waitFor(([status]) => status!.loaded && status!.readyReplicas === 1);
  expect(loadedMs - askedMs).toBeGreaterThan(1400);
  expect((await fetch(`${url}/v2/models/model/ready`)).status).toBe(200);
  await player.act(weight(0), { kind: 'pre-warm', arm: 'baseline' });
  const warmMs = await player.waitFor(([status]) => status!.warm);
  await player.until(Math.ceil(warmMs / 1000) * 1000 + 1000);
  const last = player.windows.at(-1)!;
  expect(rowOf(last, 'baseline').completed).toBeGreaterThan(50);

  const report = await live.finish();
  expect(report.sums).toMatchObject({ balanced: true, mismatches: [], gatewayFailed: 0 });
  expect(report.rollback!.baselineLoaded).toBe(false);
  // The candidate went on serving until the baseline could take over.
  expect(report.rollback!.trafficOffAfterMs).toBeGreaterThan(1400);
});

test('pre-warming reads the popular keys that a cache lacks, at the rate of the store', {
  timeout: 60_000,
}, async () => {
  const cache = 'capacity: 150, scope: replica, eviction: lru, warm: false, preWarmRate: 100/s';
  const features = `{ latency: { kind: constant, value: 4ms }, cache: { ${cache} } }`;
  const live = await startWorld(await tinyScenario({ rate: 50, features }), 15_000);
  const player = new Player(live);
  await player.until(200);
  await player.act({ kind: 'pre-warm', arm: 'candidate' });
  expect((await player.until(400)).arms[1]!.warm).toBe(false);
  // The candidate has served nobody: 150 keys at 100 a second.
  const warmMs = await player.waitFor(([, candidate]) => candidate!.warm);
  expect(warmMs).toBeGreaterThan(200 + 1400);
  const [fromMs] = await player.act(weight(100));
  await player.until(Math.ceil(fromMs! / 1000) * 1000 + 2000);
  const window = player.windows.at(-1)!;
  // 200 keys, the 150 most popular of them in the cache: most requests hit.
  expect(rowOf(window, 'candidate').cacheHits).toBeGreaterThan(rowOf(window, 'candidate').cacheMisses);
});
