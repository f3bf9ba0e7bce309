/** A child for tests: answers what it is told, and ends with code 7 when asked to. */
import { obeyParent } from '../../../live/supervisor/obedience.ts';

export interface ToEcho {
  readonly text: string;
}
export type FromEcho = ToEcho;

let stubborn = false;
obeyParent(() => {
  if (!stubborn) process.exit(7);
});
process.on('message', ({ text }: ToEcho) => {
  if (text === 'be stubborn') stubborn = true;
  process.send?.({ text } satisfies FromEcho);
});
