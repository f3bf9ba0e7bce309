/** Opens a live world: files, gateway, servers and load, all up and warm before rehearsal time 0. */
import { loadModel } from '../models/catalogue.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { headerOf } from '../sim/header.ts';
import { histogramsReady } from '../telemetry/histogram.ts';
import type { LatencyThreshold } from '../telemetry/window.ts';
import { epochMs, LiveClock } from './clock.ts';
import { LiveFaults } from './faults/live-faults.ts';
import { finish, type FinishOptions } from './finish.ts';
import { LiveFleet } from './fleet/live-fleet.ts';
import { SERVICE } from './fleet/repository.ts';
import { orderOf, prepareReplica, type ReplicaPlan, spawnReplica } from './fleet/start-replica.ts';
import { GatewayProcess } from './gateway/client.ts';
import { gatewayOptionsOf } from './gateway/options.ts';
import { checkHost } from './host.ts';
import type { LiveReport } from './live-report.ts';
import type { FoundK6 } from './load/find-k6.ts';
import { type GeneratorKind, latenessLimitOf } from './load/plan.ts';
import { type Load, startLoad, startUpMs } from './load/start.ts';
import { mostInFlight } from './most-in-flight.ts';
import { deviationsOf } from './refusals.ts';
import { openWorkplace, type Workplace } from './workplace.ts';
import { type LiveArm, type LiveParts, LiveWorld } from './world.ts';
import type { PlannedStage } from '../sim/arrivals/requests.ts';

export interface LiveOptions {
  /** Latency bounds that the policy's guards count. */
  readonly thresholds: readonly LatencyThreshold[];
  /** Requests are made up to this rehearsal time: longer than the policy can take. */
  readonly untilMs: number;
  /** Stages as they will be if the rollout goes as planned. */
  readonly stages: readonly PlannedStage[];
  readonly load: GeneratorKind;
  /** The k6 to use, for a load of that kind. */
  readonly k6: FoundK6 | null;
  /** `redis://…` of the feature store; null keeps it in an SQLite file. */
  readonly redis: string | null;
  /** Package that runs the models. */
  readonly runtime: string;
  /** Where the gateway leaves the times of every answer; they are not kept unless this is given. */
  readonly samplesFile?: string;
  /** What is done otherwise than asked, besides what the scenario itself leads to. */
  readonly deviations?: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly onNote?: (note: string) => void;
}

/** A world that is running, and the way to end it in order. */
export interface OpenLive {
  readonly world: LiveWorld;
  /** Ends load and gateway and reports; `world.close` must follow. */
  finish(): Promise<LiveReport>;
}

/** Between all being up and time 0: the messages that say so are on their way. */
const LEAD_MS = 300;
/** What a client grants besides the arms' own time-outs; a request that nobody times out is given up after so long. */
const CLIENT_GRACE_MS = 1000;
const LONGEST_MS = 30_000;
/** Ending processes may take this long each before they are killed. */
const STOP_MS = 3000;
/** Where a lateness of the load begins to matter when no guard looks at latency. */
const NO_THRESHOLD_MS = 100;

/** Rejects with BadInput, MissingRuntime, LiveFailure or the signal's reason; then nothing is left running. */
export async function openLive(scenario: Scenario, options: LiveOptions): Promise<OpenLive> {
  const { signal, onNote } = options;
  await histogramsReady();
  const host = await checkHost();
  if (!host.calm)
    onNote?.(
      `live: this machine is busy (load average ${host.loadAverage.toFixed(1)} on ${host.cores} cores): the run may turn out to be no measurement`,
    );
  const opened: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).toReversed()) {
      // One that cannot be ended keeps nobody from ending the others.
      await end().catch((error: Error) => onNote?.(`live: ${error.message}`));
    }
  };
  try {
    const workplace = await openWorkplace(scenario, options);
    opened.push(() => workplace.remove());
    signal?.throwIfAborted();
    const header = headerOf(scenario, options.thresholds, workplace.content.actual);
    const gateway = await GatewayProcess.start(
      gatewayOptionsOf(scenario, header, workplace.content, options.samplesFile),
    );
    opened.push(() => gateway.kill());
    const clock = new LiveClock();
    const troubles: string[] = [];
    const { fleets, faults } = makeFleets(scenario, { workplace, clock, gateway, troubles, runtime: options.runtime });
    opened.push(() => Promise.all([fleets.baseline.close(STOP_MS), fleets.candidate.close(STOP_MS)]));
    // Again, and before them: servers answer what is in hand, and the gateway always has something.
    opened.push(() => gateway.kill());
    const replicas = scenario.arms.baseline.replicas + scenario.arms.candidate.replicas;
    onNote?.(`live: starting gateway and ${replicas} servers; ${workplace.index.rows} requests ready`);
    await Promise.race([Promise.all([fleets.baseline.startAll(), fleets.candidate.startAll()]), aborted(signal)]);
    const { load, startAtMs } = startGenerator(scenario, workplace, gateway, options);
    opened.push(() => stopped(load));
    await gateway.begin(startAtMs);
    clock.begin(startAtMs);
    const { arrivals } = scenario.traffic;
    // A recording that is played once ends with its last request; a rate of nothing may be followed by another.
    const trafficUntilMs = arrivals.kind === 'trace' && !arrivals.repeat ? 0 : options.untilMs;
    const requests = workplace.index.rows;
    const ways = { clock, gateway, fleets, faults, load, troubles, signal, close };
    const parts: LiveParts = { scenario, header, requests, trafficUntilMs, ...ways };
    const world = new LiveWorld(parts);
    const deviations = [...deviationsOf(scenario), ...(options.deviations ?? [])];
    const features = workplace.store.kind;
    const ending: FinishOptions = { host, deviations, features, startAtMs };
    return { world, finish: () => finish(world, ending) };
  } catch (error) {
    await close();
    throw error;
  }
}

