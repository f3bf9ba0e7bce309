/** Judges every policy of a space, hundreds of thousands, so that it is known what the best search could have found. */
import { canonicalJson } from '../../config/hash.ts';
import type { Policy } from '../../controller/policy.ts';
import { policyOn } from '../../policy-for.ts';
import { FastJudge } from '../../tuning/fast/judge.ts';
import type { Plan } from '../../tuning/plan.ts';
import { scheduleOf } from '../../tuning/schedule.ts';
import { OBJECTIVES } from '../../tuning/search/front.ts';
import { objectivesOf } from '../../tuning/search/objectives.ts';
import { basePoint, groupsOf } from '../../tuning/search/points.ts';
import type { PolicyBench } from '../../tuning/search/policy-bench.ts';
import type { Objectives } from '../../tuning/search/search-result.ts';
import { type Point, policyAt, type Space } from '../../tuning/search/space.ts';

/** What a row of the table holds: what fronts are made of, and the time to promote, which breaks ties (NaN: none was promoted). */
export const COLUMNS: readonly (keyof Objectives)[] = [...OBJECTIVES, 'timeToPromoteMs'];

/** Judged at a time. */
const BATCH = 4000;

/** Place of a point in the grid, the last setting counting fastest. */
export const placeOf = ({ settings }: Space, point: Point): number =>
  point.reduce((place, value, s) => place * settings[s]!.values.length + value, 0);

export function pointAt({ settings }: Space, place: number): Point {
  const point = settings.map(() => 0);
  let rest = place;
  for (let s = settings.length - 1; s >= 0; s--) {
    const { length } = settings[s]!.values;
    point[s] = rest % length;
    rest = Math.floor(rest / length);
  }
  return point;
}

/**
 * [policies × columns], in the order of places, on the seeds of search. Every guard's settings are read once and put together, which is the policy at that
 * point as long as settings are about guards of the base alone and go together. Throws RangeError when they are not, or scenarios have time scales
 * of their own.
 */
export function wholeSpace(space: Space, bench: PolicyBench, plan: Plan): Float64Array {
  const groups = groupsOf(space.settings);
  const base = policyAt(space, basePoint(space))!;
  const variants = groups.map((group) => variantsOf(space, group));
  const size = space.settings.reduce((product, { values }) => product * values.length, 1);
  const found = new Float64Array(size * COLUMNS.length);
  for (let from = 0; from < size; from += BATCH) {
    const policies = Array.from({ length: Math.min(BATCH, size - from) }, (_, i) => {
      const point = pointAt(space, from + i);
      const guards = new Map(base.guards.map((guard) => [guard.name, guard]));
      for (const [g, group] of groups.entries()) {
        const guard = variants[g]!.get(group.map((s) => point[s]).join())!;
        guards.set(guard.name, guard);
      }
      return { ...base, guards: [...guards.values()] };
    });
    const judging = new FastJudge(policies);
    const trials = plan.scenarios.map(({ scenario }, s) => {
      if (canonicalJson(policyOn(base, scenario)) !== canonicalJson(base))
        throw new RangeError(`got ${scenario.name} on a time scale of its own, expected scenarios of full size`);
      const ended = bench.setOf('search', s, base).judgedBy(judging, policies);
      return { scenario, ended, endMs: scheduleOf(base).endMs };
    });
    for (const p of policies.keys()) {
      const objectives = objectivesOf(trials.map((each) => ({ ...each, ended: each.ended[p]! })));
      for (const [c, name] of COLUMNS.entries())
        found[(from + p) * COLUMNS.length + c] = objectives[name] ?? (name === 'timeToPromoteMs' ? Number.NaN : 0);
    }
  }
  return found;
}

/** A guard by the values of its own settings. */
function variantsOf(space: Space, group: readonly number[]): ReadonlyMap<string, Policy['guards'][number]> {
  const base = basePoint(space);
  const name = /^guards\.([^.]+)\./.exec(space.settings[group[0]!]!.path)?.[1];
  const found = new Map<string, Policy['guards'][number]>();
  const choose = (chosen: readonly number[]): void => {
    const s = group[chosen.length];
    if (s !== undefined) return space.settings[s]!.values.forEach((_, value) => choose([...chosen, value]));
    const policy = policyAt(
      space,
      chosen.reduce<Point>((point, value, i) => point.with(group[i]!, value), base),
    );
    const guard = policy?.guards.find((each) => each.name === name);
    if (guard === undefined)
      throw new RangeError(`got ${space.settings[group[0]!]!.path}, expected settings of guards`);
    found.set(chosen.join(), guard);
  };
  choose([]);
  return found;
}

/** The table, asked by policy. */
export class LookUp {
  private readonly space: Space;
  private readonly table: Float64Array;
  private readonly groups: readonly (readonly number[])[];
  /** By group: the values of its settings that make a guard. */
  private readonly values: readonly ReadonlyMap<string, readonly number[]>[];

  constructor(space: Space, table: Float64Array) {
    this.space = space;
    this.table = table;
    this.groups = groupsOf(space.settings);
    this.values = this.groups.map(
      (group) =>
        new Map(
          [...variantsOf(space, group)].map(([values, guard]) => [canonicalJson(guard), values.split(',').map(Number)]),
        ),
    );
  }

  /** Throws RangeError for a policy with a guard that no listed values make. */
  placeOf(policy: Policy): number {
    return placeOf(this.space, this.pointOf(policy));
  }

  private pointOf(policy: Policy): Point {
    const guards = new Set(policy.guards.map((guard) => canonicalJson(guard)));
    return this.groups.reduce<Point>((point, group, g) => {
      const made = [...this.values[g]!].find(([guard]) => guards.has(guard))?.[1];
      if (made === undefined) throw new RangeError(`got a policy off the grid, expected values that the space lists`);
      return group.reduce<Point>((now, s, i) => now.with(s, made[i]!), point);
    }, basePoint(this.space));
  }

  at(place: number): Objectives {
    const row = this.table.subarray(place * COLUMNS.length, (place + 1) * COLUMNS.length);
    const found = Object.fromEntries(COLUMNS.map((name, c) => [name, Number.isNaN(row[c]!) ? null : row[c]!]));
    return found as unknown as Objectives;
  }
}
