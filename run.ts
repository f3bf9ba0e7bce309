/** One rehearsal, from files to a run directory: in virtual time, or against real servers. */
import { setImmediate } from 'node:timers/promises';
import { hashOf } from './config/hash.ts';
import { type Conclusion, conclude } from './conclude.ts';
import { controller } from './controller/decide.ts';
import type { ControllerState, Decision, Step } from './controller/decision.ts';
import { readsUsers } from './controller/needs.ts';
import { type Policy, usesControl } from './controller/policy.ts';
import { policyHash } from './controller/policy-hash.ts';
import { thresholdsOf } from './controller/thresholds.ts';
import { hostOf } from './host.ts';
import { Ledger } from './ledger.ts';
import type { LiveReport } from './live/live-report.ts';
import { type LiveChoice, liveScenario, liveTwin, openLiveRun } from './live-run.ts';
import { referenceOf } from './models/reference.ts';
import { RUNTIME } from './models/runtime.ts';
import { type Scoring, startScoring } from './models/score.ts';
import type { FaultSpan, LogLine, Outcome } from './outcome.ts';
import { preFlightOf } from './pre-flight.ts';
import { provenanceOf } from './provenance.ts';
import { rehearse } from './rehearse.ts';
import type { ReportFormat } from './reports/write.ts';
import { RunDirectory } from './run-directory.ts';
import type { ReadCalibration } from './scenarios/calibration.ts';
import type { Scenario } from './scenarios/scenario.ts';
import type { RequestProbe } from './sim/probe.ts';
import { SimWorld } from './sim/world.ts';
import { RecordingDigest, rowsOf } from './telemetry/recording.ts';
import { WindowChecker } from './telemetry/invariants.ts';
import type { Observation, World } from './world.ts';
import { version } from './version.ts';

/** What a caller may watch while the rehearsal runs. */
export interface Progress {
  readonly nowMs: number;
  /** When the rehearsal would end if every stage kept to its hold. */
  readonly plannedMs: number;
  readonly requests: number;
  readonly step: Step<ControllerState>;
}

export interface RunOptions {
  /** Where the run directory goes; null keeps nothing on disk. */
  readonly out: string | null;
  /** Replace a finished run at `out`. */
  readonly replace?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** Stops at the next chance and throws the signal's reason. */
  readonly signal?: AbortSignal;
  readonly probe?: RequestProbe;
  /** What the report is written as; default: all. */
  readonly formats?: readonly ReportFormat[];
  /** Rehearses against real servers instead of the simulator. */
  readonly live?: LiveChoice;
  /** Simulates what `live` would measure, with times of real servers. */
  readonly calibration?: ReadCalibration;
  /** Finds the module that runs the models (see `findRuntime`), when models are needed; default: the installed onnxruntime-node. */
  readonly runtime?: () => Promise<string>;
  /** Milliseconds of wall time, for `timing` alone. */
  readonly clock: () => number;
}

export { policyFor } from './policy-for.ts';
export { preFlightOf } from './pre-flight.ts';

/** Rehearses a scenario under a policy and returns the outcome; throws what the rooms throw (BadInput, MissingRuntime, LiveFailure). */
export async function runScenario(stated: Scenario, policy: Policy, options: RunOptions): Promise<Outcome> {
  const startedMs = options.clock();
  const preFlight = preFlightOf(stated);
  const refused = policy.requireCompatibleSchemas && preFlight.schemaIssues.length > 0;
  const { scenario, deviations, calibration } = played(stated, policy, options);
  const directory = options.out === null ? null : RunDirectory.create(options.out, options.replace ?? false);
  let opened: Opened | null = null;
  let ledger: Ledger | null = null;
  try {
    opened =
      refused || options.live === undefined
        ? await openSimulated(scenario, policy, refused, options)
        : await openReal(scenario, policy, deviations, options.live, options);
    const { world } = opened;
    ledger = new Ledger(world.header);
    const recorder = await directory?.record(world.header);
    const recording = new RecordingDigest(world.header);
    const checker = new WindowChecker();
    const log: LogLine[] = [];
    const decisions: Decision[] = [];
    let last: Observation | null = null;
    const plannedMs = policy.stages.reduce((sum, stage) => sum + stage.holdMs, 0);
    const { state, endMs } = await rehearse(heard(world), controller, policy, preFlight, {
      window(window) {
        checker.check(window);
        ledger!.add(window);
        const rows = rowsOf(window);
        recording.add(rows);
        recorder?.add(rows);
      },
      step(step: Step<ControllerState>, observation: Observation | null, effectiveMs) {
        options.signal?.throwIfAborted();
        last = observation;
        for (const decision of step.decisions) log.push({ type: 'decision', ...decision });
        for (const verdict of step.verdicts) log.push({ type: 'verdict', ...verdict });
        decisions.push(...step.decisions);
        checker.acted(step.actions, effectiveMs);
        options.onProgress?.({ nowMs: observation?.nowMs ?? 0, plannedMs, requests: world.arrivedTotal, step });
      },
    });
    const live = await opened.finish();
    for (const span of world.faultSpans) log.push({ type: 'fault', ...span });
    const conclusion = conclude({
      world: options.live === undefined ? 'sim' : 'live',
      scenario,
      policy,
      policyHash: policyHash(policy),
      state,
      decisions,
      ledger: refused ? null : ledger,
      endMs,
      live,
      retries: world.retries ?? null,
      storeUse: world.storeUse ?? null,
      calibration,
    });
    const outcome = seal(conclusion, recording.close(), timingOf(options.clock() - startedMs, endMs, conclusion));
    const provenance = provenanceOf(scenario, preFlight, state, last);
    const { formats, signal } = options;
    await directory?.commit({ outcome, log, policy, scenario, host: hostOf(), provenance }, { formats, signal });
    return outcome;
  } finally {
    directory?.abort();
    ledger?.destroy();
    await opened?.close();
  }
}

