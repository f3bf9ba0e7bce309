/** Bytes of an HTTP/1.1 head (RFC 9110, 5.5 and 5.6.2): which may stand where, and what they spell. */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const SLASH = 0x2f;
export const COLON = 0x3a;

const tableOf = (isMember: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => Number(isMember(byte)));

/** 1 for what a field's name or a method is made of. */
export const TOKEN: Uint8Array = tableOf((byte) => /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(byte)));

/** 1 for what a field's value or a reason is made of: everything visible, blanks, and bytes beyond ASCII. */
export const VALUE: Uint8Array = tableOf((byte) => byte === HTAB || (byte >= SPACE && byte !== 0x7f));

/** 1 for what a request's target is made of: visible ASCII. */
export const TARGET: Uint8Array = tableOf((byte) => byte > SPACE && byte < 0x7f);

/** Do these bytes, which are a token as long as `word`, spell it in any case? `word` is in lower case. */
export function spells(bytes: Uint8Array, from: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    const byte = bytes[from + i]!;
    // Bit 5 makes capitals small and leaves digits and the hyphen alone.
    if ((byte >= 0x40 ? byte | 0x20 : byte) !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** These bytes as a decimal whole number of at most `maxDigits` digits, or −1. */
export function wholeNumber(bytes: Uint8Array, from: number, to: number, maxDigits: number): number {
  if (to <= from || to - from > maxDigits) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i]! - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
