/** Rates of a sweep in words, the same in terminal and page. */
import type { Rate } from '../tuning/distribution.ts';
import { NONE, percent } from './format.ts';

export const share = ({ events, ratio }: Rate): string => `${events} = ${percent(ratio)}`;

export const interval = ({ low, high }: Rate): string =>
  low === null || high === null ? NONE : `${percent(low)} – ${percent(high)}`;

/** How often each guard fired. */
export const byGuard = (guards: readonly { readonly guard: string; readonly events: number }[]): string =>
  guards.map(({ guard, events }) => `${guard} ${events}`).join(', ') || NONE;
