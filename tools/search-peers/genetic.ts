/**
 * NSGA-II (Deb and others 2002) on the loop of the npm package genetic-search, which is made of strategies: all that draws is handed in, so that a
 * stream decides it.
 */
import { createRequire } from 'node:module';
import type { Stream } from '../../sim/random.ts';
import { dominates } from '../../tuning/search/front.ts';
import { basePoint, drawPoint } from '../../tuning/search/points.ts';
import type { Objectives } from '../../tuning/search/search-result.ts';
import { OBJECTIVES } from '../../tuning/search/front.ts';
import type { Point, Space } from '../../tuning/search/space.ts';

interface Genome {
  readonly id: number;
  readonly point: Point;
}
interface Evaluated {
  readonly genome: Genome;
  readonly fitness: number;
}
/** As much of the package as is used. */
interface Library {
  readonly GeneticSearch: new (config: object, strategies: object) => { fitStep(): Promise<unknown> };
  readonly DescendingSortingStrategy: new () => object;
  readonly DummyPhenomeCache: new () => object;
}

const POPULATION = 100;

/** Places of new points in the order in which they were asked for. `judge` looks a point up. */
export async function geneticSearch(
  folder: string,
  space: Space,
  judge: (point: Point) => { readonly place: number; readonly objectives: Objectives },
  budget: number,
  random: Stream,
): Promise<readonly number[]> {
  const library = createRequire(`${folder}/`)('genetic-search') as Library;
  const asked = new Set<number>();
  let generation: readonly Objectives[] = [];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)]!;
  const tournament = (input: readonly Evaluated[]): Genome => {
    const [a, b] = [pick(input), pick(input)];
    return (a.fitness >= b.fitness ? a : b).genome;
  };
  const strategies = {
    populate: {
      populate: (size: number, ids: { nextId(): number }): Genome[] =>
        Array.from({ length: size }, (_, i) => ({
          id: ids.nextId(),
          point: i === 0 ? basePoint(space) : drawPoint(space, random),
        })),
    },
    phenome: {
      collect: (population: readonly Genome[]): Promise<readonly (readonly number[])[]> => {
        generation = population.map(({ point }) => {
          const { place, objectives } = judge(point);
          asked.add(place);
          return objectives;
        });
        return Promise.resolve(generation.map((each) => OBJECTIVES.map((name) => each[name] ?? 0)));
      },
    },
    fitness: { score: (): readonly number[] => rankedFitness(generation) },
    sorting: new library.DescendingSortingStrategy(),
    selection: {
      selectForCrossover: (input: readonly Evaluated[], count: number): Genome[][] =>
        Array.from({ length: count }, () => [tournament(input), tournament(input)]),
      selectForMutation: (input: readonly Evaluated[], count: number): Genome[] =>
        Array.from({ length: count }, () => tournament(input)),
    },
    crossover: {
      cross: ([a, b]: readonly Genome[], id: number): Genome => ({
        id,
        point: mutated(
          a!.point.map((value, s) => (random.next() < 0.5 ? value : b!.point[s]!)),
          space,
          random,
        ),
      }),
    },
    mutation: { mutate: ({ point }: Genome, id: number): Genome => ({ id, point: mutated(point, space, random) }) },
    cache: new library.DummyPhenomeCache(),
  };
  const config = { populationSize: POPULATION, survivalRate: 0.5, crossoverRate: 0.9 };
  const search = new library.GeneticSearch(config, strategies);
  for (let step = 0; step < 400 && asked.size < budget; step++) await search.fitStep();
  return [...asked].slice(0, budget);
}

/** Each setting anew with one chance in as many as there are. */
const mutated = (point: Point, space: Space, random: Stream): Point =>
  point.map((value, s) =>
    random.next() < 1 / point.length ? Math.floor(random.next() * space.settings[s]!.values.length) : value,
  );

/** Higher is better: by front, then by how far apart from others on it (crowding). Equal ones after the first rank last. */
export function rankedFitness(all: readonly Objectives[]): readonly number[] {
  const seen = new Set<string>();
  const isTwin = all.map((each) => {
    const key = OBJECTIVES.map((name) => each[name]).join();
    return seen.size === seen.add(key).size;
  });
  const fitness = all.map(() => -Infinity);
  let left = all.map((_, i) => i).filter((i) => !isTwin[i]);
  for (let rank = 0; left.length > 0; rank++) {
    const front = left.filter((i) => !left.some((j) => dominates(all[j]!, all[i]!)));
    const apart = crowding(front.map((i) => all[i]!));
    for (const [k, i] of front.entries()) fitness[i] = -rank + apart[k]! / (1 + apart[k]!) / 2;
    left = left.filter((i) => !front.includes(i));
  }
  return fitness.map((value) => (value === -Infinity ? -all.length : value));
}

function crowding(front: readonly Objectives[]): readonly number[] {
  const apart = front.map(() => 0);
  for (const name of OBJECTIVES) {
    const order = front.map((_, i) => i).toSorted((i, j) => (front[i]![name] ?? 0) - (front[j]![name] ?? 0));
    const value = (k: number): number => front[order[k]!]![name] ?? 0;
    const range = value(order.length - 1) - value(0);
    if (range === 0) continue;
    for (const [k, i] of order.entries())
      apart[i]! += k === 0 || k === order.length - 1 ? 1e6 : (value(k + 1) - value(k - 1)) / range;
  }
  return apart;
}
