import { candidateBelow, routingPoint } from '../split.ts';

/** The rule that router and gateway follow, each with the circle's cuts worked out beforehand: whether the candidate serves this user at this weight. */
export const goesToCandidate = (user: number, salt: number, weightPercent: number): boolean =>
  routingPoint(user, salt) < candidateBelow(weightPercent);
