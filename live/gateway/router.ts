import { Picker } from './balancer.ts';
import type { Caller } from './caller.ts';
import { Deadlines } from './deadlines.ts';
import {
  type Ask,
  COMPLETED,
  Exchange,
  type ExchangeKeeper,
  FAILED,
  type Outcome,
  REJECTED,
  TIMED_OUT,
} from './exchange.ts';
import { GatewayFaults } from './faults.ts';
import type { WindowParts } from './messages.ts';
import { BASELINE, CANDIDATE, GATEWAY_ARMS, type GatewayOptions } from './options.ts';
import { Pair } from './pair.ts';
import { forward, refuse } from './respond.ts';
import { armOf, EMPTY_TABLE, isMirrored, isOpen, type RoutingTable } from './routing.ts';
import { Tally } from './tally.ts';
import { WindowCounter } from './window-counter.ts';

/**
 * The hot path: every request is given an arm and an upstream, sometimes copied, answered once and counted once. The user's answer is
 * written before anything is counted, and nothing a copy does is waited for.
 */
export class Router implements ExchangeKeeper {
  /** Replaced, never changed; read once per request. */
  table: RoutingTable = EMPTY_TABLE;
  readonly tally: Tally = new Tally();
  readonly faults: GatewayFaults;
  readonly windows: WindowCounter;
  private readonly salt: number;
  private readonly pickers: readonly Picker[];
  private readonly deadlines: readonly Deadlines[];
  private readonly mirrorInFlightLimit: number;
  private readonly failuresToLeave: number;
  private copiesUnderWay = 0;

  constructor(options: GatewayOptions, deliver: (window: WindowParts) => void) {
    const { seed, arms } = options;
    this.salt = options.salt;
    this.mirrorInFlightLimit = options.mirrorInFlightLimit;
    this.failuresToLeave = options.health.failures;
    this.faults = new GatewayFaults(seed);
    this.windows = new WindowCounter(options, () => this.table, deliver);
    this.pickers = GATEWAY_ARMS.map((arm) => new Picker(arms[arm].balancer, `${seed}/pick/${arm}`));
    this.deadlines = GATEWAY_ARMS.map((arm) => new Deadlines(arms[arm].timeoutMs, this.giveUp));
  }

  /** A request has been received to its last byte. `user` is its place in the split. */
  route(ask: Ask, user: number, caller: Caller): void {
    const { table } = this;
    this.tally.received++;
    const open = isOpen(table, ask.segment);
    const arm = open ? armOf(table, user, this.salt) : BASELINE;
    // A request that the candidate serves anyway is not copied to it as well.
    const copied = open && arm === BASELINE && isMirrored(table, ask.number, this.salt) && this.mayCopy();
    const pair = copied ? new Pair() : null;
    this.enter(new Exchange(this, ask, arm, caller, pair, this.arrives(arm, ask, false)));
    if (copied) this.enter(new Exchange(this, ask, CANDIDATE, null, pair, this.arrives(CANDIDATE, ask, true)));
  }

  /** Lets go of timers. */
  close(): void {
    for (const list of this.deadlines) list.close();
    this.windows.stop();
  }

  private mayCopy(): boolean {
    if (this.copiesUnderWay < this.mirrorInFlightLimit) return true;
    this.tally.mirrorDropped++;
    return false;
  }

  private arrives(arm: number, { segment, receivedMs }: Ask, mirrored: boolean): boolean {
    this.tally.inFlight[arm]!++;
    if (mirrored) {
      this.tally.mirrored++;
      this.copiesUnderWay++;
    }
    return this.windows.arrived(arm, segment, mirrored, receivedMs);
  }

  private enter(exchange: Exchange): void {
    const { arm, ask } = exchange;
    this.deadlines[arm]!.enter(exchange);
    const hit = this.faults.hit(arm, ask.number);
    if (hit === null) this.send(exchange);
    else if (hit.extraMs > 0) setTimeout(() => this.send(exchange), hit.extraMs);
    else {
      this.tally.injected++;
      this.end(exchange, hit.status === 503 ? REJECTED : FAILED, hit.status, 'error burst');
    }
  }

  private send(exchange: Exchange): void {
    // A delayed request may have been given up meanwhile.
    if (exchange.settled) return;
    const { arm } = exchange;
    const upstream = this.pickers[arm]!.pick(this.table.upstreams[arm as 0 | 1]);
    if (upstream === null) {
      this.end(exchange, REJECTED, 503, 'no upstream is ready');
      return;
    }
    exchange.upstream = upstream;
    upstream.inFlight++;
    (exchange.mirrored ? upstream.mirrorPool : upstream.pool).dispatch(exchange);
  }

  answered(exchange: Exchange): void {
    const { status, caller } = exchange;
    if (caller !== null && !forward(caller, exchange)) this.tally.undelivered++;
    const upstream = exchange.upstream!;
    upstream.answered++;
    upstream.failures = 0;
    this.settle(exchange, status < 400 ? COMPLETED : status === 503 ? REJECTED : status === 504 ? TIMED_OUT : FAILED);
  }

  broke(exchange: Exchange, fellSilent: boolean): void {
    const upstream = exchange.upstream!;
    const { started, retried } = exchange;
    upstream.lost(started, this.failuresToLeave);
    if (started || retried) {
      if (started) upstream.errors++;
      if (fellSilent) this.end(exchange, TIMED_OUT, 504, 'the upstream fell silent');
      else this.end(exchange, FAILED, 502, 'the connection to the upstream failed');
      return;
    }
    // Nothing was sent, so it can be sent elsewhere.
    upstream.inFlight--;
    exchange.upstream = null;
    exchange.retried = true;
    this.tally.retried++;
    this.send(exchange);
  }

  private readonly giveUp = (exchange: Exchange): void => {
    if (exchange.started) exchange.upstream!.errors++;
    this.end(exchange, TIMED_OUT, 504, 'time-out');
    exchange.abort();
  };

  /** Ends an exchange that no server answered. */
  private end(exchange: Exchange, outcome: Outcome, status: number, why: string): void {
    const { caller } = exchange;
    if (!exchange.started) this.tally.unsent++;
    if (caller !== null && !refuse(caller, exchange.arm, status, why)) this.tally.undelivered++;
    this.settle(exchange, outcome);
  }

  private settle(exchange: Exchange, outcome: Outcome): void {
    const nowMs = performance.now();
    exchange.settled = true;
    const { arm, mirrored, upstream } = exchange;
    this.deadlines[arm]!.leave(exchange);
    if (upstream !== null) upstream.inFlight--;
    if (mirrored) this.copiesUnderWay--;
    this.tally.settled(arm, mirrored, outcome, nowMs);
    if (exchange.counted) this.windows.settled(exchange, outcome, nowMs);
  }
}
