/** Why each number of a recommended policy was changed: what would happen if it were taken back. */
import { formatDuration } from '../../config/units.ts';
import { compare, isNoWorse } from './front.ts';
import type { Objectives } from './search-result.ts';

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
const time = (ms: number): string => formatDuration(Math.round(ms / 1000) * 1000);
const count = (value: number): string => Math.round(value).toLocaleString('en');

interface Measure {
  readonly name: keyof Objectives;
  readonly text: (value: number) => string;
  readonly what: string;
}

const MEASURES: readonly Measure[] = [
  { name: 'falseRollback', text: percent, what: 'false rollbacks' },
  { name: 'notCaught', text: percent, what: 'regressions not rolled back' },
  { name: 'undecidedHealthy', text: percent, what: 'healthy rollouts left undecided' },
  { name: 'detectionDelayMs', text: time, what: 'mean detection delay' },
  { name: 'harm', text: count, what: 'users harmed per regression' },
  { name: 'timeToPromoteMs', text: time, what: 'time to promote' },
];

/** `false rollbacks 40 % instead of 20 %, mean detection delay 1h instead of 12m`; null when nothing differs. */
export function differences(from: Objectives, to: Objectives): string | null {
  const parts = MEASURES.flatMap(({ name, text, what }) => {
    const [before, after] = [from[name], to[name]];
    if (before === after || before === null || after === null || text(before) === text(after)) return [];
    return [`${what} ${text(after)} instead of ${text(before)}`];
  });
  return parts.length === 0 ? null : parts.join(', ');
}

/** One sentence about one change: the objectives of the policy, and of the policy with this change taken back (null: it is refused). */
export function reasonOf(before: string, whole: Objectives, without: Objectives | null): string {
  if (without === null) return `was ${before}; the other changes need this one`;
  const gained = differences(without, whole);
  if (gained === null) return `was ${before}; no figure of these seeds depends on it alone`;
  const isTrade = !isNoWorse(whole, without);
  return `was ${before}; ${isTrade ? 'a trade' : 'it gains'}: ${gained}`;
}

/** Why the whole policy was chosen, in one sentence; the base against it on seeds nobody had looked at. */
export function verdictOf(base: Objectives, chosen: Objectives): string {
  const change = differences(base, chosen);
  if (change === null) return 'on held-out seeds it does as the base policy does';
  const worse = compare(chosen, base) > 0 || !isNoWorse(chosen, base);
  return `on held-out seeds: ${change}${worse ? ' (not better in everything there)' : ''}`;
}
