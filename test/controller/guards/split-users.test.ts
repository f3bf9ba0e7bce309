/** Whether shares of the requests are a router's mistake: few users fall unevenly to the arms, however many requests they have. */
import { describe, expect, it } from 'vitest';
import { splitMismatch } from '../../../controller/guards/split-check.ts';
import type { Stage } from '../../../controller/policy.ts';
import { hashText } from '../../../split.ts';
import { goesToCandidate } from '../../goes-to-candidate.ts';
import { clopperPearsonUpper } from '../../../statistics/binomial.ts';

const at = (weightPercent: number): Stage => ({
  name: 'canary',
  weightPercent,
  mirrorPercent: 0,
  controlPercent: 0,
  holdMs: 0,
  extendMs: 0,
});

/** A thousand requests of each of `users` users, shared out by the real hash, `weightPercent` of them meant for the candidate. */
function shared(users: number, weightPercent: number, salt: string) {
  let candidate = 0;
  for (let user = 0; user < users; user++) if (goesToCandidate(user, hashText(salt), weightPercent)) candidate += 1000;
  return { candidate, others: 1000 * users - candidate };
}

describe('the share of few users', () => {
  const ROLLOUTS = 1000;

  it.each([
    [400, 5],
    [2000, 25],
    [20_000, 1],
  ])('%i users at %i %%: requests taken for independent alarm often, users almost never', (users, weight) => {
    let [byRequest, byUser] = [0, 0];
    for (let i = 0; i < ROLLOUTS; i++) {
      const split = shared(users, weight, `${i}/split`);
      if (splitMismatch(split, at(weight), undefined) !== null) byRequest++;
      if (splitMismatch(split, at(weight), users) !== null) byUser++;
    }
    expect(byRequest).toBeGreaterThan(0.1 * ROLLOUTS);
    expect(clopperPearsonUpper(byUser, ROLLOUTS), `${byUser} of ${ROLLOUTS}`).toBeLessThan(0.005);
  });

  it('is a mismatch all the same when chance does not explain it, and says so', () => {
    const split = { candidate: 400_000, others: 1_600_000 };
    expect(splitMismatch(split, at(10), 2000)).toBe(
      'the router gives the candidate 20 % of the requests, not 10 %, more than 2,000 users explain',
    );
    expect(splitMismatch(split, at(10), undefined)).toBe(
      'the router gives the candidate 20 % of the requests, not 10 %',
    );
    expect(splitMismatch(split, at(20), 2000)).toBeNull();
  });

  it('is that of as many observations as there are requests, where there are fewer of these', () => {
    // 30 of 100 requests for 20 % is luck however many users there are; 3,000 of 10,000 is not.
    expect(splitMismatch({ candidate: 30, others: 70 }, at(20), 500_000)).toBeNull();
    expect(splitMismatch({ candidate: 3000, others: 7000 }, at(20), 500_000)).not.toBeNull();
  });
});
