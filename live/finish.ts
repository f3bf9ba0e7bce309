/** The end of a live rehearsal: everybody is answered, asked for their sums, and the run is judged as a measurement. */
import { TimeTotal } from '../telemetry/histogram.ts';
import type { TimeHistogram } from '../telemetry/window.ts';
import { epochMs } from './clock.ts';
import { asLiveFailure } from './failure.ts';
import type { LiveFleet } from './fleet/live-fleet.ts';
import type { FinalSums } from './gateway/messages.ts';
import type { HostCheck, LiveReport, LiveTimes, MeasuredRollback, ProcessUse, ServiceTimes } from './live-report.ts';
import type { LoadReport } from './load/plan.ts';
import { patiently } from './patience.ts';
import { checkSums } from './sum-check.ts';
import type { LiveWorld } from './world.ts';

/** A replica that does not give its sums within this long is counted as lost. */
const SUMS_WITHIN_MS = 3000;
/** The gateway has one thread: beyond this share of a core it is what is being measured. */
const GATEWAY_CPU_SHARE = 0.8;

export interface FinishOptions {
  readonly host: HostCheck;
  readonly deviations: readonly string[];
  readonly features: LiveReport['features'];
  /** Epoch ms of rehearsal time 0. */
  readonly startAtMs: number;
}

/** Ends load and gateway, collects everybody's sums and says whether the run may be judged. The replicas still run. */
export async function finish(world: LiveWorld, options: FinishOptions): Promise<LiveReport> {
  const { parts } = world;
  const { gateway, fleets, faults, clock } = parts;
  faults.undo(clock.nowMs);
  const load = await world.endLoad();
  const ranMs = epochMs() - options.startAtMs;
  world.expectEnd();
  const final = await patiently('the gateway', gateway.stop()).catch((error: Error) => {
    throw asLiveFailure(error);
  });
  const all = [fleets.baseline, fleets.candidate];
  await Promise.all(all.flatMap((fleet) => fleet.all.map((replica) => replica.askForSums(SUMS_WITHIN_MS))));
  const sums = checkSums(load, final, all);
  const processes = usesOf(load, final, all, ranMs);
  const reasons = [
    ...load.reasons.map((reason) => `load: ${reason}`),
    ...sums.mismatches.map((mismatch) => `sums: ${mismatch}`),
    ...(final.drained ? [] : ['gateway: requests were cut off at the end']),
    ...processes
      .filter(({ name, cpuShare }) => name === 'gateway' && cpuShare > GATEWAY_CPU_SHARE)
      .map(({ cpuShare }) => `gateway: used ${Math.round(cpuShare * 100)} % of a core, expected at most 80 %`),
    ...storeFailures(all),
    ...parts.troubles,
  ];
  const { sums: _, ...gatewayStatus } = final;
  return {
    valid: reasons.length === 0,
    reasons,
    load,
    gateway: gatewayStatus,
    sums,
    rollback: rollbackOf(world, final),
    service: { baseline: serviceOf(fleets.baseline), candidate: serviceOf(fleets.candidate) },
    processes,
    host: options.host,
    deviations: options.deviations,
    troubles: parts.troubles,
    features: options.features,
  };
}

function storeFailures(fleets: readonly LiveFleet[]): string[] {
  const failed = fleets.flatMap(({ all }) => all).reduce((n, { sums }) => n + (sums?.storeFailures ?? 0), 0);
  return failed === 0 ? [] : [`features: the store failed ${failed} reads`];
}

function rollbackOf({ measuredRollback }: LiveWorld, final: FinalSums): MeasuredRollback | null {
  if (measuredRollback === null) return null;
  const lastCandidateResponseAtMs = final.lastResponseAtMs.candidate;
  return {
    ...measuredRollback,
    lastCandidateResponseAtMs,
    trafficOffAfterMs:
      lastCandidateResponseAtMs === null ? null : Math.max(0, lastCandidateResponseAtMs - measuredRollback.decidedAtMs),
  };
}

function usesOf(load: LoadReport, gateway: FinalSums, fleets: readonly LiveFleet[], ranMs: number): ProcessUse[] {
  const share = (cpuMs: number): number => cpuMs / ranMs;
  return [
    { name: load.generator, cpuMs: load.cpuMs, cpuShare: load.cpuShare, rssMb: null, loopLagMsP99: null },
    {
      name: 'gateway',
      cpuMs: gateway.cpuMs,
      cpuShare: share(gateway.cpuMs),
      rssMb: gateway.rssMb,
      loopLagMsP99: gateway.loopLagMsP99,
    },
    ...fleets.flatMap(({ all }) =>
      all.map(({ process, sums, cpuMs }) => ({
        name: process.name,
        cpuMs: sums?.cpuMs ?? cpuMs,
        cpuShare: share(sums?.cpuMs ?? cpuMs),
        rssMb: sums?.rssMb ?? null,
        loopLagMsP99: sums?.loopLagMsP99 ?? null,
      })),
    ),
  ];
}

function serviceOf({ all }: LiveFleet): ServiceTimes {
  const sums = all.flatMap(({ sums: each }) => (each === null ? [] : [each]));
  return {
    intendedMs: timesOf(sums.map(({ intended }) => intended)),
    heldMs: timesOf(sums.map(({ actual }) => actual)),
    modelRunMs: timesOf(sums.map(({ modelRun }) => modelRun)),
  };
}

function timesOf(parts: readonly TimeHistogram[]): LiveTimes | null {
  const total = new TimeTotal();
  for (const part of parts) total.add(part);
  const { count, maxMs } = total;
  const at = (q: number): number => total.quantile(q)!;
  const times =
    count === 0 ? null : { count, mean: total.mean()!, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: maxMs };
  total.destroy();
  return times;
}
