import { COMPLETED, FAILED, type Outcome, REJECTED, TIMED_OUT } from './exchange.ts';
import type { ByArm, Sums } from './messages.ts';
import { BASELINE, CANDIDATE } from './options.ts';
import type { Upstream } from './upstream.ts';

/** Counts since the process started, whether or not a rehearsal has begun. See Sums for what they mean. */
export class Tally {
  received = 0;
  mirrored = 0;
  mirrorDropped = 0;
  retried = 0;
  unsent = 0;
  injected = 0;
  undelivered = 0;
  refused = 0;
  /** By arm, copies included. */
  readonly inFlight: Int32Array = new Int32Array(2);
  /** Requests, and copies, by outcome. */
  private readonly requests = new Float64Array(4);
  private readonly copies = new Float64Array(4);
  /** When each arm last answered a user, and last ended a copy (performance.now()); NaN when never. */
  private readonly lastResponse = new Float64Array(2).fill(Number.NaN);
  private readonly lastCopy = new Float64Array(2).fill(Number.NaN);

  settled(arm: number, mirrored: boolean, outcome: Outcome, clockMs: number): void {
    this.inFlight[arm]!--;
    (mirrored ? this.copies : this.requests)[outcome]!++;
    (mirrored ? this.lastCopy : this.lastResponse)[arm] = clockMs;
  }

  inFlightByArm(): ByArm<number> {
    return { baseline: this.inFlight[BASELINE]!, candidate: this.inFlight[CANDIDATE]! };
  }

  /** `toRehearsalMs` turns performance.now() into rehearsal time. */
  lastByArm(what: 'response' | 'copy', toRehearsalMs: (clockMs: number) => number): ByArm<number | null> {
    const last = what === 'response' ? this.lastResponse : this.lastCopy;
    const of = (arm: number): number | null => numberOrNull(toRehearsalMs(last[arm]!));
    return { baseline: of(BASELINE), candidate: of(CANDIDATE) };
  }

  sums(upstreams: Iterable<Upstream>): Sums {
    const { requests, copies, received, mirrored, mirrorDropped, retried, unsent, injected, undelivered, refused } =
      this;
    const each = [...upstreams].map((upstream) => upstream.sums());
    return {
      received,
      answered: requests[COMPLETED]!,
      failed: failedOf(requests),
      rejected: requests[REJECTED]!,
      timedOut: requests[TIMED_OUT]!,
      broken: requests[FAILED]!,
      mirrored,
      mirrorAnswered: copies[COMPLETED]!,
      mirrorFailed: failedOf(copies),
      mirrorDropped,
      retried,
      unsent,
      injected,
      undelivered,
      refused,
      byUpstream: Object.fromEntries(each.map(({ url, sent }) => [url, sent])),
      upstreams: each,
    };
  }
}

const numberOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
const failedOf = (counts: Float64Array): number => counts[FAILED]! + counts[REJECTED]! + counts[TIMED_OUT]!;