/** The scenario as this world plays it, what it does otherwise than stated, in words, and the measurement that was used. */
function played(stated: Scenario, policy: Policy, { live, calibration }: RunOptions): Played {
  if (live !== undefined) return { ...liveScenario(stated, policy), calibration: null };
  if (calibration === undefined) return { scenario: stated, deviations: [], calibration: null };
  const { scenario, notes, uncertainty } = liveTwin(stated, policy, calibration);
  const { name } = calibration.calibration;
  return { scenario, deviations: notes, calibration: { name, hash: calibration.hash, notes, uncertainty } };
}

interface Played {
  readonly scenario: Scenario;
  readonly deviations: readonly string[];
  readonly calibration: NonNullable<Outcome['calibration']> | null;
}

/** A world with what a run needs besides. */
interface Opened {
  readonly world: World & {
    readonly arrivedTotal: number;
    readonly faultSpans: readonly FaultSpan[];
    readonly retries?: SimWorld['retries'];
    readonly storeUse?: SimWorld['storeUse'];
  };
  /** The rollout is over: ends what still runs; answers what only a live world can tell. */
  finish(): Promise<LiveReport | null>;
  close(): Promise<void>;
}

async function openSimulated(
  scenario: Scenario,
  policy: Policy,
  refused: boolean,
  options: RunOptions,
): Promise<Opened> {
  // A refused rollout sends no request, so nothing needs scoring.
  const scoring = refused ? null : await scoringFor(scenario, options.runtime);
  try {
    const world = await SimWorld.open(refused ? withoutContent(scenario) : scenario, {
      thresholds: thresholdsOf(policy),
      content: scoring === null ? null : { content: scoring.content, scores: twoOf(scoring) },
      control: usesControl(policy),
      users: readsUsers(policy),
      ...(options.probe === undefined ? {} : { probe: options.probe }),
    });
    return {
      world,
      finish: async () => null,
      async close() {
        await world.close();
        await scoring?.close();
      },
    };
  } catch (error) {
    await scoring?.close();
    throw error;
  }
}

async function openReal(
  scenario: Scenario,
  policy: Policy,
  deviations: readonly string[],
  choice: LiveChoice,
  { runtime, signal }: RunOptions,
): Promise<Opened> {
  const found = (await runtime?.()) ?? RUNTIME;
  const live = await openLiveRun(scenario, policy, choice, { runtime: found, signal, deviations });
  return { world: live.world, finish: () => live.finish(), close: () => live.world.close() };
}

/** The world with a turn of the event loop before every advance: virtual time alone never lets a signal be heard. */
const heard = (world: World): World => ({
  header: world.header,
  advance: async (untilMs) => world.advance(await setImmediate(untilMs)),
  apply: (action) => world.apply(action),
  close: () => world.close(),
});

async function scoringFor({ traffic, arms }: Scenario, runtime: RunOptions['runtime']): Promise<Scoring | null> {
  if (traffic.content.kind === 'none') return null;
  return startScoring(
    traffic.content.file,
    [referenceOf(arms.baseline)!, referenceOf(arms.candidate)!],
    runtime === undefined ? {} : { runtime: await runtime() },
  );
}

const twoOf = ({ scores }: Scoring): [Scoring['scores'][number], Scoring['scores'][number]] => [scores[0]!, scores[1]!];

const withoutContent = (scenario: Scenario): Scenario => ({
  ...scenario,
  traffic: { ...scenario.traffic, content: { kind: 'none' } },
  outcomes: { kind: 'none' },
});

/** Adds versions, timing and the digest, which covers everything that must be equal on every machine. */
function seal(conclusion: Conclusion, recording: string, timing: Outcome['timing']): Outcome {
  // Where the scenario file lies is not what it says.
  const { file: _, ...scenario } = conclusion.scenario;
  const digest = hashOf({ ...conclusion, scenario, recording });
  const { schemaVersion, ...rest } = conclusion;
  return { schemaVersion, coalmine: version, node: process.version, ...rest, digest, timing };
}

function timingOf(wallMs: number, simulatedMs: number, { requests }: Conclusion): Outcome['timing'] {
  return {
    wallMs: Math.round(wallMs),
    simulatedMs,
    requestsPerSecond: wallMs > 0 ? Math.round((requests.total / wallMs) * 1000) : 0,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}
