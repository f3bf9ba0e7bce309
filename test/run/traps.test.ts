/** Every trap, rehearsed again: its table in docs/traps.md says what the policies did, and some policy does better than the first. */
import { describe, expect, test } from 'vitest';
import { rehearseTrap, TRAPS } from '../../tools/traps/cases.ts';
import { rowOf, writtenRows } from '../../tools/traps/main.ts';
import { expectSane } from './sane.ts';

/** Scenario, truth, policy, verdict, guard and judgement; times and latencies may differ in their last digit between processors. */
const told = (row: string): string[] => {
  const cells = row.split('|').map((cell) => cell.trim());
  return [...cells.slice(1, 6), cells[10]!];
};

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
      // The last run may be a twin that is no trap of its own.
      expect(outcome.trap !== undefined || i === runs.length - 1).toBe(true);
    },
  );
});