interface FleetContext {
  readonly workplace: Workplace;
  readonly clock: LiveClock;
  readonly gateway: GatewayProcess;
  readonly troubles: string[];
  readonly runtime: string;
}

function makeFleets(
  scenario: Scenario,
  { workplace, clock, gateway, troubles, runtime }: FleetContext,
): { fleets: Readonly<Record<LiveArm, LiveFleet>>; faults: LiveFaults } {
  const fleetOf = (arm: LiveArm): LiveFleet => {
    const spec = scenario.arms[arm];
    const onnxFile = loadModel(spec.model!).onnxFile;
    const plan: ReplicaPlan = { scenario, arm, spec, workplace, runtime, onnxFile };
    return new LiveFleet(spec, {
      clock,
      spawn: (index) => spawnReplica(arm, index),
      prepare(index, process, modelLoadMs) {
        const order = orderOf(plan, `${arm}-${index}`, faults.knobsOf(arm), { initial: !clock.begun, modelLoadMs });
        return prepareReplica(index, process, order, (atMs) => clock.toRehearsalMs(atMs));
      },
      publish: (urls) => gateway.setUpstreams(arm, urls),
      onTrouble: (what) => troubles.push(`at ${Math.round(Math.max(0, clock.nowMs))} ms: ${what}`),
    });
  };
  const fleets = { baseline: fleetOf('baseline'), candidate: fleetOf('candidate') };
  const faulted = (['baseline', 'candidate'] as const).map((name) => ({
    name,
    spec: scenario.arms[name],
    fleet: fleets[name],
  }));
  const faults = new LiveFaults(scenario.faults, faulted, clock);
  return { fleets, faults };
}

/** Starts the load; rehearsal time 0 is when it will be up. */
function startGenerator(
  scenario: Scenario,
  { slices, index }: Workplace,
  gateway: GatewayProcess,
  { load: kind, k6, thresholds }: LiveOptions,
): { load: Load; startAtMs: number } {
  const expectedMaxInFlight = mostInFlight(scenario, index.peakPerSecond);
  const startAtMs = epochMs() + startUpMs(kind, { expectedMaxInFlight }) + LEAD_MS;
  const slowestMs = Math.max(scenario.arms.baseline.timeoutMs, scenario.arms.candidate.timeoutMs);
  const plan = {
    slices,
    url: `${gateway.url}/v2/models/${SERVICE}/infer`,
    startAtMs,
    expectedMaxInFlight,
    timeoutMs: Math.min(slowestMs + CLIENT_GRACE_MS, LONGEST_MS),
  };
  const bounds = thresholds.map(({ thresholdMs }) => thresholdMs);
  const latenessMsP99 = latenessLimitOf(bounds.length === 0 ? [NO_THRESHOLD_MS] : bounds);
  return { load: startLoad(kind, plan, { limits: { latenessMsP99 }, ...(k6 === null ? {} : { k6 }) }), startAtMs };
}

/** Ends a load that nobody will report on. */
async function stopped(load: Load): Promise<void> {
  const timer = setTimeout(() => kill(load.pid ?? 0), STOP_MS);
  await load.stop();
  clearTimeout(timer);
}

/** Ends a process with its group. */
function kill(pid: number): void {
  try {
    if (pid > 0) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Rejects when the user interrupts; never resolves. */
const aborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    if (signal?.aborted === true) reject(signal.reason as Error);
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
