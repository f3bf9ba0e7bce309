import { spells, wholeNumber } from './characters.ts';
import type { FieldCursor } from './field-cursor.ts';

/** How long a body is, when it is not a number of bytes. */
export const CHUNKED = -1;
export const NOT_SAID = -2;
/** Two readers could disagree about where the message ends: nothing after it can be trusted. */
export const AMBIGUOUS = -3;
/** A transfer coding that is not read here. */
export const UNKNOWN_CODING = -4;

/** Digits of the largest length taken; a longer one is no length. */
const LENGTH_DIGITS = 15;

/**
 * Collects what a head says about where its message ends and whether another may follow (RFC 9112, 6 and 9.3). Strict: Content-Length twice, even
 * with equal values, or beside Transfer-Encoding is ambiguous, which is how requests are smuggled past a proxy.
 */
export class Framing {
  /** `connection: close` was said. */
  close = false;
  private lengths = 0;
  private codings = 0;
  private length = 0;
  private coding = 0;

  reset(): void {
    this.close = false;
    this.lengths = this.codings = 0;
  }

  /** Takes a field that is about this; false: it is not one. */
  take(bytes: Uint8Array, { lineFrom, nameTo, valueFrom, valueTo }: FieldCursor): boolean {
    switch (nameTo - lineFrom) {
      case 10:
        if (!spells(bytes, lineFrom, 'connection')) return false;
        if (hasWord(bytes, valueFrom, valueTo, 'close')) this.close = true;
        return true;
      case 14:
        if (!spells(bytes, lineFrom, 'content-length')) return false;
        this.lengths++;
        this.length = wholeNumber(bytes, valueFrom, valueTo, LENGTH_DIGITS);
        return true;
      case 17:
        if (!spells(bytes, lineFrom, 'transfer-encoding')) return false;
        this.codings++;
        this.coding = valueTo - valueFrom === 7 && spells(bytes, valueFrom, 'chunked') ? CHUNKED : UNKNOWN_CODING;
        return true;
      default:
        return false;
    }
  }

  /** Bytes, or one of the constants above. */
  get bodyLength(): number {
    if (this.lengths + this.codings > 1) return AMBIGUOUS;
    if (this.codings === 1) return this.coding;
    if (this.lengths === 0) return NOT_SAID;
    return this.length < 0 ? AMBIGUOUS : this.length;
  }
}

/** Is this word one of a list with commas? */
function hasWord(bytes: Uint8Array, from: number, to: number, word: string): boolean {
  for (let at = from; at + word.length <= to; at++) {
    if ((at === from || isBreak(bytes[at - 1]!)) && spells(bytes, at, word)) {
      if (at + word.length === to || isBreak(bytes[at + word.length]!)) return true;
    }
  }
  return false;
}

/** Blanks and the comma. */
const isBreak = (byte: number): boolean => byte === 0x2c || byte === 0x20 || byte === 0x09;
