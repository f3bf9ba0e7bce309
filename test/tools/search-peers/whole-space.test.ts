import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../config/package-root.ts';
import { Stream } from '../../../sim/random.ts';
import { basePoint, drawPoint, gridOf } from '../../../tuning/search/points.ts';
import { loadSpace, policyAt } from '../../../tuning/search/space.ts';
import { COLUMNS, LookUp, placeOf, pointAt } from '../../../tools/search-peers/whole-space.ts';

const space = loadSpace(join(packageRoot, 'policies', 'spaces', 'seed.yaml'));

test('places are those of the grid, and points those of places', () => {
  const small = { ...space, settings: space.settings.slice(0, 3) };
  expect([...gridOf(small.settings)].map((point) => placeOf(small, point))).toEqual(
    Array.from({ length: 7 * 4 * 2 }, (_, place) => place),
  );
  for (const place of [0, 1, 8, 55]) expect(placeOf(small, pointAt(small, place))).toBe(place);
});

test('a policy is found by what its guards say, the base by what its own say', () => {
  const rows = 3 * COLUMNS.length;
  const lookUp = new LookUp(
    space,
    Float64Array.from({ length: rows }, (_, i) => (i === rows - 1 ? Number.NaN : i)),
  );
  const random = new Stream('places');
  for (let i = 0; i < 20; i++) {
    const point = drawPoint(space, random);
    expect(lookUp.placeOf(policyAt(space, point)!)).toBe(placeOf(space, point));
  }
  const base = basePoint(space);
  const place = lookUp.placeOf(policyAt(space, base)!);
  expect(policyAt(space, pointAt(space, place))!.guards).toEqual(policyAt(space, base)!.guards);
  expect(lookUp.at(2)).toMatchObject({ falseRollback: 12, harm: 16, timeToPromoteMs: null });
});
