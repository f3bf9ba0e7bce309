/**
 * Evolution of policies: NSGA-II (Deb, Pratap, Agarwal, Meyarivan 2002) on the loop of generations of the package genetic-search, which is made of strategies. Its own
 * selection and mutation draw unseeded numbers, so all that draws is handed in here and reads one stream.
 */
import {
  DescendingSortingStrategy,
  DummyPhenomeCache,
  GeneticSearch,
  type GeneticSearchStrategyConfig,
} from 'genetic-search';
import type { Stream } from '../../sim/random.ts';
import { fitnessOf } from './fitness.ts';
import { basePoint, drawPoint } from './points.ts';
import type { Objectives } from './search-result.ts';
import type { Point, Space } from './space.ts';

/** Who does the judging, and knows when it is enough. */
export interface Judging {
  /** Policies judged so far, each once. */
  readonly count: number;
  /** The budget is used up. */
  readonly isDone: boolean;
  /** Judges what is not judged yet. Null for a point that is refused, or that the budget did not reach. */
  judge(points: readonly Point[]): readonly (Objectives | null)[];
}

interface Genome {
  readonly id: number;
  readonly point: Point;
}

const POPULATION = 100;
/** The better half stays; of the other half's places nine in ten are for children of two, the rest for those of one. */
const CONFIG = { populationSize: POPULATION, survivalRate: 0.5, crossoverRate: 0.9 };
/** Generations in a row, fifty children each, that bring nothing new: the space is as good as used up. */
const MOST_IDLE = 20;

/** Ends when the budget does, or when generations bring nothing new. The base policy is one of the first generation. */
export async function evolve(space: Space, judging: Judging, random: Stream): Promise<void> {
  const search = new GeneticSearch<Genome>(CONFIG, strategiesOf(space, judging, random));
  for (let idle = 0; !judging.isDone && idle < MOST_IDLE; ) {
    const before = judging.count;
    await search.fitStep();
    idle = judging.count === before ? idle + 1 : 0;
  }
}

function strategiesOf(space: Space, judging: Judging, random: Stream): GeneticSearchStrategyConfig<Genome> {
  let judged: readonly (Objectives | null)[] = [];
  return {
    populate: {
      populate: (size, ids) =>
        Array.from({ length: size }, (_, i) => ({
          id: ids.nextId(),
          point: i === 0 ? basePoint(space) : drawPoint(space, random),
        })),
    },
    // The package hands phenomes to `score` and keeps them as statistics; objectives with nulls in them stay here.
    phenome: {
      collect: (population) => {
        judged = judging.judge(population.map(({ point }) => point));
        return Promise.resolve(population.map(() => []));
      },
    },
    fitness: { score: () => [...fitnessOf(judged)] },
    sorting: new DescendingSortingStrategy<Genome>(),
    selection: {
      selectForCrossover: (input, count) =>
        Array.from({ length: count }, () => [tournament(input, random), tournament(input, random)]),
      selectForMutation: (input, count) => Array.from({ length: count }, () => tournament(input, random)),
    },
    crossover: { cross: ([a, b], id) => ({ id, point: mutated(crossed(a!.point, b!.point, random), space, random) }) },
    mutation: { mutate: ({ point }, id) => ({ id, point: mutated(point, space, random) }) },
    cache: new DummyPhenomeCache(),
  };
}

/** The fitter of two that are drawn. */
function tournament(input: readonly { readonly genome: Genome; readonly fitness: number }[], random: Stream): Genome {
  const drawn = (): (typeof input)[number] => input[Math.floor(random.next() * input.length)]!;
  const [a, b] = [drawn(), drawn()];
  return (a.fitness >= b.fitness ? a : b).genome;
}

/** Each setting from one parent or the other: lists need no order, so nothing in between is made. */
const crossed = (a: Point, b: Point, random: Stream): Point =>
  a.map((value, s) => (random.next() < 0.5 ? value : b[s]!));

/** Each setting drawn anew with one chance in as many as there are. */
const mutated = (point: Point, { settings }: Space, random: Stream): Point =>
  point.map((value, s) =>
    random.next() < 1 / point.length ? Math.floor(random.next() * settings[s]!.values.length) : value,
  );
