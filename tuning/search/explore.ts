/**
 * Which policies of a space are judged: all of a grid, or, where that is too many, drawn ones and then neighbours of the best, again
 * and again: Pareto local search (Paquete, Chiarandini, Stützle 2004); or generations of them (evolve.ts). The judge takes microseconds, so trying
 * costs next to nothing.
 */
import { policyHash } from '../../controller/policy-hash.ts';
import type { Policy } from '../../controller/policy.ts';
import type { Stream } from '../../sim/random.ts';
import { evolve, type Judging } from './evolve.ts';
import { paretoFront } from './front.ts';
import { basePoint, drawPoint, gridOf, neighbours } from './points.ts';
import type { Objectives } from './search-result.ts';
import { policyAt, type Point, type Space } from './space.ts';

export interface Tried {
  readonly point: Point;
  readonly policy: Policy;
  readonly hash: string;
  readonly objectives: Objectives;
}

export interface Explored {
  /** The base first, then in the order they were tried; no two decide alike. */
  readonly tried: readonly Tried[];
  /** Points whose values do not go together. */
  readonly refused: number;
}

/** Draws this share of the budget before it looks at neighbours. */
const DRAWN = 0.3;
/** Judged at a time: guards that policies share are asked once. */
const BATCH = 250;

export class Explorer implements Judging {
  private readonly space: Space;
  private readonly judgeAll: (policies: readonly Policy[]) => readonly Objectives[];
  private readonly tried: Tried[] = [];
  /** By point, place in `tried` of the policy there; null where it is refused. */
  private readonly points = new Map<string, number | null>();
  /** By hash, the same: points may say the same thing in two ways. */
  private readonly hashes = new Map<string, number>();
  private refused = 0;

  constructor(space: Space, judge: (policies: readonly Policy[]) => readonly Objectives[]) {
    this.space = space;
    this.judgeAll = judge;
  }

  /** `random` is read where not everything can be tried. */
  async explore(random: Stream): Promise<Explored> {
    this.try([basePoint(this.space)]);
    if (this.space.method === 'grid') this.try(gridOf(this.space.settings));
    else if (this.space.method === 'refinement') this.refine(random);
    else await evolve(this.space, this, random);
    return { tried: this.tried, refused: this.refused };
  }

  /** How many policies are judged, each once, the base among them. */
  get count(): number {
    return this.tried.length;
  }

  /** Whether the budget is used up. */
  get isDone(): boolean {
    return this.tried.length > this.space.budget;
  }

  /** What is tried already is not judged again. Null for a point that is refused, or that the budget does not reach. */
  judge(points: readonly Point[]): readonly (Objectives | null)[] {
    this.try(points);
    return points.map((point) => {
      const place = this.points.get(point.join()) ?? null;
      return place === null ? null : this.tried[place]!.objectives;
    });
  }

  private refine(random: Stream): void {
    const drawn = Math.ceil(this.space.budget * DRAWN);
    this.try(Array.from({ length: drawn }, () => drawPoint(this.space, random)));
    const looked = new Set<string>();
    while (!this.isDone) {
      const front = paretoFront(this.tried.map(({ objectives }) => objectives)).map((i) => this.tried[i]!);
      const next = front.filter(({ hash }) => !looked.has(hash));
      if (next.length === 0) return;
      for (const { hash, point } of next) {
        looked.add(hash);
        this.try(neighbours(this.space, point));
      }
    }
  }

  private try(points: Iterable<Point>): void {
    let batch: Omit<Tried, 'objectives'>[] = [];
    const flush = (): void => {
      const objectives = batch.length === 0 ? [] : this.judgeAll(batch.map(({ policy }) => policy));
      this.tried.push(...batch.map((each, i) => ({ ...each, objectives: objectives[i]! })));
      batch = [];
    };
    for (const point of points) {
      if (this.tried.length + batch.length > this.space.budget) break;
      if (this.points.has(point.join())) continue;
      const policy = policyAt(this.space, point);
      if (policy === null) {
        this.points.set(point.join(), null);
        this.refused++;
        continue;
      }
      const hash = policyHash(policy);
      const known = this.hashes.get(hash);
      const place = known ?? this.tried.length + batch.length;
      this.points.set(point.join(), place);
      if (known !== undefined) continue;
      this.hashes.set(hash, place);
      batch.push({ point, policy, hash });
      if (batch.length === BATCH) flush();
    }
    flush();
  }
}
