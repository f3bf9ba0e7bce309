/** Which seeds a search may look at, which choose among its finalists, and which are published. */
import { hashOf } from '../../config/hash.ts';

export interface SeedParts {
  readonly search: readonly number[];
  readonly choice: readonly number[];
  readonly heldOut: readonly number[];
}

/** Fewer seeds cannot be parted. */
export const LEAST_SEEDS = 4;

/**
 * Half of the seeds, a quarter and a quarter, in the order of their hashes, so that no part has the early ones. Each part ascends.
 * Throws RangeError below LEAST_SEEDS.
 */
export function seedParts(seeds: readonly number[]): SeedParts {
  const { length } = seeds;
  if (length < LEAST_SEEDS) throw new RangeError(`got ${length} seeds, expected at least ${LEAST_SEEDS}`);
  const hashed = seeds.map((seed) => ({ seed, hash: hashOf(['seed part', seed]) }));
  const shuffled = hashed.toSorted((a, b) => (a.hash < b.hash ? -1 : 1)).map(({ seed }) => seed);
  const quarter = Math.floor(length / 4);
  const ascending = (from: number, to: number): readonly number[] => shuffled.slice(from, to).toSorted((a, b) => a - b);
  const first = length - 2 * quarter;
  return {
    search: ascending(0, first),
    choice: ascending(first, first + quarter),
    heldOut: ascending(first + quarter, length),
  };
}
