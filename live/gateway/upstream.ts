import { ConnectionPool } from './connection-pool.ts';
import type { UpstreamSums } from './messages.ts';
import { type GatewayArm, GATEWAY_ARMS } from './options.ts';

/** Longest silence of a server to a caller who waits for ever. */
const SILENCE_MS = 300_000;

/** One server: its connections, its counts, and whether it is in rotation. */
export class Upstream {
  readonly url: string;
  /** Number of its arm. */
  readonly arm: number;
  /** Requests and copies given to it and not yet ended: what balancers compare. */
  inFlight = 0;
  sent = 0;
  answered = 0;
  errors = 0;
  /** False while it does not answer, as its probe (health.ts) or its traffic shows. */
  healthy = true;
  /** Connections lost, or probes that nobody answered, since anything was answered. */
  failures = 0;
  /** Among the arm's upstreams. */
  listed = true;
  private pools: readonly [ConnectionPool, ConnectionPool];
  private readonly silenceMs: number;

  /** `timeoutMs` is the arm's: with a finite one, nobody waits for a silent server anyway. */
  constructor(url: string, arm: number, timeoutMs: number) {
    this.url = url;
    this.arm = arm;
    this.silenceMs = Number.isFinite(timeoutMs) ? 0 : SILENCE_MS;
    this.pools = this.newPools();
  }

  /** Connections of users' requests, and of copies: a stuck copy holds up no user. */
  get pool(): ConnectionPool {
    return this.pools[0];
  }

  get mirrorPool(): ConnectionPool {
    return this.pools[1];
  }

  /**
   * A connection to it failed. Refused, it is out of rotation at once; lost in the middle of something, after a few times in a row.
   * Its probe brings it back.
   */
  lost(started: boolean, failuresToLeave: number): void {
    this.failures++;
    if (!started || this.failures >= failuresToLeave) this.healthy = false;
  }

  /** Opens so many connections to it for users' requests. One that cannot be had is none. */
  connect(count: number): Promise<void> {
    return this.pool.fill(count);
  }

  /** Back among the arm's upstreams, with fresh connections. */
  relist(): void {
    this.listed = true;
    this.healthy = true;
    this.failures = 0;
    this.pools = this.newPools();
  }

  /** Gets no more requests; its connections close when those it has have ended. */
  unlist(): void {
    this.listed = false;
    for (const pool of this.pools) pool.close();
  }

  /** Cuts its connections off; what is under way fails. */
  destroy(): void {
    for (const pool of this.pools) pool.destroy();
  }

  sums(): UpstreamSums {
    const { url, sent, answered, errors } = this;
    return { url, arm: this.armName, sent, answered, errors, ready: this.listed && this.healthy };
  }

  get armName(): GatewayArm {
    return GATEWAY_ARMS[this.arm as 0 | 1];
  }

  private newPools(): readonly [ConnectionPool, ConnectionPool] {
    return [new ConnectionPool(this.url, this.silenceMs), new ConnectionPool(this.url, this.silenceMs)];
  }
}
