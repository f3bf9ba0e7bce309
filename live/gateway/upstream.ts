import { Pool } from 'undici';
import type { UpstreamSums } from './messages.ts';
import { type GatewayArm, GATEWAY_ARMS } from './options.ts';

/**
 * An idle connection is closed by us before the server closes it (Node's servers wait 5 s and say so in a header, which undici
 * heeds too): whoever writes to a connection that is being closed gets a reset.
 */
const IDLE_MS = 4000;
/** A loopback or cluster connection that takes longer will not come. */
const CONNECT_MS = 2000;

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
  /** Connections lost or probes failed since the last success. */
  failures = 0;
  /** Among the arm's upstreams. */
  listed = true;
  private pools: readonly [Pool, Pool];
  private readonly silenceMs: number;

  /** `timeoutMs` is the arm's: with a finite one, undici's own timers are not needed. */
  constructor(url: string, arm: number, timeoutMs: number) {
    this.url = url;
    this.arm = arm;
    this.silenceMs = Number.isFinite(timeoutMs) ? 0 : SILENCE_MS;
    this.pools = this.newPools();
  }

  /** Connections of users' requests, and of copies: a stuck copy holds up no user. */
  get pool(): Pool {
    return this.pools[0];
  }

  get mirrorPool(): Pool {
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

  /** Opens so many connections to it for users' requests, by as many looks at its health at once. One that cannot be had is none. */
  async connect(count: number): Promise<void> {
    const looks = Array.from({ length: count }, async () => {
      const { body } = await this.pool.request({
        method: 'GET',
        path: '/v2/health/live',
        signal: AbortSignal.timeout(CONNECT_MS),
      });
      await body.dump();
    });
    await Promise.allSettled(looks);
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
    for (const pool of this.pools) void pool.close();
  }

  /** Cuts its connections off; what is under way fails. */
  async destroy(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.destroy()));
  }

  sums(): UpstreamSums {
    const { url, sent, answered, errors } = this;
    return { url, arm: this.armName, sent, answered, errors, ready: this.listed && this.healthy };
  }

  get armName(): GatewayArm {
    return GATEWAY_ARMS[this.arm as 0 | 1];
  }

  private newPools(): readonly [Pool, Pool] {
    const options = {
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      connectTimeout: CONNECT_MS,
      headersTimeout: this.silenceMs,
      bodyTimeout: this.silenceMs,
    };
    return [new Pool(this.url, options), new Pool(this.url, options)];
  }
}
