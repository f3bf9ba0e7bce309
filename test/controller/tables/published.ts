/** Simulated cells of published tables, and what ours must be to agree with them. */
import { expect } from 'vitest';
import { upperTail } from '../../../statistics/binomial.ts';
import { normalTail } from '../../../statistics/normal.ts';

export const isFull: boolean = process.env.COALMINE_TIER === 'full';

/** Rollouts per cell: as many as take seconds, or twenty times that (`npm run test:full`). */
export const sized = (quick: number): number => quick * (isFull ? 20 : 1);

/** The share that alarmed, and by which minute half and nine in ten of those had. */
export type Cell = readonly [share: number, median?: number, ninety?: number];

/** Half a unit of the last digit printed. */
const PRINTED = 5e-5;

/**
 * `delays` of those of `runs` rollouts that alarmed, against a cell measured in `published` ones: shares agree within four standard errors of
 * their difference, and so do the shares of alarms that had been given by the minutes named and one before.
 */
export function agrees(delays: readonly number[], runs: number, cell: Cell, published: number, name: string): void {
  const [share, median, ninety] = cell;
  const found = delays.length / runs;
  const said = `${name}: got ${delays.length} of ${runs}, published ${share} of ${published}`;
  const scatter = four((share * published + delays.length) / (published + runs), published, runs);
  const isNear = Math.abs(found - share) <= scatter + PRINTED;
  expect(isNear || isPlausible(delays.length, runs, share), said).toBe(true);
  for (const [minute, part] of [
    [median, 0.5],
    [ninety, 0.9],
  ] as const) {
    if (minute === undefined || delays.length === 0) continue;
    const by = (last: number): number => delays.filter((delay) => delay <= last).length / delays.length;
    const apart = four(part, published * share, delays.length);
    const when = `${said}, ${part * 100} % of them by minute ${minute}`;
    expect(by(minute), when).toBeGreaterThanOrEqual(part - apart);
    expect(by(minute - 1), `${when} and not before`).toBeLessThanOrEqual(part + apart);
  }
}

const four = (p: number, n: number, m: number): number => 4 * Math.sqrt(p * (1 - p) * (1 / n + 1 / m));

/** Where hardly any are expected, one is many standard errors and yet nothing odd: by the binomial tail, as odd as four of them. */
const isPlausible = (events: number, runs: number, share: number): boolean =>
  events > runs * share && upperTail(events, runs, Math.min(1, share + PRINTED)) >= normalTail(4);
