/** Evolution of policies: what it finds of what there is, from its stream alone, within its budget. */
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { packageRoot } from '../../../config/package-root.ts';
import type { Policy } from '../../../controller/policy.ts';
import { Stream } from '../../../sim/random.ts';
import { Explorer, type Explored } from '../../../tuning/search/explore.ts';
import { paretoFront } from '../../../tuning/search/front.ts';
import type { Objectives } from '../../../tuning/search/search-result.ts';
import { loadSpace, policyAt, type Space } from '../../../tuning/search/space.ts';

const load = (settings: string): Space =>
  loadSpace(
    join(packageRoot, 'policies', 's.yaml'),
    `name: s\nbase: seed.yaml\nmethod: evolution\nsettings:\n${settings}`,
  );

const minutesOf = ({ guards }: Policy, name: string): number =>
  (guards.find((guard) => guard.name === name)!.sustained?.forMs ?? 0) / 60_000;

/** Three settings of ten values, what the base says (15m) among them, so that a grid has all there is; the third does nothing but harm. */
const wide = load(`  guards.errors.sustained.for: { from: 6m, to: 15m, step: 1m }
  guards.p95-sustained.sustained.for: { from: 11m, to: 20m, step: 1m }
  guards.median-shift-shadow.sustained.for: { from: 6m, to: 15m, step: 1m }
`);

/** Long stretches are sure and short ones are quick, along two settings together: a trade-off of nineteen policies. */
function worth(policy: Policy): Objectives {
  const [errors, p95, median] = ['errors', 'p95-sustained', 'median-shift-shadow'].map((name) =>
    minutesOf(policy, name),
  );
  return {
    falseRollback: 1 / (errors! + p95!),
    undecidedHealthy: 0,
    notCaught: Math.max(0, Math.abs(errors! - (p95! - 5)) - 1) / 10,
    detectionDelayMs: errors! + p95!,
    harm: median!,
    timeToPromoteMs: 1,
  };
}

async function explored(space: Space, stream = 'test', judged: number[] = []): Promise<Explored> {
  const judge = (policies: readonly Policy[]): readonly Objectives[] => {
    judged.push(policies.length);
    return policies.map(worth);
  };
  return new Explorer(space, judge).explore(new Stream(stream));
}

const frontOf = ({ tried }: Explored): ReadonlySet<string> => {
  const all = tried.map(({ objectives }) => objectives);
  return new Set(paretoFront(all).map((i) => JSON.stringify(all[i])));
};

const hashesOf = ({ tried }: Explored): readonly string[] => tried.map(({ hash }) => hash);

test('evolution finds the whole front of a thousand policies, which a grid knows, with 600 of them', async () => {
  const whole = frontOf(await explored({ ...wide, method: 'grid', budget: 1000 }));
  expect(whole.size).toBe(19);
  for (const stream of ['one', 'two', 'three'])
    expect(frontOf(await explored({ ...wide, budget: 600 }, stream)), stream).toEqual(whole);
});

test('the same stream gives the same policies in the same order, and another stream others', async () => {
  const space = { ...wide, budget: 300 };
  const [one, same, other] = [await explored(space, 'a'), await explored(space, 'a'), await explored(space, 'b')];
  expect(hashesOf(one)).toEqual(hashesOf(same));
  expect(hashesOf(one)).not.toEqual(hashesOf(other));
});

test('nothing is drawn but from the stream, whatever the package would draw by itself', async () => {
  const unseeded = vi.spyOn(Math, 'random');
  await explored({ ...wide, budget: 300 });
  expect(unseeded).not.toHaveBeenCalled();
  unseeded.mockRestore();
});

test('the base is judged first, and beside it as many policies as the budget says, each once, however small that is', async () => {
  for (const budget of [1, 30, 100, 257]) {
    const judged: number[] = [];
    const found = await explored({ ...wide, budget }, 'test', judged);
    expect(found.tried[0]!.point).toEqual([-1, -1, -1]);
    expect(new Set(hashesOf(found)).size).toBe(budget + 1);
    expect(judged.reduce((sum, n) => sum + n, 0)).toBe(budget + 1);
  }
});

test('a smaller budget judges the first policies of a larger one', async () => {
  const [small, large] = [await explored({ ...wide, budget: 120 }), await explored({ ...wide, budget: 300 })];
  expect(hashesOf(large).slice(0, 121)).toEqual(hashesOf(small));
});

test('evolution ends by itself when a space holds fewer policies than its budget', async () => {
  const small = load('  guards.errors.sustained.for: [14m, 15m]\n  guards.p95-sustained.sustained.for: [15m, 16m]\n');
  // Four, of which one is the base.
  expect((await explored({ ...small, budget: 2000 })).tried).toHaveLength(4);
});

test('points whose values do not go together are counted, not judged, and do not keep the front from being found', async () => {
  const space = load(`  evaluateEvery: [60s, 5m]
  guards.errors.sustained.for: { from: 6m, to: 15m, step: 1m }
  guards.p95-sustained.sustained.for: { from: 11m, to: 20m, step: 1m }
`);
  // A stretch has to be a whole number of windows.
  expect(policyAt(space, [1, 0, 0])).toBeNull();
  const whole = await explored({ ...space, method: 'grid', budget: 1000 });
  expect(whole).toMatchObject({ tried: { length: 104 }, refused: 96 });
  const found = await explored({ ...space, budget: 80 });
  expect(found.tried).toHaveLength(81);
  expect(found.refused).toBeGreaterThan(10);
  expect(frontOf(await explored({ ...space, budget: 1000 }))).toEqual(frontOf(whole));
});
