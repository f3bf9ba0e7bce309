/** Parts of documents that tools write: what stands between two markers. */
import type { Outcome } from '../outcome.ts';

/** What a classification means to whoever reads a table. */
export const RIGHT: Readonly<Record<Outcome['classification'], string>> = {
  'true-promotion': 'right',
  'true-rollback': 'right',
  'false-rollback': '**wrong**: false rollback',
  'missed-regression': '**wrong**: missed regression',
  inconclusive: 'asks a person',
};

/** What stands between two markers, without the white space around it. Throws `RangeError` when the text lacks them. */
export function partOf(text: string, begin: string, end: string): string {
  const [from, to] = bounds(text, begin, end);
  return text.slice(from, to).trim();
}

/** The text with what stands between the markers replaced by `part`. Throws `RangeError` when it lacks them. */
export function withPart(text: string, begin: string, end: string, part: string): string {
  const [from, to] = bounds(text, begin, end);
  return `${text.slice(0, from)}\n\n${part.trim()}\n\n${text.slice(to)}`;
}

function bounds(text: string, begin: string, end: string): readonly [number, number] {
  const at = text.indexOf(begin);
  const to = at < 0 ? -1 : text.indexOf(end, at + begin.length);
  if (to < 0)
    throw new RangeError(`got a document without ${at < 0 ? begin : end}, expected the markers ${begin} and ${end}`);
  return [at + begin.length, to];
}
