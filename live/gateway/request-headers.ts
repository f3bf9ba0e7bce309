import { hashText } from '../../split.ts';

/** What a request says about itself in its headers. */
export interface RequestFacts {
  /** Its number, and its user's place in the split; −1 when the header is absent. */
  number: number;
  user: number;
  row: number;
  /** Header lines that go on to the upstream, names and values alternating. */
  readonly forwarded: string[];
}

export const NUMBER_HEADER = 'x-coalmine-request';
export const USER_HEADER = 'x-coalmine-user';
export const ROW_HEADER = 'x-coalmine-row';

/** Headers that concern the caller's own connection, or that undici writes itself. */
const NOT_FORWARDED = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'proxy-connection',
  'x-coalmine-mirrored',
]);

/** Reads Node's raw header lines; the first header that cannot be read is returned as an error message. */
export function factsOf(raw: readonly string[]): RequestFacts | string {
  const facts: RequestFacts = { number: -1, user: -1, row: -1, forwarded: [] };
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const value = raw[i + 1]!;
    if (NOT_FORWARDED.has(name)) continue;
    facts.forwarded.push(name, value);
    // The lengths of our names: most headers are not ours.
    if (name.length !== 18 && name.length !== 15 && name.length !== 14) continue;
    if (name === USER_HEADER) facts.user = userOf(value);
    else if (name === NUMBER_HEADER) facts.number = wholeOf(value);
    else if (name === ROW_HEADER) facts.row = wholeOf(value);
    else continue;
    if (facts.number === BAD || facts.row === BAD) return `${name}: got '${value}', expected a whole number below 2³¹`;
  }
  return facts;
}

const BAD = -2;

/** A decimal whole number below 2³¹, or BAD. */
function wholeOf(text: string): number {
  if (text.length === 0 || text.length > 10) return BAD;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return BAD;
    value = value * 10 + digit;
  }
  return value < 2 ** 31 ? value : BAD;
}

/** Users are numbers in our traces; other names are hashed. */
function userOf(text: string): number {
  const number = wholeOf(text);
  return number === BAD ? hashText(text) : number;
}
