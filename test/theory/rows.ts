/** Every row of the validation suite, and those that the simulator has no words for. */
import type { Row } from './gate.ts';
import { CACHE } from './rows-cache.ts';
import { GENERAL } from './rows-general.ts';
import { INFINITE } from './rows-infinite.ts';
import { MARKOV } from './rows-markov.ts';

const numberOf = ({ id }: Row): number => Number(id.slice(1));

export const ROWS: readonly Row[] = [...MARKOV, ...GENERAL, ...INFINITE, ...CACHE].sort(
  (a, b) => numberOf(a) - numberOf(b),
);

/** Kernel rows without a scenario, and why. Q33 and Q34 are mutants: they run as negative controls N1 and N2. */
export const NOT_EXPRESSIBLE: Readonly<Record<string, string>> = {
  Q18: 'Erlang A: patience is exponential; `queueTimeout` is one constant for all requests (Q20 and Q21 cover it)',
  Q19: 'Erlang A: as Q18',
  Q30: 'set-up after idle: `coldStart` slows the first requests of a fresh replica, not the first after an idle time',
  Q32: 'batching server: a slot serves one request at a time',
  Q35: 'priorities: stations are first come first served',
  Q36: 'processor sharing: a slot serves one request at full speed',
};
