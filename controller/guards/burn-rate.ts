/**
 * Burn rate over two windows (the formula is in burn.ts): breach when the error budget, which is the bound, burns more than
 * `factor` times too fast over the long window and over the short one; pass when over neither. History before the stage is
 * filled from the baseline. A comparator: with a budget of 0.1 % the customary factor of 14.4 sees nothing below 1.44 % errors.
 */
import type { Arm } from '../../telemetry/window.ts';
import type { BurnRate } from '../guard-tests.ts';
import { cellOf } from '../needs.ts';
import { add, NO_TALLY } from '../tally.ts';
import { duration } from '../words.ts';
import { burnRate } from './burn.ts';
import { boundShare } from './e-process.ts';
import { between } from './evidence.ts';
import { measure } from './measure.ts';
import type { Count } from './ratios.ts';
import { type Case, type Tested, unknown } from './test-case.ts';

export function burnRateTest(c: Case<BurnRate>): Tested {
  const { guard, test, judgement } = c;
  const budget = boundShare(guard);
  if (budget === null || judgement.samples === 0) return unknown('no samples');
  const long = burnOver(c, test.longMs, budget);
  const short = burnOver(c, test.shortMs, budget);
  if (long === null || short === null) return unknown('no requests of the candidate or of the baseline to fill from');
  const [fast, now] = [long > test.factor, short > test.factor];
  const verdict = fast && now ? 'breach' : fast || now ? 'inconclusive' : 'pass';
  const words = `burns its budget ${times(long)} over ${duration(test.longMs)} and ${times(short)} over ${duration(test.shortMs)}, ${times(test.factor)} allowed`;
  return { verdict, words };
}

const times = (burn: number): string => `${Number(burn.toPrecision(3))} times`;

/** Null when an arm has no requests where they are needed. */
function burnOver({ guard, evidence }: Case<BurnRate>, stretchMs: number, budget: number): number | null {
  const { index, policy, firstOfStage } = evidence;
  const width = Math.max(1, Math.round(stretchMs / policy.evaluateEveryMs));
  const first = index + 1 - width;
  const since = guard.carryOver ? 0 : firstOfStage;
  const count = (arm: Arm, from: number): Count | null => {
    const cell = cellOf(arm, guard.segment);
    const tally = between(evidence, from, index).reduce(
      (sum, { cells }) => add(sum, cells[cell] ?? NO_TALLY, NO_PARTS),
      NO_TALLY,
    );
    return measure(guard, tally, evidence.header).count;
  };
  const own = count('candidate', Math.max(first, since));
  const reference = count('baseline', first);
  const seen = Math.min(1, (index + 1 - Math.max(first, since)) / width);
  if (own === null || own.samples === 0) return null;
  if (seen === 1) return burnRate(own.events / own.samples, 0, 1, budget);
  if (reference === null || reference.samples === 0) return null;
  return burnRate(own.events / own.samples, reference.events / reference.samples, seen, budget);
}

const NO_PARTS: ReadonlySet<never> = new Set();
