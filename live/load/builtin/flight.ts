import type { Dispatcher } from 'undici';
import { type Ending, endingOf, ERROR, TIMED_OUT } from '../ending.ts';

/** A request on its way: undici tells it what happens. */
export class Flight implements Dispatcher.DispatchHandler {
  /** Epoch ms: when it should have been sent, and when it was. */
  readonly dueMs: number;
  readonly sentMs: number;
  ended = false;
  private status = 0;
  private controller: Dispatcher.DispatchController | null = null;
  private readonly onEnd: (flight: Flight, ending: Ending | null) => void;

  /** `onEnd` is told null when the request never got a connection. */
  constructor(dueMs: number, sentMs: number, onEnd: (flight: Flight, ending: Ending | null) => void) {
    this.dueMs = dueMs;
    this.sentMs = sentMs;
    this.onEnd = onEnd;
  }

  /** The client gives up. */
  timeOut(): void {
    if (this.ended) return;
    // Without a controller it still waits for a connection: it is given up as soon as it gets one.
    this.end(this.controller === null ? null : TIMED_OUT);
    this.controller?.abort(new Error('timed out'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.ended) controller.abort(new Error('timed out'));
    else this.controller = controller;
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number): void {
    this.status = statusCode;
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.end(endingOf(this.status));
  }

  onResponseError(): void {
    this.end(ERROR);
  }

  private end(ending: Ending | null): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd(this, ending);
  }
}

/** Requests in the order of their sending, all with the same patience: the oldest gives up first. */
export class Deadlines {
  private flights: Flight[] = [];
  private head = 0;
  private readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  add(flight: Flight): void {
    this.flights.push(flight);
  }

  /** Lets everything time out that was sent too long before `nowMs`. */
  sweep(nowMs: number): void {
    const { flights, timeoutMs } = this;
    let head = this.head;
    for (; head < flights.length; head++) {
      const flight = flights[head]!;
      if (!flight.ended && nowMs - flight.sentMs < timeoutMs) break;
      flight.timeOut();
    }
    // What is done with is let go in bulk: shifting an array costs its length.
    if (head > 1024 && head * 2 > flights.length) {
      this.flights = flights.slice(head);
      head = 0;
    }
    this.head = head;
  }
}
