import { hashText } from '../../../split.ts';
import { SLASH, SPACE, spells, TARGET, TOKEN, wholeNumber } from './characters.ts';
import { BAD, END, FieldCursor } from './field-cursor.ts';
import { AMBIGUOUS, CHUNKED, Framing, NOT_SAID, UNKNOWN_CODING } from './framing.ts';
import { KeptLines } from './kept-lines.ts';
import { bad, type Refusal } from './refusal.ts';

const NUMBER_HEADER = 'x-coalmine-request';
const USER_HEADER = 'x-coalmine-user';
const ROW_HEADER = 'x-coalmine-row';
export const MIRRORED_HEADER = 'x-coalmine-mirrored';

/** Headers that concern the caller's own connection, or that the gateway writes itself, besides those of the framing. */
const NOT_FORWARDED = ['host', 'keep-alive', 'upgrade', 'te', 'trailer', 'expect', 'proxy-connection', MIRRORED_HEADER];
/** By length of the name, the one or two of these that it may be. */
const BY_LENGTH: readonly (readonly string[])[] = Array.from({ length: 20 }, (_, length) =>
  NOT_FORWARDED.filter((name) => name.length === length),
);

/** The head of a request, read anew for each: one object serves a connection. */
export class RequestHead {
  method = '';
  path = '';
  /** The lines that go on to the upstream. */
  kept = '';
  /** The request's number, its user's place in the split, and its row; −1 when the header is absent. */
  number = -1;
  user = -1;
  row = -1;
  /** A body's bytes, or CHUNKED. */
  bodyLength = 0;
  /** The caller waits for `100 Continue` before it sends the body. */
  expects = false;
  /** The connection ends with the answer. */
  close = false;
  /** A header that does not say what it should: the request is refused, the connection goes on. */
  fault: Refusal | null = null;
  private hosts = 0;
  /** HTTP/1.0. */
  private isOld = false;
  private readonly cursor = new FieldCursor();
  private readonly framing = new Framing();
  private readonly lines = new KeptLines();

  /** Reads the head from `from` to before `to`, the empty line included. Returns why the connection cannot go on, or null. */
  read(bytes: Buffer, from: number, to: number): Refusal | null {
    const { cursor, framing, lines } = this;
    const text = bytes.toString('latin1', from, to);
    this.number = this.user = this.row = -1;
    this.hosts = 0;
    this.expects = false;
    this.fault = null;
    framing.reset();
    const fieldsFrom = this.readLine(bytes, from, text);
    if (fieldsFrom < 0) return BAD_LINE;
    cursor.start(fieldsFrom);
    lines.start(text, fieldsFrom - from);
    for (;;) {
      const found = cursor.next(bytes);
      if (found === END) break;
      if (found === BAD) return BAD_FIELD;
      if (framing.take(bytes, cursor) || this.isLeftOut(bytes))
        lines.leaveOut(cursor.lineFrom - from, cursor.at - from);
      else this.takeOurs(bytes);
    }
    this.kept = lines.upTo(cursor.lineFrom - from);
    this.close = framing.close || this.isOld;
    return this.frame();
  }

  /** `METHOD /path HTTP/1.1`: other forms of a target are for forward proxies. Returns where the fields begin, or −1. */
  private readLine(bytes: Buffer, from: number, text: string): number {
    let at = from;
    while (TOKEN[bytes[at]!] === 1) at++;
    const methodTo = at;
    if (methodTo === from || bytes[at++] !== SPACE) return -1;
    while (TARGET[bytes[at]!] === 1) at++;
    this.method = text.slice(0, methodTo - from);
    this.path = text.slice(methodTo + 1 - from, at - from);
    const isCurrent = text.startsWith(' HTTP/1.1\r\n', at - from);
    this.isOld = !isCurrent && text.startsWith(' HTTP/1.0\r\n', at - from);
    return bytes[methodTo + 1] === SLASH && (isCurrent || this.isOld) ? at + 11 : -1;
  }

  private isLeftOut(bytes: Buffer): boolean {
    const { lineFrom, nameTo, valueFrom, valueTo } = this.cursor;
    const length = nameTo - lineFrom;
    const names = length < BY_LENGTH.length ? BY_LENGTH[length]! : NO_NAMES;
    for (let i = 0; i < names.length; i++) {
      if (!spells(bytes, lineFrom, names[i]!)) continue;
      if (length === 4) this.hosts++;
      else if (length === 6) {
        this.expects = true;
        if (valueTo - valueFrom !== 12 || !spells(bytes, valueFrom, '100-continue')) this.fault = UNKNOWN_EXPECTATION;
      }
      return true;
    }
    return false;
  }

  /** Most headers are not ours: the lengths of their names tell. */
  private takeOurs(bytes: Buffer): void {
    const { lineFrom, nameTo, valueFrom, valueTo } = this.cursor;
    switch (nameTo - lineFrom) {
      case 15:
        if (!spells(bytes, lineFrom, USER_HEADER)) return;
        this.user = below31(bytes, valueFrom, valueTo);
        // Users are numbers in our traces; other names are hashed.
        if (this.user < 0) this.user = hashText(bytes.toString('latin1', valueFrom, valueTo));
        return;
      case 18:
        if (!spells(bytes, lineFrom, NUMBER_HEADER)) return;
        this.number = below31(bytes, valueFrom, valueTo);
        if (this.number < 0) this.mean(NUMBER_HEADER, bytes);
        return;
      case 14:
        if (!spells(bytes, lineFrom, ROW_HEADER)) return;
        this.row = below31(bytes, valueFrom, valueTo);
        if (this.row < 0) this.mean(ROW_HEADER, bytes);
    }
  }

  private mean(name: string, bytes: Buffer): void {
    const { valueFrom, valueTo } = this.cursor;
    this.fault ??= bad(
      `${name}: got '${bytes.toString('latin1', valueFrom, valueTo)}', expected a whole number below 2³¹`,
    );
  }

  private frame(): Refusal | null {
    const length = this.framing.bodyLength;
    if (length === AMBIGUOUS) return AMBIGUOUS_LENGTH;
    if (length === UNKNOWN_CODING) return UNREAD_CODING;
    // HTTP/1.0 has no chunks: who sends them is not understood by everybody (RFC 9112, 6.1).
    if (this.isOld && length === CHUNKED) return AMBIGUOUS_LENGTH;
    if (this.hosts > 1 || (this.hosts === 0 && !this.isOld)) return ONE_HOST;
    this.bodyLength = length === NOT_SAID ? 0 : length;
    return null;
  }
}

const below31 = (bytes: Uint8Array, from: number, to: number): number => {
  const value = wholeNumber(bytes, from, to, 10);
  return value < 2 ** 31 ? value : -1;
};

const NO_NAMES: readonly string[] = [];
const BAD_LINE = bad('the request line: expected <method> /<path> HTTP/1.1');
const BAD_FIELD = bad('a header line: expected <name>: <value>, ended by CRLF');
const AMBIGUOUS_LENGTH = bad('the length of the body: expected one content-length or transfer-encoding: chunked');
const UNREAD_CODING = bad('transfer-encoding: expected chunked', 501);
const UNKNOWN_EXPECTATION = bad('expect: expected 100-continue', 417);
const ONE_HOST = bad('host: expected one');
