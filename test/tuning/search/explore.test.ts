import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../config/package-root.ts';
import type { Policy } from '../../../controller/policy.ts';
import { Stream } from '../../../sim/random.ts';
import { choose, finalistsOf, oftenerThan, prune, SMALLEST_RATE } from '../../../tuning/search/choose.ts';
import { Explorer } from '../../../tuning/search/explore.ts';
import { paretoFront } from '../../../tuning/search/front.ts';
import type { Objectives } from '../../../tuning/search/search-result.ts';
import { loadSpace, type Space } from '../../../tuning/search/space.ts';

const text = (more: string): string => `name: s
base: seed.yaml
${more}
settings:
  guards.errors.sustained.for: { from: 1m, to: 30m, step: 1m }
  guards.p95-sustained.sustained.for: { from: 1m, to: 30m, step: 1m }
  guards.median-shift-shadow.sustained.for: { from: 1m, to: 30m, step: 1m }
`;
const load = (more: string): Space => loadSpace(join(packageRoot, 'policies', 's.yaml'), text(more));

/** A world of its own: short stretches are quick and jumpy, and 20 minutes of latency and 5 of errors are best. */
function worth({ guards }: Policy): Objectives {
  const minutes = (name: string): number => guards.find((guard) => guard.name === name)!.sustained!.forMs / 60_000;
  const away = Math.abs(minutes('p95-sustained') - 20) + Math.abs(minutes('errors') - 5);
  return {
    falseRollback: away / 100,
    undecidedHealthy: 0,
    notCaught: 0,
    detectionDelayMs: minutes('p95-sustained') === 20 ? minutes('errors') : 100 + away,
    harm: 0,
    timeToPromoteMs: 1,
  };
}

const explored = (space: Space) => new Explorer(space, (policies) => policies.map(worth)).explore(new Stream('test'));

test('refinement finds what a grid of 27,000 policies finds, with 1,500 of them', async () => {
  const { tried } = await explored(load('budget: 1500'));
  expect(tried.length).toBeLessThanOrEqual(1501);
  const front = paretoFront(tried.map(({ objectives }) => objectives)).map((i) => tried[i]!.objectives);
  expect(front).toContainEqual(worthOf(20, 5));
});

const worthOf = (latency: number, errors: number): Objectives => {
  const away = Math.abs(latency - 20) + Math.abs(errors - 5);
  return {
    falseRollback: away / 100,
    undecidedHealthy: 0,
    notCaught: 0,
    detectionDelayMs: latency === 20 ? errors : 100 + away,
    harm: 0,
    timeToPromoteMs: 1,
  };
};

test('a grid tries every policy once, the base first', async () => {
  const whole = load('method: grid\nbudget: 30000');
  const space = {
    ...whole,
    settings: whole.settings.map(({ path, values }) => ({ path, values: values.slice(10, 16) })),
  };
  const { tried } = await explored(space);
  // 6 × 6 × 6, of which one is the base itself.
  expect(tried).toHaveLength(216);
  expect(new Set(tried.map(({ hash }) => hash)).size).toBe(216);
  expect(tried[0]!.point).toEqual([-1, -1, -1]);
});

test('the same space gives the same policies in the same order', async () => {
  const [one, two] = [await explored(load('budget: 400')), await explored(load('budget: 400'))];
  expect(one.tried.map(({ hash }) => hash)).toEqual(two.tried.map(({ hash }) => hash));
});

test('changes that nothing is gained by are taken back', () => {
  const space = load('budget: 400');
  expect(prune(space, [4, 19, 2], (policy) => [worth(policy)])).toEqual([4, 19, -1]);
});

test('a policy that is better on the search seeds and not on the choice seeds is not chosen', async () => {
  const { tried } = await explored(load('budget: 1500'));
  const finalists = finalistsOf(tried);
  expect(finalists[0]).toBe(0);
  const truth = finalists.map((i) => tried[i]!.objectives);
  const chosen = tried[finalists[choose(finalists, tried, truth)]!]!.objectives;
  expect(chosen).toEqual(worthOf(20, 5));
  const luck = truth.map((each, i) => (i === 0 ? each : { ...each, falseRollback: each.falseRollback! + 1 }));
  expect(choose(finalists, tried, luck)).toBe(0);
});

const isKept = ({ guards }: Policy): boolean =>
  guards.find(({ name }) => name === 'median-shift-shadow')!.sustained!.forMs === 3 * 60_000;

test('a policy that is better in the mean is not chosen when it is not allowed, and no pruning leads to one', async () => {
  const { tried } = await explored(load('budget: 1500'));
  const finalists = finalistsOf(tried);
  const truth = finalists.map((i) => tried[i]!.objectives);
  const best = tried[finalists[choose(finalists, tried, truth)]!]!;
  const second = tried[finalists[choose(finalists, tried, truth, (policy) => policy !== best.policy)]!]!;
  expect(second.hash).not.toBe(best.hash);
  expect(second.objectives.falseRollback).toBeGreaterThanOrEqual(best.objectives.falseRollback!);
  expect(choose(finalists, tried, truth, () => false)).toBe(0);
  const space = load('budget: 400');
  expect(prune(space, [4, 19, 2], (policy) => [worth(policy)], isKept)).toEqual([4, 19, 2]);
});

const rates = (one: number, two: number) =>
  [one, two].map((ratio, i) => ({ scenario: `scenario-${i}`, ratio, estimator: 'guard by guard' as const }));

test('a thousandth more in one healthy scenario is oftener, whatever is gained in another; what is no more than the smallest rate is not', () => {
  expect(oftenerThan(rates(1, 1e-6), rates(0, 1e-3))).toEqual(['scenario-1']);
  expect(oftenerThan(rates(1, 1e-3), rates(1, 1e-3))).toEqual([]);
  expect(oftenerThan(rates(1, 0), rates(0.5, SMALLEST_RATE))).toEqual([]);
  expect(oftenerThan(rates(0.1, 0.2), rates(0.2, 0.3))).toEqual(['scenario-0', 'scenario-1']);
});
