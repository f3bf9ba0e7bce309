import type { TimeDistribution } from '../../scenarios/scenario.ts';
import type { ArmWindow } from '../../telemetry/window.ts';
import type { GatewayArm, GatewayOptions } from './options.ts';

/** What the gateway's parent may ask, by IPC or through the admin API, and what it is told. All times are rehearsal ms. */

/** Only what is named changes; both at once is one swap. Percent, 0…100. */
export interface RouteChange {
  readonly weightPercent?: number;
  readonly mirrorPercent?: number;
  /** Only requests of these are shared out and copied, all others stay with the baseline; null: every request is. */
  readonly segments?: readonly string[] | null;
}

export type ByArm<T> = Readonly<Record<GatewayArm, T>>;

export interface RouteAck {
  /** When the new table took over: no request that arrives later sees the old one. Null before the rehearsal has a clock. */
  readonly atMs: number | null;
  /** Requests and copies that were in each arm at that instant. */
  readonly inFlight: ByArm<number>;
}

/** A fault at the gateway, active until the list is replaced. Hit or miss is a pure function of (seed, name, request number). */
export type GatewayFault =
  /** The way to the server takes longer by a time drawn per request hit. */
  | {
      readonly kind: 'upstream-brownout';
      readonly name: string;
      /** Null: both arms. */
      readonly arm: GatewayArm | null;
      readonly extra: TimeDistribution;
      /** Share of the requests hit, 0…1. */
      readonly share: number;
    }
  /** Answered by the gateway itself, without reaching a server: 500 counts as failed, 503 as rejected. */
  | {
      readonly kind: 'error-burst';
      readonly name: string;
      readonly arm: GatewayArm | null;
      readonly share: number;
      readonly status: 500 | 503;
    };

/** What an upstream was sent: sent = answered + errors + still open. */
export interface UpstreamSums {
  readonly url: string;
  readonly arm: GatewayArm;
  /** Requests and copies whose first byte was written to it. */
  readonly sent: number;
  /** … to which a whole response came, whatever its status. */
  readonly answered: number;
  /** … that were reset, or given up at the time-out. */
  readonly errors: number;
  /** In rotation: among the arm's upstreams and not found unhealthy. */
  readonly ready: boolean;
}

/**
 * Counts since the process started. received = answered + failed + in flight (requests);
 * mirrored = mirrorAnswered + mirrorFailed + in flight (copies); received + mirrored = Σ sent + unsent + on their way to an upstream.
 */
export interface Sums {
  /** Requests whose last byte was received and that were understood. */
  readonly received: number;
  /** … answered by a server with a status below 400. */
  readonly answered: number;
  /** … that ended in any other way: the next three classes together. */
  readonly failed: number;
  /** 503, from a server or because no upstream was ready. */
  readonly rejected: number;
  /** The arm's time-out, or 504 from a server. */
  readonly timedOut: number;
  /** Everything else. */
  readonly broken: number;
  readonly mirrored: number;
  readonly mirrorAnswered: number;
  readonly mirrorFailed: number;
  /** Copies not made because too many were under way. */
  readonly mirrorDropped: number;
  /** Requests and copies sent to a second upstream, because the first could not be connected to. */
  readonly retried: number;
  /** Requests and copies that ended without a byte written to any upstream. */
  readonly unsent: number;
  /** Of `unsent`: answered by an error burst. */
  readonly injected: number;
  /** Answers whose caller had gone by then. */
  readonly undelivered: number;
  /** Calls turned away before they counted as received, malformed ones included: 400 to 431, and 501. */
  readonly refused: number;
  /** Requests and copies sent, by upstream URL. */
  readonly byUpstream: Readonly<Record<string, number>>;
  readonly upstreams: readonly UpstreamSums[];
}

export interface GatewayStatus {
  /** Null before `begin`. */
  readonly nowMs: number | null;
  readonly weightPercent: number;
  readonly mirrorPercent: number;
  readonly inFlight: ByArm<number>;
  /** When the arm last answered a user, and when its last copy ended; null when never. */
  readonly lastResponseAtMs: ByArm<number | null>;
  readonly lastCopyAtMs: ByArm<number | null>;
  readonly sums: Sums;
  /** 99th percentile of the event loop's delay since the process started. */
  readonly loopLagMsP99: number;
  /** User and system time of the process so far. */
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** `FinalSums.inFlight` is zero unless the deadline cut requests off; those count as failed. */
export interface FinalSums extends GatewayStatus {
  /** Every request was answered before the deadline. */
  readonly drained: boolean;
}

/** One arm × segment row each, without the rows of all segments (see client.ts). */
export interface WindowParts {
  readonly index: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Of the requests that are shared out. */
  readonly weightPercent: number;
  readonly rows: readonly ArmWindow[];
}

export interface Addresses {
  readonly url: string;
  readonly adminUrl: string;
  readonly token: string;
}

/** Parent → gateway, with what each is answered. */
export interface Commands {
  start: { readonly options: GatewayOptions; answer: Addresses };
  begin: { readonly startAtMs: number; answer: void };
  setRoute: { readonly change: RouteChange; answer: RouteAck };
  setUpstreams: { readonly arm: GatewayArm; readonly urls: readonly string[]; answer: void };
  connect: { readonly arm: GatewayArm; readonly perUpstream: number; answer: void };
  setFaults: { readonly faults: readonly GatewayFault[]; answer: void };
  status: { answer: GatewayStatus };
  stop: { readonly graceMs: number; answer: FinalSums };
}
export type Command = keyof Commands;

export interface Call<C extends Command = Command> {
  readonly id: number;
  readonly command: C;
  readonly args: Omit<Commands[C], 'answer'>;
}

/** Gateway → parent. */
export type Reply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly window: WindowParts };
