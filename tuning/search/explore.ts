/**
 * Which policies of a space are judged: all of a grid, or, where that is too many, drawn ones and then neighbours of the best, again
 * and again: Pareto local search (Paquete, Chiarandini, Stützle 2004). The judge takes microseconds, so trying costs next to nothing.
 */
import { policyHash } from '../../controller/policy-hash.ts';
import type { Policy } from '../../controller/policy.ts';
import type { Stream } from '../../sim/random.ts';
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

export class Explorer {
  private readonly space: Space;
  private readonly judge: (policies: readonly Policy[]) => readonly Objectives[];
  private readonly tried: Tried[] = [];
  private readonly points = new Set<string>();
  private readonly hashes = new Set<string>();
  private refused = 0;

  constructor(space: Space, judge: (policies: readonly Policy[]) => readonly Objectives[]) {
    this.space = space;
    this.judge = judge;
  }

  /** `random` is read where not everything can be tried. */
  explore(random: Stream): Explored {
    this.try([basePoint(this.space)]);
    if (this.space.method === 'grid') this.try(gridOf(this.space.settings));
    else this.refine(random);
    return { tried: this.tried, refused: this.refused };
  }

  private get isDone(): boolean {
    return this.tried.length > this.space.budget;
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
      const objectives = batch.length === 0 ? [] : this.judge(batch.map(({ policy }) => policy));
      this.tried.push(...batch.map((each, i) => ({ ...each, objectives: objectives[i]! })));
      batch = [];
    };
    for (const point of points) {
      if (this.tried.length + batch.length > this.space.budget) break;
      if (this.points.has(point.join())) continue;
      this.points.add(point.join());
      const policy = policyAt(this.space, point);
      if (policy === null) {
        this.refused++;
        continue;
      }
      const hash = policyHash(policy);
      if (this.hashes.has(hash)) continue;
      this.hashes.add(hash);
      batch.push({ point, policy, hash });
      if (batch.length === BATCH) flush();
    }
    flush();
  }
}
