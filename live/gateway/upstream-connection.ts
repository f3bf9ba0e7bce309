import { connect, type Socket } from 'node:net';
import type { Exchange } from './exchange.ts';
import { AnswerHead } from './wire/answer-head.ts';
import { AMBIGUOUS, UNKNOWN_CODING } from './wire/framing.ts';
import { INTERIM, type MessageOwner, MessageReader, STOP } from './wire/message-reader.ts';
import { MIRRORED_HEADER } from './wire/request-head.ts';
import { writeMessage } from './wire/write-message.ts';

/** A loopback or cluster connection that takes longer will not come. */
const CONNECT_MS = 2000;
/**
 * An idle connection is closed by us before the server closes it (Node's servers wait 5 s): whoever writes to a connection that is being
 * closed gets a reset. A server that says how long it waits is left this much earlier.
 */
const IDLE_MS = 4000;
const EARLIER_MS = 1000;

/** Whose connection it is. */
export interface ConnectionOwner {
  readonly host: string;
  readonly port: number;
  /** A server that has been silent so long in the middle of an exchange will not answer; 0: for ever. */
  readonly silenceMs: number;
  /** It is connected and nothing is on it. */
  freed(connection: UpstreamConnection): void;
  /** It is no more. */
  lost(connection: UpstreamConnection): void;
}

/** One connection to a server: carries one exchange at a time, which waits while it is being made. */
export class UpstreamConnection implements MessageOwner {
  private readonly owner: ConnectionOwner;
  private readonly socket: Socket;
  private readonly head = new AnswerHead();
  private readonly reader: MessageReader = new MessageReader(this, Number.POSITIVE_INFINITY);
  private exchange: Exchange | null;
  private dead = false;
  private fellSilent = false;
  /** performance.now() at which it has been idle for too long. */
  private staleMs = Number.POSITIVE_INFINITY;

  /** Connects; `exchange` is sent when it is there. Null: it is made ahead. */
  constructor(owner: ConnectionOwner, exchange: Exchange | null) {
    this.owner = owner;
    this.exchange = exchange;
    const { host, port, silenceMs } = owner;
    const socket = connect({ host, port, noDelay: true });
    this.socket = socket;
    socket.setTimeout(CONNECT_MS);
    socket.on('timeout', () => {
      this.fellSilent = !socket.connecting;
      socket.destroy();
    });
    socket.on('connect', () => {
      socket.setTimeout(silenceMs);
      this.connected();
    });
    socket.on('data', (chunk: Buffer) => {
      // An answer to nothing is no answer to what comes next.
      if (this.exchange === null) socket.destroy();
      else this.reader.feed(chunk);
    });
    socket.on('end', () => this.reader.end());
    // 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.over());
  }

  /** May still be used at `nowMs`. */
  isFresh(nowMs: number): boolean {
    return !this.dead && nowMs < this.staleMs;
  }

  /** Sends on an idle connection. */
  send(exchange: Exchange): void {
    this.exchange = exchange;
    exchange.start(this);
    const { path, lines, body } = exchange.ask;
    const { host, port } = this.owner;
    const mark = exchange.mirrored ? MIRRORED_LINE : '';
    const head = `POST ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\n${lines}${mark}content-length: ${body.length}\r\n\r\n`;
    writeMessage(this.socket, head, body);
  }

  /** Closes it; what is on it breaks. */
  cutOff(): void {
    this.socket.destroy();
    this.over();
  }

  headRead(bytes: Buffer, from: number, to: number): number {
    const { head } = this;
    if (!head.read(bytes, from, to) || head.status === 101) return this.cutOffAsBad();
    if (head.status < 200) return INTERIM;
    if (head.status === 204 || head.status === 304) return 0;
    const { bodyLength } = head;
    return bodyLength === AMBIGUOUS || bodyLength === UNKNOWN_CODING ? this.cutOffAsBad() : bodyLength;
  }

  bodyTooLong(): void {
    // There is no limit.
  }

  messageRead(body: Buffer): void {
    const { exchange, head, socket } = this;
    this.exchange = null;
    // Bytes of an answer that nobody asked for, or of a request that was answered before it was read: nothing can follow.
    if (head.close || this.reader.isPartial || socket.writableLength > 0) this.cutOff();
    else this.free(head.keepsS < 0 ? IDLE_MS : Math.min(IDLE_MS, head.keepsS * 1000 - EARLIER_MS));
    exchange!.answer(head, body);
  }

  notAMessage(): void {
    this.cutOff();
  }

  private cutOffAsBad(): typeof STOP {
    this.cutOff();
    return STOP;
  }

  private connected(): void {
    const { exchange } = this;
    // It may have been given up meanwhile.
    if (exchange === null || exchange.settled) {
      this.exchange = null;
      this.free(IDLE_MS);
    } else this.send(exchange);
  }

  private free(idleMs: number): void {
    this.staleMs = performance.now() + idleMs;
    this.owner.freed(this);
  }

  private over(): void {
    if (this.dead) return;
    this.dead = true;
    this.reader.stop();
    const { exchange } = this;
    this.exchange = null;
    this.owner.lost(this);
    exchange?.break(this.fellSilent);
  }
}

const MIRRORED_LINE = `${MIRRORED_HEADER}: 1\r\n`;
