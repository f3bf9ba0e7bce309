import type { Caller } from './caller.ts';
import type { Pair } from './pair.ts';
import type { Upstream } from './upstream.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { AnswerHead } from './wire/answer-head.ts';

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
  readonly path: string;
  /** Header lines that go to the upstream, each with its line end. */
  readonly lines: string;
  readonly body: Buffer;
  /** When its last byte was received (performance.now()). */
  readonly receivedMs: number;
}

/** Told how an exchange went. */
export interface ExchangeKeeper {
  /** The whole answer is here. */
  answered(exchange: Exchange): void;
  /** The connection failed, or the upstream `fellSilent`; `exchange.started` says whether it may have seen the request. */
  broke(exchange: Exchange, fellSilent: boolean): void;
}

/** One request, or one copy, on its way through an arm. */
export class Exchange {
  readonly ask: Ask;
  readonly arm: number;
  /** Who is answered; null: this is a copy, which nobody waits for. */
  readonly caller: Caller | null;
  readonly pair: Pair | null;
  /** It arrived inside a window (not before the rehearsal's start). */
  readonly counted: boolean;
  upstream: Upstream | null = null;
  /** The upstream may have seen it. */
  started = false;
  /** Its outcome is known: whatever still comes is ignored. */
  settled = false;
  retried = false;
  /** The answer; meaningful once it has been answered. See AnswerHead. */
  status = 0;
  statusText = '';
  kept = '';
  timing: string | null = null;
  score: string | null = null;
  body: Buffer = NO_BODY;
  /** Neighbours in the list of deadlines (deadlines.ts). */
  earlier: Exchange | null = null;
  later: Exchange | null = null;
  waiting = false;
  private readonly keeper: ExchangeKeeper;
  private connection: UpstreamConnection | null = null;

  constructor(
    keeper: ExchangeKeeper,
    ask: Ask,
    arm: number,
    caller: Caller | null,
    pair: Pair | null,
    counted: boolean,
  ) {
    this.keeper = keeper;
    this.ask = ask;
    this.arm = arm;
    this.caller = caller;
    this.pair = pair;
    this.counted = counted;
  }

  get mirrored(): boolean {
    return this.caller === null;
  }

  /** Gives up: the connection, which now carries an answer that nobody wants, is closed. Call after `settled` is set. */
  abort(): void {
    this.connection?.cutOff();
  }

  /** It is being written to this connection. */
  start(connection: UpstreamConnection): void {
    this.connection = connection;
    this.started = true;
    this.upstream!.sent++;
  }

  /** The whole answer is here. */
  answer({ status, statusText, kept, timing, score }: AnswerHead, body: Buffer): void {
    this.connection = null;
    if (this.settled) return;
    this.status = status;
    this.statusText = statusText;
    this.kept = kept;
    this.timing = timing;
    this.score = score;
    this.body = body;
    this.keeper.answered(this);
  }

  break(fellSilent: boolean): void {
    this.connection = null;
    if (!this.settled) this.keeper.broke(this, fellSilent);
  }
}

const NO_BODY = Buffer.alloc(0);
