/** What the k6 script tells, line by line on its console. Shared by Node and k6: erasable TypeScript, no imports but types. */
import type { Ending } from '../ending.ts';

/** A line of ours begins so; others are k6's own words. */
const MARK = '~';
const PARKED = `${MARK}parked `;
const BETWEEN = ';';

/** One request that has ended; times in ms. */
export interface Ended {
  readonly number: number;
  readonly latenessMs: number;
  readonly serviceMs: number;
  readonly correctedMs: number;
  readonly ending: Ending;
}

/** Requests that have ended. Several to a line: a pipe holds few lines while nobody listens, and k6 waits when it is full. */
export const endedLine = (requests: readonly Ended[]): string => MARK + requests.map(textOf).join(BETWEEN);

const textOf = ({ number, latenessMs, serviceMs, correctedMs, ending }: Ended): string =>
  `${number} ${latenessMs.toFixed(3)} ${serviceMs.toFixed(3)} ${correctedMs.toFixed(3)} ${ending}`;

/** A virtual user has put request `number` back: the load was stopped before it was sent. */
export const parkedLine = (number: number): string => `${PARKED}${number}`;

/** A virtual user has found nothing left to send. */
export const CLOSED_LINE: string = `${MARK}closed`;

export type Line =
  | { readonly kind: 'closed' }
  | { readonly kind: 'ended'; readonly requests: readonly Ended[] }
  | { readonly kind: 'parked'; readonly number: number };

/** Understands a line; null when it is not ours. */
export function readLine(line: string): Line | null {
  if (line.startsWith(PARKED)) return { kind: 'parked', number: Number(line.slice(PARKED.length)) };
  if (line === CLOSED_LINE) return { kind: 'closed' };
  if (!line.startsWith(MARK)) return null;
  const requests = line.slice(MARK.length).split(BETWEEN).map(endedOf);
  return requests.every((request) => request !== null) ? { kind: 'ended', requests } : null;
}

function endedOf(text: string): Ended | null {
  const [number, latenessMs, serviceMs, correctedMs, ending] = text.split(' ').map(Number);
  if (ending === undefined) return null;
  return {
    number: number!,
    latenessMs: latenessMs!,
    serviceMs: serviceMs!,
    correctedMs: correctedMs!,
    ending: ending as Ending,
  };
}
