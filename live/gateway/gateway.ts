import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DataPlane } from './data-plane.ts';
import { HealthChecks } from './health.ts';
import type { FinalSums, GatewayFault, GatewayStatus, RouteAck, RouteChange, WindowParts } from './messages.ts';
import { GATEWAY_ARMS, type GatewayArm, type GatewayOptions } from './options.ts';
import { Router } from './router.ts';
import { withSplit, withUpstreams } from './routing.ts';
import { Upstream } from './upstream.ts';

/** Grain of the event-loop measurement, ms. */
const LAG_GRAIN_MS = 20;
/** How often a stopping gateway looks whether everybody has been answered. */
const DRAIN_LOOK_MS = 5;

/** What can be done to a gateway: the one kernel of the IPC commands and the admin API. Bad values throw RangeError. */
export class Gateway {
  readonly router: Router;
  readonly dataPlane: DataPlane;
  private readonly options: GatewayOptions;
  private readonly health: HealthChecks;
  /** Every upstream there ever was, by arm and URL: their counts stay. */
  private readonly upstreams = new Map<string, Upstream>();
  private readonly lag = monitorEventLoopDelay({ resolution: LAG_GRAIN_MS });
  private begun = false;

  constructor(options: GatewayOptions, deliver: (window: WindowParts) => void) {
    this.options = options;
    this.router = new Router(options, deliver);
    this.dataPlane = new DataPlane(this.router, options);
    this.health = new HealthChecks(options.health);
    this.lag.enable();
  }

  begin(startAtMs: number): void {
    if (this.begun) throw new RangeError('the rehearsal has begun already');
    this.begun = true;
    this.router.windows.begin(startAtMs);
  }

  setRoute(change: RouteChange): RouteAck {
    const { router } = this;
    const weightPercent = percentOf(change, 'weightPercent', router.table.weightPercent);
    const mirrorPercent = percentOf(change, 'mirrorPercent', router.table.mirrorPercent);
    const open = change.segments === undefined ? router.table.open : this.openOf(change.segments);
    const clockMs = performance.now();
    // A window that is over was under the old split.
    router.windows.advance(clockMs);
    router.table = withSplit(router.table, weightPercent, mirrorPercent, open);
    return { atMs: this.rehearsalMs(clockMs), inFlight: router.tally.inFlightByArm() };
  }

  /** Segments whose requests are shared out and copied; null: all. */
  get openSegments(): readonly string[] | null {
    const { open } = this.router.table;
    return open === null ? null : this.options.segments.filter((_, at) => open[at] === 1);
  }

  setUpstreams(arm: GatewayArm, urls: readonly string[]): void {
    const { router } = this;
    const armNumber = GATEWAY_ARMS.indexOf(arm);
    const listed = [...new Set(urls.map(originOf))].map((url) => this.listedUpstream(armNumber, url));
    const dropped = router.table.upstreams[armNumber as 0 | 1].filter((upstream) => !listed.includes(upstream));
    router.table = withUpstreams(router.table, armNumber, listed);
    for (const upstream of dropped) upstream.unlist();
    this.health.watch(router.table.upstreams.flat());
  }

  /** Opens so many connections to each of the arm's upstreams, so that traffic that comes back waits for none. */
  async connect(arm: GatewayArm, perUpstream: number): Promise<void> {
    const upstreams = this.router.table.upstreams[GATEWAY_ARMS.indexOf(arm) as 0 | 1];
    await Promise.all(upstreams.map((upstream) => upstream.connect(perUpstream)));
  }

  setFaults(faults: readonly GatewayFault[]): void {
    for (const { name, share } of faults) {
      if (!(share >= 0 && share <= 1)) throw new RangeError(`fault ${name}: share: got ${share}, expected 0 to 1`);
    }
    this.router.faults.replace(faults);
  }

  status(): GatewayStatus {
    const { tally, table } = this.router;
    const toMs = (clockMs: number): number => this.router.windows.rehearsalMs(clockMs);
    const { user, system } = process.cpuUsage();
    return {
      nowMs: this.rehearsalMs(performance.now()),
      weightPercent: table.weightPercent,
      mirrorPercent: table.mirrorPercent,
      inFlight: tally.inFlightByArm(),
      lastResponseAtMs: tally.lastByArm('response', toMs),
      lastCopyAtMs: tally.lastByArm('copy', toMs),
      sums: tally.sums(this.upstreams.values()),
      loopLagMsP99: Math.max(0, this.lag.percentile(99) / 1e6 - LAG_GRAIN_MS),
      cpuMs: (user + system) / 1000,
      rssMb: process.memoryUsage.rss() / 2 ** 20,
    };
  }

  /** Takes no new connections, lets what is under way end, for at most `graceMs`; then cuts off what is left. */
  async stop(graceMs: number): Promise<FinalSums> {
    const { router, dataPlane } = this;
    const { tally } = router;
    dataPlane.close();
    const deadlineMs = performance.now() + graceMs;
    const isBusy = (): boolean => tally.inFlight.some((n) => n > 0);
    while (isBusy() && performance.now() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
    const drained = !isBusy();
    this.health.stop();
    for (const upstream of this.upstreams.values()) upstream.destroy();
    const status = this.status();
    router.close();
    dataPlane.cutOff();
    this.lag.disable();
    return { ...status, drained };
  }

  private listedUpstream(arm: number, url: string): Upstream {
    const key = `${arm} ${url}`;
    const known = this.upstreams.get(key);
    if (known !== undefined) {
      if (!known.listed) known.relist();
      return known;
    }
    const upstream = new Upstream(url, arm, this.options.arms[GATEWAY_ARMS[arm as 0 | 1]].timeoutMs);
    this.upstreams.set(key, upstream);
    return upstream;
  }

  private openOf(names: readonly string[] | null): Uint8Array | null {
    if (names === null) return null;
    const { segments } = this.options;
    // Through the admin API comes whatever JSON can say.
    if (!Array.isArray(names)) throw new RangeError(`segments: got ${JSON.stringify(names)}, expected a list or null`);
    const unknown = names.find((name) => !segments.includes(name));
    if (unknown !== undefined)
      throw new RangeError(`segments: got '${unknown}', expected one of: ${segments.join(', ') || 'none'}`);
    return Uint8Array.from(segments, (name) => (names.includes(name) ? 1 : 0));
  }

  private rehearsalMs(clockMs: number): number | null {
    return this.begun ? this.router.windows.rehearsalMs(clockMs) : null;
  }
}

function percentOf(change: RouteChange, name: 'weightPercent' | 'mirrorPercent', now: number): number {
  const value = change[name] ?? now;
  if (!(typeof value === 'number' && value >= 0 && value <= 100)) {
    throw new RangeError(`${name}: got ${String(value)}, expected 0 to 100`);
  }
  return value;
}

/** `http://host:port`, the form under which an upstream is known. */
function originOf(url: string): string {
  if (!URL.canParse(url) || new URL(url).protocol !== 'http:') {
    throw new RangeError(`upstream: got ${url}, expected http://host:port`);
  }
  return new URL(url).origin;
}
