import { Pool } from 'undici';
import type { HealthOptions } from './options.ts';
import type { Upstream } from './upstream.ts';

/** Asks every listed upstream regularly whether it is ready, on a connection of its own. */
export class HealthChecks {
  private readonly options: HealthOptions;
  private readonly probes = new Map<Upstream, Probe>();

  constructor(options: HealthOptions) {
    this.options = options;
  }

  /** Watches these and no others. */
  watch(upstreams: readonly Upstream[]): void {
    for (const [upstream, probe] of this.probes) {
      if (upstreams.includes(upstream)) continue;
      probe.stop();
      this.probes.delete(upstream);
    }
    for (const upstream of upstreams) {
      if (!this.probes.has(upstream)) this.probes.set(upstream, new Probe(upstream, this.options));
    }
  }

  stop(): void {
    this.watch([]);
  }
}

class Probe {
  private readonly upstream: Upstream;
  private readonly options: HealthOptions;
  private readonly pool: Pool;
  private timer: NodeJS.Timeout;
  private stopped = false;
  /** How often in a row it has said that it is not ready. Answers to users do not change that: a server that drains still gives some. */
  private refusals = 0;

  constructor(upstream: Upstream, options: HealthOptions) {
    this.upstream = upstream;
    this.options = options;
    this.pool = new Pool(upstream.url, { connections: 1, keepAliveTimeout: 4000, connectTimeout: options.timeoutMs });
    this.timer = setTimeout(this.ask, options.everyMs).unref();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    void this.pool.destroy();
  }

  private readonly ask = async (): Promise<void> => {
    const status = await this.status();
    if (this.stopped) return;
    const { upstream } = this;
    this.refusals = status === null || status === 200 ? 0 : this.refusals + 1;
    if (status === 200) {
      upstream.failures = 0;
      upstream.healthy = true;
    } else if (status === null) upstream.failures++;
    if (Math.max(upstream.failures, this.refusals) >= this.options.failures) upstream.healthy = false;
    this.timer = setTimeout(this.ask, this.options.everyMs).unref();
  };

  /** What it says of itself; null when it says nothing, which it may just be too busy for. */
  private async status(): Promise<number | null> {
    try {
      const signal = AbortSignal.timeout(this.options.timeoutMs);
      const { statusCode, body } = await this.pool.request({ path: '/v2/health/ready', method: 'GET', signal });
      await body.dump();
      return statusCode;
    } catch {
      // Whatever the reason: it does not answer.
      return null;
    }
  }
}
