import { BASELINE } from './options.ts';

/** What came of telling about one copy. */
export const WAITING = 0;
export const COMPARABLE = 1;
export const LOST = 2;

/**
 * Both answers to one mirrored request: request and copy hold the same Pair, so answers are joined by the request and never by order
 * of arrival. Comparable once both have answered; lost when one of them cannot answer any more.
 */
export class Pair {
  /** Scores, null where the answer carries none. */
  baseline: number | null = null;
  candidate: number | null = null;
  private told = false;
  private lost = false;

  answered(arm: number, score: number | null): typeof WAITING | typeof COMPARABLE | typeof LOST {
    if (arm === BASELINE) this.baseline = score;
    else this.candidate = score;
    return this.tell();
  }

  unanswered(): typeof WAITING | typeof LOST {
    this.lost = true;
    return this.tell() === LOST ? LOST : WAITING;
  }

  private tell(): typeof WAITING | typeof COMPARABLE | typeof LOST {
    if (!this.told) {
      this.told = true;
      return WAITING;
    }
    return this.lost ? LOST : COMPARABLE;
  }
}
