/** The loop that joins a world and a controller. */
import { describe, expect, test } from 'vitest';
import type { Controller, ControllerState } from '../controller/decision.ts';
import { loadPolicy } from '../controller/load-policy.ts';
import { type Listener, rehearse } from '../rehearse.ts';
import type { WindowHeader } from '../telemetry/window.ts';
import type { Action, World } from '../world.ts';

const policy = loadPolicy('policies/seed.yaml');
const header = { windowMs: 10_000 } as WindowHeader;

/** Mirrors at once, gives the candidate half of the traffic after a minute, and is done with it after two. */
const controller: Controller<ControllerState> = {
  begin: () => stepOf(0, [{ kind: 'mirror', percent: 100, stage: 'shadow' }]),
  decide: (_, __, { nowMs }) => stepOf(nowMs, [{ kind: 'set-weight', weightPercent: nowMs / 1200, stage: 'canary' }]),
};

const stepOf = (nowMs: number, actions: readonly Action[]): ReturnType<typeof controller.begin> => ({
  state: {
    wakeMs: nowMs + 60_000,
    verdict: nowMs < 120_000 ? 'running' : 'promoted',
    decidedAtMs: null,
    explanation: '',
    endedBy: null,
    stages: [],
    rollback: null,
  },
  actions,
  verdicts: [],
  decisions: [],
});

/** A world that does as it is told, half a second later where it is told so. */
class Told implements World {
  readonly header = header;
  readonly actions: Action[] = [];
  private nowMs = 0;

  advance(untilMs: number): ReturnType<World['advance']> {
    this.nowMs = untilMs;
    return Promise.resolve({ nowMs: untilMs, windows: [], arms: [], trafficEnded: false });
  }

  apply(action: Action): Promise<number> {
    this.actions.push(action);
    return Promise.resolve(this.nowMs + 500);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const run = async (listener: Listener): Promise<readonly Action[]> => {
  const world = new Told();
  await rehearse(world, controller, policy, { schemaIssues: [] }, listener);
  return world.actions;
};

describe('rehearse', () => {
  test('applies every action, in order, whether anybody listens or not', async () => {
    const silent = await run({});
    expect(silent.map(({ kind }) => kind)).toEqual(['mirror', 'set-weight', 'set-weight']);
    expect(await run({ step: () => undefined })).toEqual(silent);
  });

  test('tells its listener when each action took effect', async () => {
    const heard: (readonly number[])[] = [];
    await run({ step: (_, __, effectiveMs) => heard.push(effectiveMs) });
    expect(heard).toEqual([[500], [60_500], [120_500]]);
  });
});
