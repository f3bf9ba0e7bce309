/**
 * What a ratio of outcomes looks like that counts impressions whose labels are not due (statistics §9.4), in the simulator: of the answers of the
 * first a minutes those given within a − d have their label when it takes d.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { countOf, ratioOf } from '../../../controller/guards/ratios.ts';
import { add, NO_TALLY, type Tally, tallyOf } from '../../../controller/tally.ts';
import { histogramsReady } from '../../../telemetry/histogram.ts';
import { within } from '../../statistics/within.ts';
import { rowsOf, run, scenarioOf } from '../../sim/support.ts';
import { MINUTE } from '../support.ts';

const AGES = [15, 30, 120];
const NOTHING: ReadonlySet<never> = new Set();

/** What the arm has counted by each age, labels taking `delayMin`; every answer is a success. */
async function countedBy(delayMin: number): Promise<ReadonlyMap<number, Tally>> {
  const scenario = scenarioOf({
    traffic: '{ requests: 400k, rate: 40/s }',
    outcomes: `{ kind: bernoulli, baseline: 1, candidate: 1, labelDelay: ${delayMin * MINUTE}ms }`,
    window: '1m',
  });
  const { windows } = await run(scenario, 120 * MINUTE);
  const rows = rowsOf(windows);
  const upTo = (age: number): Tally =>
    rows.slice(0, age).reduce((sum, row) => add(sum, tallyOf(row, NOTHING), NOTHING), NO_TALLY);
  return new Map(AGES.map((age) => [age, upTo(age)]));
}

const ratio = (kind: 'young-outcome-ratio' | 'outcome-ratio', tally: Tally): number | null =>
  ratioOf(countOf({ kind }, tally)!);

/**
 * Labels that take an exponential time of mean 2 minutes, as a few that take a fixed one: what is seen by an age is linear in the delay up to that age, so between
 * ages the mean delay stands for all. Part of the labels between two ages, and their mean.
 */
const DELAYS = [0, ...AGES].map((from, i) => {
  const [mean, to] = [2, AGES[i] ?? Infinity];
  const [before, after] = [Math.exp(-from / mean), Math.exp(-to / mean)];
  const beyond = to === Infinity ? 0 : (to + mean) * after;
  return { part: before - after, delayMin: ((from + mean) * before - beyond) / (before - after) };
});

describe('outcomes counted before their labels are due', () => {
  beforeAll(histogramsReady);

  it('labels of 2 minutes on average make an arm look 13 % worse when it is 15 minutes old, 7 % at 30 and 2 % at 120', async () => {
    const counted = await Promise.all(DELAYS.map(({ delayMin }) => countedBy(delayMin)));
    for (const [age, published] of [
      [15, 0.866740411],
      [30, 0.933333354],
      [120, 0.983333333],
    ] as const) {
      // The same by mixing delays, to all its digits.
      const exact = DELAYS.reduce((sum, { part, delayMin }) => sum + part * Math.max(0, 1 - delayMin / age), 0);
      within(exact, published);
      const seen = DELAYS.reduce(
        (sum, { part }, i) => sum + part * ratio('young-outcome-ratio', counted[i]!.get(age)!)!,
        0,
      );
      const { samples } = countOf({ kind: 'young-outcome-ratio' }, counted[0]!.get(age)!)!;
      within(seen, published, 0, 4 * Math.sqrt((published * (1 - published)) / samples));
    }
  });

  it('those whose labels are due are what they are at any age', async () => {
    const counted = await countedBy(2);
    for (const age of AGES) expect(ratio('outcome-ratio', counted.get(age)!)).toBe(1);
    const { samples } = countOf({ kind: 'outcome-ratio' }, counted.get(15)!)!;
    within(samples, 13 * 60 * 40, 0, 4 * Math.sqrt(13 * 60 * 40));
  });
});
