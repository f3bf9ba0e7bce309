import { SCORE_HEADER, TIMING_HEADER } from '../answer-headers.ts';
import { CR, LF, SPACE, spells, VALUE, wholeNumber } from './characters.ts';
import { BAD, END, FieldCursor } from './field-cursor.ts';
import { Framing } from './framing.ts';
import { KeptLines } from './kept-lines.ts';

/** The head of a server's answer, read anew for each: one object serves a connection. */
export class AnswerHead {
  status = 0;
  /** ` 200 OK`: what stands after the version. */
  statusText = '';
  /** The lines that go on to the caller. */
  kept = '';
  /** Values of the headers that a replica says things in; null when absent. */
  timing: string | null = null;
  score: string | null = null;
  /** Bytes, or what framing.ts names. */
  bodyLength = 0;
  /** The connection ends with this answer. */
  close = false;
  /** How long the server says it keeps an idle connection, s; −1: it does not say. */
  keepsS = -1;
  private readonly cursor = new FieldCursor();
  private readonly framing = new Framing();
  private readonly lines = new KeptLines();

  /** Reads the head from `from` to before `to`, the empty line included. False: it is none. */
  read(bytes: Buffer, from: number, to: number): boolean {
    const { cursor, framing, lines } = this;
    const text = bytes.toString('latin1', from, to);
    const isCurrent = text.startsWith('HTTP/1.1 ');
    if (!isCurrent && !text.startsWith('HTTP/1.0 ')) return false;
    this.status = wholeNumber(bytes, from + 9, from + 12, 3);
    let at = from + 12;
    if (this.status < 100 || (bytes[at] !== SPACE && bytes[at] !== CR)) return false;
    while (VALUE[bytes[at]!] === 1) at++;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return false;
    this.statusText = text.slice(8, at - from);
    this.timing = this.score = null;
    this.keepsS = -1;
    framing.reset();
    cursor.start(at + 2);
    lines.start(text, at + 2 - from);
    for (;;) {
      const found = cursor.next(bytes);
      if (found === END) break;
      if (found === BAD) return false;
      if (framing.take(bytes, cursor) || this.take(bytes, text, from))
        lines.leaveOut(cursor.lineFrom - from, cursor.at - from);
    }
    this.kept = lines.upTo(cursor.lineFrom - from);
    this.bodyLength = framing.bodyLength;
    this.close = framing.close || !isCurrent;
    return true;
  }

  /** Notes what is of interest here. True: it concerns the connection and stays behind. */
  private take(bytes: Buffer, text: string, from: number): boolean {
    const { lineFrom, nameTo, valueFrom, valueTo } = this.cursor;
    switch (nameTo - lineFrom) {
      case 17:
        if (spells(bytes, lineFrom, TIMING_HEADER)) this.timing = text.slice(valueFrom - from, valueTo - from);
        return false;
      case 16:
        if (spells(bytes, lineFrom, SCORE_HEADER)) this.score = text.slice(valueFrom - from, valueTo - from);
        return false;
      case 10:
        if (!spells(bytes, lineFrom, 'keep-alive')) return false;
        if (spells(bytes, valueFrom, 'timeout=')) this.keepsS = leadingNumber(bytes, valueFrom + 8);
        return true;
      case 7:
        return spells(bytes, lineFrom, 'trailer') || spells(bytes, lineFrom, 'upgrade');
      default:
        return false;
    }
  }
}

/** The digits that stand there; −1 when none do. */
function leadingNumber(bytes: Uint8Array, from: number): number {
  let to = from;
  while (bytes[to]! >= 0x30 && bytes[to]! <= 0x39) to++;
  return wholeNumber(bytes, from, to, 9);
}
