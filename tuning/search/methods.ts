/** In which ways a policy space is searched. */

/** By name, what each does, for people. */
export const METHODS = {
  grid: 'every policy, one after another',
  refinement: 'draws, then neighbours of the best',
  evolution: 'generations that are crossed and mutated, the better half of each kept (NSGA-II)',
} as const;

export type Method = keyof typeof METHODS;

/** What a space is searched by that does not say: a grid as long as it is within the budget, and refinement beyond. */
export const methodFor = (size: number, budget: number): Method => (size <= budget ? 'grid' : 'refinement');
