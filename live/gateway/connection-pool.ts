import type { Exchange } from './exchange.ts';
import { type ConnectionOwner, UpstreamConnection } from './upstream-connection.ts';

/** How often idle connections are looked through. */
const SWEEP_MS = 500;

/** Connections to one server: as many as there are exchanges under way at once, the last one used first. */
export class ConnectionPool implements ConnectionOwner {
  readonly host: string;
  readonly port: number;
  readonly silenceMs: number;
  private readonly all = new Set<UpstreamConnection>();
  private idle: UpstreamConnection[] = [];
  private readonly sweeper: NodeJS.Timeout;
  private closing = false;
  /** Whoever waits for connections made ahead: told when one is there, or cannot be had. */
  private readonly ahead = new Map<UpstreamConnection, () => void>();

  constructor(url: string, silenceMs: number) {
    const { hostname, port } = new URL(url);
    this.host = hostname;
    this.port = port === '' ? 80 : Number(port);
    this.silenceMs = silenceMs;
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  /** Sends it on an idle connection, or on a new one. */
  dispatch(exchange: Exchange): void {
    if (this.closing) {
      exchange.break(false);
      return;
    }
    const nowMs = performance.now();
    for (let last; (last = this.idle.pop()) !== undefined; ) {
      if (last.isFresh(nowMs)) {
        last.send(exchange);
        return;
      }
      last.cutOff();
    }
    this.all.add(new UpstreamConnection(this, exchange));
  }

  /** Makes as many connections as are missing from `count` idle ones. One that cannot be had is none. */
  async fill(count: number): Promise<void> {
    const missing = Array.from({ length: Math.max(0, count - this.idle.length) }, () => {
      const connection = new UpstreamConnection(this, null);
      this.all.add(connection);
      return new Promise<void>((resolve) => this.ahead.set(connection, resolve));
    });
    await Promise.all(missing);
  }

  /** Takes nothing new; connections close when what is on them has ended. */
  close(): void {
    this.closing = true;
    clearInterval(this.sweeper);
    for (const connection of this.idle.splice(0)) connection.cutOff();
  }

  /** Cuts its connections off; what is under way breaks at once. */
  destroy(): void {
    this.close();
    for (const connection of this.all) connection.cutOff();
  }

  freed(connection: UpstreamConnection): void {
    this.tellAhead(connection);
    if (this.closing) connection.cutOff();
    else this.idle.push(connection);
  }

  lost(connection: UpstreamConnection): void {
    this.all.delete(connection);
    this.tellAhead(connection);
  }

  private tellAhead(connection: UpstreamConnection): void {
    if (this.ahead.size === 0) return;
    this.ahead.get(connection)?.();
    this.ahead.delete(connection);
  }

  private sweep(): void {
    const nowMs = performance.now();
    const [fresh, stale] = [[] as UpstreamConnection[], [] as UpstreamConnection[]];
    for (const connection of this.idle) (connection.isFresh(nowMs) ? fresh : stale).push(connection);
    this.idle = fresh;
    for (const connection of stale) connection.cutOff();
  }
}
