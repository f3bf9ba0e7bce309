import { COLON, CR, HTAB, LF, SPACE, TOKEN, VALUE } from './characters.ts';

export const FIELD = 1;
export const END = 0;
export const BAD = -1;

/**
 * Walks the field lines of a head, `name: value` CRLF each, up to the empty line, as RFC 9112, 5 has them and no looser: a lone LF, a
 * blank before the colon, a folded line or a control character is BAD, since two readers might understand it differently.
 */
export class FieldCursor {
  /** The field's name and value, without the blanks around it; the whole line ends before `at`. */
  lineFrom = 0;
  nameTo = 0;
  valueFrom = 0;
  valueTo = 0;
  at = 0;

  start(at: number): void {
    this.at = at;
  }

  /** The next field: FIELD and its places, END after the empty line, or BAD. The bytes end with an empty line. */
  next(bytes: Uint8Array): typeof FIELD | typeof END | typeof BAD {
    let at = this.at;
    this.lineFrom = at;
    if (bytes[at] === CR) {
      this.at = at + 2;
      return bytes[at + 1] === LF ? END : BAD;
    }
    while (TOKEN[bytes[at]!] === 1) at++;
    if (at === this.lineFrom || bytes[at] !== COLON) return BAD;
    this.nameTo = at++;
    while (bytes[at] === SPACE || bytes[at] === HTAB) at++;
    this.valueFrom = at;
    while (VALUE[bytes[at]!] === 1) at++;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return BAD;
    this.at = at + 2;
    while (at > this.valueFrom && (bytes[at - 1] === SPACE || bytes[at - 1] === HTAB)) at--;
    this.valueTo = at;
    return FIELD;
  }
}
