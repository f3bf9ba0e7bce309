import { grown } from './fetching.ts';

/** What is known of a mirrored request's two copies. */
const OPEN = 0;
const ONE_ANSWERED = 1;
const ONE_LOST = 2;
const COMPLETE = 3;

/** The result of telling about one copy. */
export const WAITING = 0;
export const COMPARABLE = 1;
export const LOST = 2;

/**
 * Joins both copies of a mirrored request by its number, never by order of arrival. A pair is comparable once both copies
 * have answered; it is lost when one of them failed, was rejected or timed out.
 */
export class Pairs {
  /** Of comparable pairs: when the request arrived and when the later copy answered (ms), and what both copies are. */
  doneMs: Float64Array = new Float64Array(256);
  arrivalMs: Float64Array = new Float64Array(256);
  content: Int32Array = new Int32Array(256);
  segment: Uint8Array = new Uint8Array(256);
  baselineKind: Int32Array = new Int32Array(256);
  candidateKind: Int32Array = new Int32Array(256);
  private state = new Uint8Array(256);
  private recycled = new Int32Array(256);
  private recycledCount = 0;
  private used = 0;

  open(content: number, segment: number): number {
    if (this.recycledCount === 0 && this.used === this.doneMs.length) this.grow();
    const pair = this.recycledCount > 0 ? this.recycled[--this.recycledCount]! : this.used++;
    this.state[pair] = OPEN;
    this.content[pair] = content;
    this.segment[pair] = segment;
    return pair;
  }

  /** One copy of the request that arrived at `arrivalMs` will have answered at `doneMs`. */
  answered(pair: number, isCandidate: boolean, kind: number, doneMs: number, arrivalMs: number): number {
    if (isCandidate) this.candidateKind[pair] = kind;
    else this.baselineKind[pair] = kind;
    const state = this.state[pair]!;
    if (state === ONE_LOST) {
      this.close(pair);
      return LOST;
    }
    if (state === OPEN) {
      this.state[pair] = ONE_ANSWERED;
      this.doneMs[pair] = doneMs;
      this.arrivalMs[pair] = arrivalMs;
      return WAITING;
    }
    this.state[pair] = COMPLETE;
    if (doneMs > this.doneMs[pair]!) this.doneMs[pair] = doneMs;
    return COMPARABLE;
  }

  /** One copy will never answer. */
  lost(pair: number): number {
    if (this.state[pair] === OPEN) {
      this.state[pair] = ONE_LOST;
      return WAITING;
    }
    this.close(pair);
    return LOST;
  }

  /** A copy that was going to answer is lost after all (its replica crashed). Returns LOST when both had been told about. */
  revoke(pair: number): number {
    if (this.state[pair] === COMPLETE) return LOST;
    this.state[pair] = ONE_LOST;
    return WAITING;
  }

  /** A copy that was going to answer answers later after all. */
  delay(pair: number, doneMs: number): void {
    this.doneMs[pair] = Math.max(this.doneMs[pair]!, doneMs);
  }

  close(pair: number): void {
    this.recycled[this.recycledCount++] = pair;
  }

  private grow(): void {
    const length = 2 * this.used;
    this.doneMs = grown(this.doneMs, length);
    this.arrivalMs = grown(this.arrivalMs, length);
    this.content = grown(this.content, length);
    this.segment = grown(this.segment, length);
    this.baselineKind = grown(this.baselineKind, length);
    this.candidateKind = grown(this.candidateKind, length);
    this.state = grown(this.state, length);
    this.recycled = grown(this.recycled, length);
  }
}
