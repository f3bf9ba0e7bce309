import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Pair } from './pair.ts';
import type { Upstream } from './upstream.ts';

/** How an exchange ended. */
export const COMPLETED = 0;
export const FAILED = 1;
export const REJECTED = 2;
export const TIMED_OUT = 3;
export type Outcome = typeof COMPLETED | typeof FAILED | typeof REJECTED | typeof TIMED_OUT;

/** What a request asks for, as it came in; a request and its copy share it. */
export interface Ask {
  readonly number: number;
  /** Row of the content table, −1 without one. */
  readonly row: number;
  readonly segment: number;
  readonly method: 'POST';
  readonly path: string;
  /** Names and values alternating, as they go to the upstream. */
  readonly headers: string[];
  readonly body: Buffer;
  /** When its last byte was received (performance.now()). */
  readonly receivedMs: number;
}

/** Told how an exchange went. */
export interface ExchangeKeeper {
  /** The whole answer is here. */
  answered(exchange: Exchange): void;
  /** The connection failed; `exchange.started` says whether the upstream may have seen the request. */
  broke(exchange: Exchange, error: Error): void;
}

/**
 * One request, or one copy, on its way through an arm, and undici's handler of it: one object for both, since this is made for
 * every request.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly ask: Ask;
  readonly arm: number;
  /** Where the answer goes; null: this is a copy, which nobody waits for. */
  readonly response: ServerResponse | null;
  readonly pair: Pair | null;
  /** It arrived inside a window (not before the rehearsal's start). */
  readonly counted: boolean;
  upstream: Upstream | null = null;
  /** The upstream may have seen it. */
  started = false;
  /** Its outcome is known: whatever still comes is ignored. */
  settled = false;
  retried = false;
  status = 0;
  headers: Record<string, string | string[] | undefined> = NO_HEADERS;
  /** Neighbours in the list of deadlines (deadlines.ts). */
  earlier: Exchange | null = null;
  later: Exchange | null = null;
  waiting = false;
  private readonly keeper: ExchangeKeeper;
  private controller: Dispatcher.DispatchController | null = null;
  private first: Buffer | null = null;
  private rest: Buffer[] | null = null;

  constructor(
    keeper: ExchangeKeeper,
    ask: Ask,
    arm: number,
    response: ServerResponse | null,
    pair: Pair | null,
    counted: boolean,
  ) {
    this.keeper = keeper;
    this.ask = ask;
    this.arm = arm;
    this.response = response;
    this.pair = pair;
    this.counted = counted;
  }

  get mirrored(): boolean {
    return this.response === null;
  }

  /** The answer's body; meaningful once it has been answered. */
  get body(): Buffer {
    if (this.rest !== null) return Buffer.concat([this.first!, ...this.rest]);
    return this.first ?? NO_BODY;
  }

  /** Gives up: the connection, which now carries an answer that nobody wants, is closed. Call after `settled` is set. */
  abort(): void {
    this.controller?.abort(GIVEN_UP);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // It had been waiting for a connection when it was given up.
    if (this.settled) {
      controller.abort(GIVEN_UP);
      return;
    }
    this.started = true;
    this.upstream!.sent++;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.first === null) this.first = chunk;
    else if (this.rest === null) this.rest = [chunk];
    else this.rest.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.settled) this.keeper.answered(this);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (!this.settled) this.keeper.broke(this, error);
  }
}

const NO_HEADERS = {};
const NO_BODY = Buffer.alloc(0);
const GIVEN_UP = new Error('given up');
