import type { Retries, Traffic } from '../scenarios/scenario.ts';
import { TIMED_OUT } from './answers.ts';
import type { EngineParts } from './engine-parts.ts';
import type { Fetching } from './fetching.ts';
import { ZipfKeys } from './keys.ts';
import type { Stream, Streams } from './random.ts';
import { asAttempt, attemptOf, type Registers, WAITING_TO_RETRY } from './registers.ts';

const BASELINE = 0;
const CANDIDATE = 1;

/** Retries that a budget lets through at once, when there has been no failure for a while. */
const BURST = 100;

/**
 * Callers that got no answer and ask again. They wait among those who fetch from the store, since both come back in order of time, and
 * are told apart by a flag. A retry is a new arrival: it is counted as a request of its own, and what it asks for is drawn anew, as
 * popular as ever.
 */
export class Retrying {
  /** Retries sent so far, and those the budget did not allow. */
  sent = 0;
  denied = 0;
  private readonly retries: Retries;
  private readonly fetching: Fetching;
  private readonly registers: Registers;
  private readonly jitter: Stream;
  private readonly keys: ZipfKeys;
  private tokens = BURST;
  private countedTo = 0;

  private constructor(
    retries: Retries,
    keys: Traffic['keys'],
    fetching: Fetching,
    registers: Registers,
    streams: Streams,
  ) {
    this.retries = retries;
    this.fetching = fetching;
    this.registers = registers;
    this.jitter = streams('retries');
    this.keys = new ZipfKeys(keys.count, keys.zipf, streams('retries/keys'));
  }

  /** Null when nobody asks twice. */
  static of({ retries, keys }: Traffic, fetching: Fetching, { registers, streams }: EngineParts): Retrying | null {
    return retries === undefined ? null : new Retrying(retries, keys, fetching, registers, streams);
  }

  /** Who is told of every request that got no answer; `arrived` counts first requests so far. */
  hearer(arrived: () => number): (status: number, kind: number, content: number) => void {
    return (status, kind, content) => this.failed(status, kind, content, arrived());
  }

  /** A request whose times are in the registers got no answer; `arrived`: first requests so far, which fill the budget. */
  private failed(status: number, kind: number, content: number, arrived: number): void {
    const { attempts, backoffMs, on } = this.retries;
    const attempt = attemptOf(kind);
    if (attempt >= attempts || (on === 'timeout' && status !== TIMED_OUT)) return;
    if (!this.allowed(arrived)) {
      this.denied++;
      return;
    }
    const waitMs = backoffMs * 2 ** attempt * (0.5 + this.jitter.next());
    const { fetching } = this;
    const request = fetching.take();
    fetching.kind[request] = kind | WAITING_TO_RETRY;
    fetching.key[request] = this.keys.next();
    fetching.content[request] = content;
    fetching.misses.push(this.registers.doneMs + waitMs, request);
  }

  /** The flags under which it is asked again. */
  again(kind: number): number {
    this.sent++;
    return asAttempt(attemptOf(kind) + 1);
  }

  private allowed(arrived: number): boolean {
    const { budget } = this.retries;
    if (budget === null) return true;
    this.tokens = Math.min(BURST, this.tokens + budget * (arrived - this.countedTo));
    this.countedTo = arrived;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}

/** The arm that is asked again: the one that did not answer, while it takes requests. */
export function armAgain(arm: number, weightPercent: number, controlPercent: number): number {
  if (arm === BASELINE) return weightPercent + controlPercent >= 100 ? CANDIDATE : BASELINE;
  return (arm === CANDIDATE ? weightPercent : controlPercent) > 0 ? arm : BASELINE;
}
