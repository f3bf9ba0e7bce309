/** INV-7, INV-8, INV-9, INV-10 on whole rehearsals: what the controller decided in the world, judged again from the recording. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controller } from '../../controller/decide.ts';
import type { Decision, GuardVerdict } from '../../controller/decision.ts';
import type { Policy } from '../../controller/policy.ts';
import { readLog, readOutcome, RECORDING } from '../../run-directory.ts';
import { preFlightOf, runScenario } from '../../run.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { readRecording, type Recording } from '../../telemetry/recording.ts';
import type { Window } from '../../telemetry/window.ts';
import type { Action } from '../../world.ts';
import { rehearse } from '../../rehearse.ts';
import { SimWorld } from '../../sim/world.ts';
import { thresholdsOf } from '../../controller/thresholds.ts';
import { WindowChecker } from '../../telemetry/invariants.ts';
import { smallPolicy, smallScenario } from '../sim/digests.ts';
import { sumOf } from './trial.ts';

const TERMINAL = new Set(['promote', 'roll-back', 'pause', 'refuse']);

/** Decisions and verdicts up to the first terminal decision: what follows depends on a world that answers. */
function upToTheEnd(
  decisions: readonly Decision[],
  verdicts: readonly GuardVerdict[],
): { decisions: Decision[]; verdicts: GuardVerdict[] } {
  const at = decisions.findIndex(({ kind }) => TERMINAL.has(kind));
  const endMs = at < 0 ? Number.POSITIVE_INFINITY : decisions[at]!.atMs;
  return {
    decisions: decisions.slice(0, at < 0 ? undefined : at + 1),
    verdicts: verdicts.filter(({ atMs }) => atMs <= endMs),
  };
}

/** Lets the controller decide on recorded windows, `perLook` of them at a time. */
function judge(
  policy: Policy,
  scenario: Scenario,
  { header, windows }: Recording,
  perLook: number,
): ReturnType<typeof upToTheEnd> {
  let step = controller.begin(policy, preFlightOf(scenario), header);
  const decisions = [...step.decisions];
  const verdicts = [...step.verdicts];
  for (let i = 0; i < windows.length; i += perLook) {
    const seen = windows.slice(i, i + perLook);
    const nowMs = seen.at(-1)!.endMs;
    step = controller.decide(policy, step.state, { nowMs, windows: seen, arms: [], trafficEnded: false });
    decisions.push(...step.decisions);
    verdicts.push(...step.verdicts);
    if (step.decisions.some(({ kind }) => TERMINAL.has(kind))) break;
  }
  return upToTheEnd(decisions, verdicts);
}

describe.each([
  ['healthy', 'promoted'],
  ['slow', 'rolled-back'],
])('the rehearsal of %s, which is %s', (name, verdict) => {
  const scenario = smallScenario(name);
  const policy = smallPolicy(scenario);
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-inv-'));
  const out = join(folder, 'run');
  let recording: Recording;
  let recorded: ReturnType<typeof upToTheEnd>;

  beforeAll(async () => {
    const outcome = await runScenario(scenario, policy, { out, clock: () => 0 });
    expect(outcome.verdict).toBe(verdict);
    recording = await readRecording(join(out, RECORDING));
    const log = readLog(out);
    const of = <T>(wanted: string): T[] =>
      log
        .filter((line) => line.type === wanted)
        .map((line) => {
          const { type, ...rest } = line;
          expect(type).toBe(wanted);
          return rest as unknown as T;
        });
    recorded = upToTheEnd(of<Decision>('decision'), of<GuardVerdict>('verdict'));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('INV-10: the recorded policy, given the recorded windows, decides what was decided', () => {
    expect(recorded.decisions.length).toBeGreaterThan(2);
    expect(judge(policy, scenario, recording, 1)).toEqual(recorded);
  });

  test('INV-7: it decides the same whichever world handed it the windows, one by one or several at a time', () => {
    for (const perLook of [2, 3, 7])
      expect(judge(policy, scenario, recording, perLook).decisions.map(({ kind, stage }) => [kind, stage])).toEqual(
        recorded.decisions.map(({ kind, stage }) => [kind, stage]),
      );
    const copy = JSON.parse(JSON.stringify(recording.header)) as Recording['header'];
    expect(judge(policy, scenario, { header: copy, windows: structuredClone(recording.windows) }, 1)).toEqual(recorded);
  });

  test('INV-6: the digest is the same when it is run again, read back from the run directory, or not kept on disk', async () => {
    const again = join(folder, 'again');
    const outcome = await runScenario(scenario, policy, { out: again, clock: () => 0 });
    expect(readOutcome(again).digest).toBe(outcome.digest);
    expect(readOutcome(out).digest).toBe(outcome.digest);
    const unkept = await runScenario(scenario, policy, { out: null, clock: () => 0 });
    expect(unkept.digest, 'nothing kept on disk').toBe(outcome.digest);
  });

  test('INV-8, INV-9: weights change only through actions, and after a rollback nothing new reaches the candidate', async () => {
    const checker = new WindowChecker();
    const windows: Window[] = [];
    const taken: { atMs: number; action: Action }[] = [];
    const world = await SimWorld.open(scenario, { thresholds: thresholdsOf(policy), content: null });
    await rehearse(world, controller, policy, preFlightOf(scenario), {
      window(window) {
        checker.check(window);
        windows.push(window);
      },
      step({ actions }, observation) {
        checker.acted(actions, observation?.nowMs ?? 0);
        for (const action of actions) taken.push({ atMs: observation?.nowMs ?? 0, action });
      },
    });
    // A world of its own, for what comes after the controller has gone.
    const last = windows.at(-1)!.endMs;
    for (const window of (await world.advance(last + 10 * scenario.windowMs)).windows) {
      checker.check(window);
      windows.push(window);
    }
    const rollback = taken.find(({ action }) => action.kind === 'roll-back');
    expect(rollback !== undefined).toBe(verdict === 'rolled-back');
    if (rollback === undefined) return;
    const off = taken.findLast(({ action }) => action.kind === 'set-weight')!;
    expect(off.action).toMatchObject({ weightPercent: 0 });
    const after = windows.filter(({ startMs }) => startMs >= off.atMs);
    expect(after.length).toBeGreaterThan(5);
    expect(sumOf(after, 'candidate', (row) => row.arrived)).toBe(0);
    expect(sumOf(windows, 'candidate', (row) => row.arrived - row.requests)).toBe(0);
  });
});
