/** What a live rehearsal says besides its windows: whether it may be judged, and what the machinery really did. */
import type { FinalSums } from './gateway/messages.ts';
import type { LoadReport } from './load/plan.ts';

/** Times of one kind, ms; null when there were none. */
export interface LiveTimes {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** How the timed hold of the slots did: declared, held, and the model's own run inside it. */
export interface ServiceTimes {
  readonly intendedMs: LiveTimes | null;
  readonly heldMs: LiveTimes | null;
  readonly modelRunMs: LiveTimes | null;
}

/** Every request counted at each place it passed: what one place sent, the next must have received. */
export interface SumCheck {
  readonly loadSent: number;
  readonly gatewayReceived: number;
  readonly gatewayAnswered: number;
  readonly gatewayFailed: number;
  readonly gatewayMirrored: number;
  /** Requests and copies, by the servers that could still be asked, and what they say. */
  readonly sentToServers: number;
  readonly serversReceived: number;
  /** Sent to servers that died and took their count with them. */
  readonly sentToLostServers: number;
  /** Nothing is missing. */
  readonly balanced: boolean;
  readonly mismatches: readonly string[];
}

/** The rollback as it was measured; rehearsal ms, except what is counted from the decision. */
export interface MeasuredRollback {
  readonly decidedAtMs: number;
  /** The baseline's model was in memory when the decision fell. */
  readonly baselineLoaded: boolean;
  /** When the gateway's new route took over: nothing that arrived later went to the candidate. */
  readonly routeSwappedAtMs: number | null;
  readonly lastCandidateResponseAtMs: number | null;
  /** From the decision to the last response that the candidate gave to a user. */
  readonly trafficOffAfterMs: number | null;
}

export interface ProcessUse {
  readonly name: string;
  readonly cpuMs: number;
  /** Share of one core while the rehearsal ran. */
  readonly cpuShare: number;
  readonly rssMb: number | null;
  readonly loopLagMsP99: number | null;
}

export interface LiveReport {
  /** Guards may be judged by this run. When not, it is inconclusive whatever the policy decided. */
  readonly valid: boolean;
  readonly reasons: readonly string[];
  readonly load: LoadReport;
  readonly gateway: Omit<FinalSums, 'sums'>;
  readonly sums: SumCheck;
  readonly rollback: MeasuredRollback | null;
  readonly service: { readonly baseline: ServiceTimes; readonly candidate: ServiceTimes };
  readonly processes: readonly ProcessUse[];
  readonly host: HostCheck;
  /** What was done otherwise than the scenario says. */
  readonly deviations: readonly string[];
  /** What happened that nobody had asked for. */
  readonly troubles: readonly string[];
  readonly features: 'sqlite' | 'redis';
}

/** How calm the machine was before the run. */
export interface HostCheck {
  readonly cores: number;
  /** Load average over the last minute, and the worst delay of an idle event loop, before anything was started. */
  readonly loadAverage: number;
  readonly idleLoopLagMs: number;
  readonly calm: boolean;
}
