/** The guards of policies/google-ranking.yaml and of its naive twin over the first six hours at 5 %, on drawn queries. */
import { join } from 'node:path';
import { loadPolicy } from '../../controller/load-policy.ts';
import type { Guard } from '../../controller/policy.ts';
import { packageRoot } from '../../scenarios/files.ts';
import type { Stream } from '../../sim/random.ts';
import type { Moments } from '../../telemetry/measures.ts';
import type { ArmWindow } from '../../telemetry/window.ts';
import { PER_MINUTE } from './cells.ts';
import { lognormalMoments, manyMoments, normalDraw } from './draw-moments.ts';
import { type ArmCounts, type Breaches, breachesOf, watching } from './rollouts.ts';
import { cellOf, type Cell } from './table.ts';

/** Six hours, a look a minute. */
export const HALTING_LOOKS = 360;
const WEIGHT_PERCENT = 5;
const [CLICKS, SUCCESSES, MEDIAN_S, SIGMA] = [0.62, 0.48, 21, 0.9];
const HALTING = ['success', 'time-to-success', 'click-through'] as const;

export interface HaltingTruth {
  readonly name: string;
  readonly healthy: boolean;
  /** The candidate's change of its success ratio and of its times to success. */
  readonly success: number;
  readonly time: number;
}

export const HALTING_TRUTHS: readonly HaltingTruth[] = [
  { name: 'no change', healthy: true, success: 0, time: 0 },
  { name: 'success −2 %', healthy: false, success: -0.02, time: 0 },
  { name: 'success −5 %', healthy: false, success: -0.05, time: 0 },
  { name: 'time +5 %', healthy: false, success: 0, time: 0.05 },
];

/** The rows of the table: what halts, by guard and together; policies differ in nothing but their tests. */
export const HALTING_RULES: readonly {
  readonly policy: string;
  readonly guards: readonly string[];
  readonly words: string;
}[] = [
  { policy: 'google-ranking', guards: HALTING, words: 'google-ranking.yaml: any of its three, α 2 % together' },
  { policy: 'google-ranking', guards: ['success'], words: 'its success guard alone, α 1 % over all looks' },
  { policy: 'google-ranking-naive', guards: HALTING, words: 'google-ranking-naive.yaml: any of its three, 5 % a look' },
  { policy: 'google-ranking-naive', guards: ['success'], words: 'its success guard alone, 5 % a look' },
  { policy: 'both-ways', guards: ['both-ways'], words: 'the same test both ways, 5 % a look' },
];

const binomial = (of: number, p: number, stream: Stream): number =>
  Math.round(of * p + Math.sqrt(of * p * (1 - p)) * normalDraw(stream));

/** Counts by normal approximation, which is what their numbers allow: thousands of each in every window. */
function queries(n: number, success: number, time: number): ArmCounts {
  const moments = lognormalMoments(MEDIAN_S * (1 + time), SIGMA);
  const more = (stream: Stream): Partial<ArmWindow> => {
    const outcomes = binomial(n, SUCCESSES * (1 + success), stream);
    // Of those who did not succeed some clicked none the less.
    const clicks = outcomes + binomial(n - outcomes, (CLICKS - SUCCESSES) / (1 - SUCCESSES), stream);
    const clicked: Moments = { count: n, sum: clicks, squares: clicks };
    const times = manyMoments(outcomes, moments, stream);
    return { impressions: n, outcomes, measures: { 'click-through': clicked, 'time-to-success-ms': times } };
  };
  return { requests: n, more };
}

/** The halting guards of both policies, named after policy and guard, and the naive one both ways. */
function guards(): Guard[] {
  const named = ['google-ranking', 'google-ranking-naive'].flatMap((policy) =>
    loadPolicy(join(packageRoot, 'policies', `${policy}.yaml`))
      .guards.filter(({ name }) => (HALTING as readonly string[]).includes(name))
      .map((guard): Guard => ({ ...guard, name: `${policy}/${guard.name}` })),
  );
  const naive = named.find(({ name }) => name === 'google-ranking-naive/success')!;
  const both: Guard = {
    ...naive,
    name: 'both-ways/both-ways',
    bound: { kind: 'relative', to: 'baseline', direction: 'either', by: 0 },
  };
  return [...named, both].map((guard) => ({ ...guard, action: 'alert', requiredToAdvance: false, stages: null }));
}

/** Per truth, then per rule. */
export function measuredHalting(
  rollouts: number,
  progress: (title: string) => void = () => undefined,
  truths: readonly HaltingTruth[] = HALTING_TRUTHS,
): readonly (readonly Cell[])[] {
  const policy = watching(guards(), WEIGHT_PERCENT, HALTING_LOOKS);
  const own = Math.round((PER_MINUTE * WEIGHT_PERCENT) / 100);
  return truths.map(({ name, success, time }) => {
    progress(`halting: ${name}`);
    const world = { candidate: queries(own, success, time), baseline: queries(PER_MINUTE - own, 0, 0) };
    const rolled = breachesOf(policy, () => world, rollouts, HALTING_LOOKS, `readings/halting/${name}`);
    return HALTING_RULES.map((rule) => cellOf(firstsOf(rolled, rule), rollouts));
  });
}

const firstsOf = (rolled: readonly Breaches[], rule: (typeof HALTING_RULES)[number]): number[] =>
  rolled
    .map((breaches) => Math.min(...rule.guards.map((guard) => breaches.get(`${rule.policy}/${guard}`) ?? Infinity)))
    .filter(Number.isFinite);
