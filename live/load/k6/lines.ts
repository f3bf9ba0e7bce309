/** What the k6 script tells, line by line on its console. Shared by Node and k6: erasable TypeScript, no imports but types. */
import type { Ending } from '../ending.ts';

/** A line of ours begins so; others are k6's own words. */
const MARK = '~';
const PARKED = `${MARK}parked `;

/** One request that has ended; times in ms. */
export interface EndedLine {
  readonly number: number;
  readonly latenessMs: number;
  readonly serviceMs: number;
  readonly correctedMs: number;
  readonly ending: Ending;
}

export const endedLine = (l: EndedLine): string =>
  `${MARK}${l.number} ${l.latenessMs.toFixed(3)} ${l.serviceMs.toFixed(3)} ${l.correctedMs.toFixed(3)} ${l.ending}`;

/** A virtual user has put request `number` back: the load was stopped before it was sent. */
export const parkedLine = (number: number): string => `${PARKED}${number}`;

export type Line = { readonly kind: 'ended' } & EndedLine;

/** Understands a line; null when it is not ours. */
export function readLine(line: string): Line | { readonly kind: 'parked'; readonly number: number } | null {
  if (line.startsWith(PARKED)) return { kind: 'parked', number: Number(line.slice(PARKED.length)) };
  if (!line.startsWith(MARK)) return null;
  const [number, latenessMs, serviceMs, correctedMs, ending] = line.slice(MARK.length).split(' ').map(Number);
  if (ending === undefined) return null;
  return {
    kind: 'ended',
    number: number!,
    latenessMs: latenessMs!,
    serviceMs: serviceMs!,
    correctedMs: correctedMs!,
    ending: ending as Ending,
  };
}
