import type { Socket } from 'node:net';
import { complain } from './respond.ts';
import { type MessageOwner, MessageReader, STOP } from './wire/message-reader.ts';
import { bad, type Refusal } from './wire/refusal.ts';
import { RequestHead } from './wire/request-head.ts';
import { writeMessage } from './wire/write-message.ts';

/** Largest body taken, bytes. */
const BODY_LIMIT = 16 * 2 ** 20;
/** A caller who sends so much beyond the request that is being served is not listened to meanwhile. */
const STASH_LIMIT = 65_536;
/** How long a caller may take to close a connection that we have ended. */
const LINGER_MS = 2000;

/** What callers come for. Each request is answered once, by `answer` or `refuse`, now or later. */
export interface Counter {
  serve(head: RequestHead, body: Buffer, caller: Caller): void;
  /** A request was turned away. */
  refused(): void;
}

/**
 * One connection of a caller. It serves one request at a time, so pipelined ones are answered in order; a caller who closes his half has
 * gone, as with Node's server.
 */
export class Caller implements MessageOwner {
  /** His connection is over: nothing reaches him any more. */
  gone = false;
  /** performance.now() when the first bytes of a request came that is not whole yet; 0 while there is none. */
  sinceMs = 0;
  private readonly socket: Socket;
  private readonly counter: Counter;
  private readonly head = new RequestHead();
  private readonly reader: MessageReader = new MessageReader(this, BODY_LIMIT);
  private busy = false;
  private isTooLong = false;
  /** The connection ends with the next answer. */
  private last = false;

  constructor(socket: Socket, counter: Counter, left: (caller: Caller) => void) {
    this.socket = socket;
    this.counter = counter;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('drain', () => this.goOn());
    socket.on('end', () => this.leave());
    // What went wrong is of no interest: 'close' follows.
    socket.on('error', () => this.leave());
    socket.on('close', () => {
      this.leave();
      left(this);
    });
  }

  /** Answers the request under way; `lines` are header lines without the length. False when the caller has gone. */
  answer(statusText: string, lines: string, body: Buffer): boolean {
    this.busy = false;
    if (this.gone) return false;
    const ending = this.last ? 'connection: close\r\n' : '';
    // An answer without content has no length either (RFC 9110, 8.6).
    const length = statusText.startsWith(' 204') ? '' : `content-length: ${body.length}\r\n`;
    const sent = this.head.method === 'HEAD' ? NO_BODY : body;
    const isWilling = writeMessage(this.socket, `HTTP/1.1${statusText}\r\n${lines}${length}${ending}\r\n`, sent);
    if (this.last) this.hangUp();
    // A caller who does not read his answers is not listened to.
    else if (isWilling) this.goOn();
    return true;
  }

  /** Lets the request under way be answered, then ends the connection. */
  finish(): void {
    this.last = true;
    if (!this.busy && !this.reader.isPartial) this.hangUp();
  }

  cutOff(): void {
    this.socket.destroy();
  }

  /** He takes too long over a request. */
  giveUp(): void {
    this.notAMessage(TOO_SLOW);
  }

  headRead(bytes: Buffer, from: number, to: number): number {
    const { head } = this;
    const refusal = head.read(bytes, from, to);
    if (refusal !== null) {
      this.notAMessage(refusal);
      return STOP;
    }
    if (head.close) this.last = true;
    if (head.expects) {
      if (head.bodyLength > BODY_LIMIT) {
        this.notAMessage(TOO_LONG);
        return STOP;
      }
      this.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    }
    return head.bodyLength;
  }

  bodyTooLong(): void {
    this.isTooLong = true;
  }

  messageRead(body: Buffer): void {
    this.sinceMs = 0;
    this.busy = true;
    this.reader.hold();
    const { head, isTooLong } = this;
    this.isTooLong = false;
    if (isTooLong) this.refuse(TOO_LONG);
    else if (head.fault !== null) this.refuse(head.fault);
    else this.counter.serve(head, body, this);
  }

  notAMessage(refusal: Refusal): void {
    this.last = true;
    this.refuse(refusal);
  }

  /** Turns a request away. */
  refuse({ status, why }: Refusal): void {
    this.counter.refused();
    complain(this, status, why);
  }

  private receive(chunk: Buffer): void {
    const { reader } = this;
    reader.feed(chunk);
    if (reader.isPartial) this.mind();
  }

  /** Part of a request is here: it must go on, or wait. */
  private mind(): void {
    if (!this.reader.isHeld) this.sinceMs ||= performance.now();
    else if (this.reader.waiting > STASH_LIMIT) this.socket.pause();
  }

  private goOn(): void {
    if (this.busy || this.gone) return;
    if (this.socket.isPaused()) this.socket.resume();
    this.reader.release();
    if (this.reader.isPartial) this.mind();
  }

  private hangUp(): void {
    this.reader.stop();
    this.gone = true;
    this.socket.end();
    // What he still sends is read and dropped, so that the answer is not lost to a reset; but not for ever.
    this.socket.resume();
    setTimeout(() => this.socket.destroy(), LINGER_MS).unref();
  }

  private leave(): void {
    this.gone = true;
    this.reader.stop();
  }
}

const NO_BODY = Buffer.alloc(0);
const TOO_LONG = bad(`the body is longer than ${BODY_LIMIT} bytes`, 413);
const TOO_SLOW = bad('the request took too long to come', 408);
