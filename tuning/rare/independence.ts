/**
 * Whether blocks over a bound come together more than independent ones would, as far as recordings tell. At each place of the schedule,
 * independence says that which of the recordings are over is chance: shuffling them place by place, each place keeping its number, gives what chance does (a permutation
 * test; Good, Permutation Tests, 2000). Two things are compared: neighbours that are over in the same recording, which clumps add, and how unequally
 * recordings are over, which a cause that lasts for a rollout makes. Where too few are over, nothing can be told.
 */
import { Stream } from '../../sim/random.ts';

/** One stretch: by recording, by block, whether it is over. */
export type Blocks = readonly (readonly boolean[])[];

/** Independence is given up at this p; half of it for either question. */
export const DOUBT = 0.05;
const SHUFFLES = 999;

export interface Together {
  /** One-sided p of as many neighbours over. */
  readonly neighbours: number;
  /** One-sided p of recordings as unequal: of Σ (blocks over in a recording)². */
  readonly unequal: number;
}

/** Null where every place has none or all of its recordings over: whatever is shuffled, nothing changes. */
export function together(stretches: readonly Blocks[]): Together | null {
  const recordings = stretches[0]?.length ?? 0;
  const places = stretches.flatMap((stretch) => {
    const length = Math.min(...stretch.map((each) => each.length));
    return Array.from({ length }, (_, b) => ({ begins: b === 0, over: stretch.map((each) => each[b]!) }));
  });
  if (!places.some(({ over }) => over.some(Boolean) && !over.every(Boolean))) return null;
  const random = new Stream('independence');
  const seen = statisticsOf(places, recordings);
  let neighbours = 1;
  let unequal = 1;
  for (let i = 0; i < SHUFFLES; i++) {
    const chance = statisticsOf(
      places.map(({ begins, over }) => ({ begins, over: shuffled(over, random) })),
      recordings,
    );
    if (chance.neighbours >= seen.neighbours) neighbours++;
    if (chance.squares >= seen.squares) unequal++;
  }
  return { neighbours: neighbours / (SHUFFLES + 1), unequal: unequal / (SHUFFLES + 1) };
}

/** False where blocks over come together; true where they do not, or nobody could tell. */
export function mayBeIndependent(stretches: readonly Blocks[]): boolean {
  const found = together(stretches);
  return found === null || Math.min(found.neighbours, found.unequal) > DOUBT / 2;
}

interface Place {
  /** The first of its stretch. */
  readonly begins: boolean;
  /** By recording. */
  readonly over: readonly boolean[];
}

function statisticsOf(places: readonly Place[], recordings: number): { neighbours: number; squares: number } {
  let neighbours = 0;
  let squares = 0;
  for (let r = 0; r < recordings; r++) {
    let over = 0;
    for (const [i, place] of places.entries()) {
      if (!place.over[r]!) continue;
      over++;
      if (!place.begins && places[i - 1]!.over[r]!) neighbours++;
    }
    squares += over * over;
  }
  return { neighbours, squares };
}

/** Fisher and Yates; nothing is drawn where nothing can change. */
function shuffled(over: readonly boolean[], random: Stream): readonly boolean[] {
  if (over.every((each) => each === over[0])) return over;
  const mixed = [...over];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}
