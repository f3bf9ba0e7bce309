/** Points of a policy space: all of them, drawn ones, neighbours, and those that together show everything a judge may be asked. */
import type { Stream } from '../../sim/random.ts';
import type { Point, Setting, Space } from './space.ts';

/** Every setting as the base says. */
export const basePoint = ({ settings }: Space): Point => settings.map(() => -1);

/** All points, the last setting changing fastest. */
export function* gridOf(settings: readonly Setting[]): Generator<Point> {
  const [first, ...others] = settings;
  if (first === undefined) return yield [];
  for (let i = 0; i < first.values.length; i++) for (const rest of gridOf(others)) yield [i, ...rest];
}

/** One point, every value as likely as another. */
export const drawPoint = ({ settings }: Space, random: Stream): Point =>
  settings.map(({ values }) => Math.floor(random.next() * values.length));

/** Points that differ in one setting: by one step in a list of many values, by any value in a short one, and the base's. */
export function neighbours({ settings }: Space, point: Point): readonly Point[] {
  return settings.flatMap(({ values }, s) => {
    const at = point[s]!;
    const others = values
      .map((_, i) => i)
      .filter((i) => i !== at && (values.length <= SHORT || at < 0 || Math.abs(i - at) === 1));
    return [...(at < 0 ? [] : [-1]), ...others].map((i) => point.with(s, i));
  });
}

/** Lists up to this long are tried out whole: their order may mean nothing. */
const SHORT = 4;

/** Where a guard's name ends and its fields begin. */
const GUARD =
  /^guards\.(?:.+?)(?=\.(?:metric|breachWhen|sustained|test|delay|action|stages|segment|requiredToAdvance|minSamples|minPositives|carryOver)\b)|^guards\..+$/;

const owner = ({ path }: Setting): string => GUARD.exec(path)?.[0] ?? 'policy';

/** Settings by the guard they belong to: what a guard sees follows from its own settings, and from those of none. */
export function groupsOf(settings: readonly Setting[]): readonly (readonly number[])[] {
  return [
    ...Map.groupBy(
      settings.map((_, i) => i),
      (i) => owner(settings[i]!),
    ).values(),
  ];
}

/** Whether a setting changes how the traffic is led, so that it needs recordings of its own. */
export const leads = ({ path }: Setting): boolean => /^(stages\b|evaluateEvery$|requireCompatibleSchemas$)/.test(path);

/**
 * Points at which every guard has every combination of its own settings, on top of `start`: whatever a policy of the space reads,
 * one of them reads. Null when they are more than `most`.
 */
export function coverage(space: Space, start: Point, most: number): readonly Point[] | null {
  const found: Point[] = [start];
  for (const group of groupsOf(space.settings)) {
    const own = group.filter((s) => !leads(space.settings[s]!));
    const count = own.reduce((product, s) => product * (space.settings[s]!.values.length + 1), 1);
    if (found.length + count > most) return null;
    for (const values of gridOf(
      own.map((s) => ({ ...space.settings[s]!, values: [null, ...space.settings[s]!.values] })),
    ))
      found.push(own.reduce<Point>((point, s, i) => point.with(s, values[i]! - 1), start));
  }
  return found;
}

/** Points that lead the traffic in every way there is in the space, all else as the base says. */
export function schedules(space: Space): readonly Point[] {
  const own = space.settings.map((_, s) => s).filter((s) => leads(space.settings[s]!));
  const points = [...gridOf(own.map((s) => ({ ...space.settings[s]!, values: [null, ...space.settings[s]!.values] })))];
  return points.map((values) => own.reduce<Point>((point, s, i) => point.with(s, values[i]! - 1), basePoint(space)));
}
