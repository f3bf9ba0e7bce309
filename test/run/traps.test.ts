/** Every trap, rehearsed again: its table in docs/traps.md says what the policies did, and some policy does better than the first. */
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rehearseTrap, TRAPS, type TrapRun } from '../../tools/traps/cases.ts';
import { rowOf, writtenRows } from '../../tools/traps/main.ts';
import { expectSane } from './sane.ts';
import { shippedTraps } from './shipped.ts';

/** Scenario, truth, policy, verdict, guard and judgement; times and latencies may differ in their last digit between processors. */
const told = (row: string): string[] => {
  const cells = row.split('|').map((cell) => cell.trim());
  return [...cells.slice(1, 6), cells[10]!];
};

/** Each that ships, under the policy that it names: what its `expect` is about. */
const own: readonly TrapRun[] = shippedTraps.map(({ name, policy }) => ({
  scenario: name,
  policy: basename(policy, '.yaml'),
}));
const isOwn = ({ scenario, policy }: TrapRun): boolean =>
  own.some((each) => each.scenario === scenario && each.policy === policy);

test('every trap that ships is rehearsed here, under its own policy too', () => {
  expect(own.length).toBeGreaterThan(0);
  expect(TRAPS.flatMap(({ runs }) => runs.filter(isOwn))).toEqual(expect.arrayContaining([...own]));
});

describe.each(TRAPS)('$title', ({ title, runs }) => {
  const written = writtenRows(title);

  test('is documented: the first policy falls for it, and one that follows does not', () => {
    expect(written).toHaveLength(runs.length);
    expect(told(written[0]!)[5]).toMatch(/wrong/);
    for (const row of written.slice(1)) expect(told(row)[5], row).not.toMatch(/wrong/);
  });

  test.each(runs.map((run, i) => ({ ...run, i })))(
    '$scenario under $policy ends as documented',
    { timeout: 180_000 },
    async ({ i, ...run }) => {
      const outcome = await rehearseTrap(run);
      expectSane(outcome);
      expect(told(rowOf(outcome))).toEqual(told(written[i]!));
      if (isOwn(run)) expect(outcome.expectation?.misses).toEqual([]);
      // The last run may be a twin that is no trap of its own.
      expect(outcome.trap !== undefined || i === runs.length - 1).toBe(true);
    },
  );
});
