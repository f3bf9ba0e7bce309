/** A search as users run it: the same bytes for any workers and shards, and a recommendation that can be used. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPolicy } from '../../../controller/load-policy.ts';
import { policyHash } from '../../../controller/policy-hash.ts';
import type { SearchResult } from '../../../tuning/search/search-result.ts';
import { coalmine, type Ended, temporaryFolder } from '../../cli/process.ts';
import { writeSweep } from '../files.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
const at = (...names: readonly string[]): string => join(cwd, ...names);
const read = (...names: readonly string[]): string => readFileSync(at(...names), 'utf8');
let found: SearchResult;

const SPACE = `name: thresholds
base: jumpier.yaml
settings:
  guards.errors.breachWhen: ["> 1%", "> 2%", "> 4%", "> 8%"]
  guards.errors.sustained.for: { from: 10s, to: 40s, step: 10s }
`;

const tune = (out: string, ...more: readonly string[]): Promise<Ended> =>
  coalmine(
    [
      'tune',
      'healthy.yaml',
      'failing.yaml',
      '--space',
      'space.yaml',
      '--replications',
      '8',
      '--quiet',
      '--out',
      out,
      ...more,
    ],
    { cwd },
  );

beforeAll(async () => {
  writeSweep(cwd);
  // So low a bound that chance alone reaches it.
  const jumpy = read('jumpy.yaml');
  writeFileSync(at('jumpier.yaml'), jumpy.replace('name: jumpy', 'name: jumpier').replace('> 1%', '> 0.5%'));
  writeFileSync(at('space.yaml'), SPACE);
  const { code, stdout, stderr } = await tune('whole', '--workers', '1', '--confirm', '0');
  expect(stderr).toContain('16 replications');
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('recommended, held out');
  found = JSON.parse(read('whole', 'search.json')) as SearchResult;
}, 120_000);

test('the report draws the front, and what it gives as YAML are those very policies', () => {
  const page = read('whole', 'report.html');
  const cards = [...page.matchAll(/<div data-policy="(\d+)"[\s\S]*?<pre [^>]*>([\s\S]*?)<\/pre>/g)];
  const front = found.policies.filter(({ id, isOnFront }) => isOnFront || id === 0 || id === found.chosen.id);
  expect(cards.map(([, id]) => Number(id))).toEqual(front.map(({ id }) => id));
  for (const [, id, text] of cards) {
    const yaml = text!
      .replaceAll('&gt;', '>')
      .replaceAll('&lt;', '<')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&');
    const { name: _, ...policy } = loadPolicy('chosen.yaml', yaml);
    expect(policyHash({ ...policy, name: found.base }), `policy ${id}`).toBe(found.policies[Number(id)]!.hash);
  }
  expect(existsSync(at('whole', 'specs', 'pareto.vl.json'))).toBe(true);
});

test('every policy of a small space is judged, on seeds that are neither chosen by nor published with', () => {
  expect(found).toMatchObject({ method: 'grid', base: 'jumpier', space: { size: 16 } });
  expect(found.policies).toHaveLength(17);
  const { search, choice, heldOut } = found.seeds;
  expect([search.length, choice.length, heldOut.length]).toEqual([4, 2, 2]);
  expect(new Set([...search, ...choice, ...heldOut]).size).toBe(8);
});

test('the policy that is recommended is better than the base in false rollbacks and worse in nothing, and can be loaded', () => {
  const { chosen, policies } = found;
  const base = found.finalists.find(({ id }) => id === 0)!;
  const own = found.finalists.find(({ id }) => id === chosen.id)!;
  expect(chosen.id).toBeGreaterThan(0);
  for (const part of ['search', 'choice'] as const) {
    expect(own[part].objectives.falseRollback).toBeLessThan(base[part].objectives.falseRollback!);
    expect(own[part].objectives.notCaught).toBeLessThanOrEqual(base[part].objectives.notCaught!);
  }
  // In each healthy scenario by itself, not only in the mean.
  for (const { scenario, ratio } of own.falseRollbacks)
    expect(ratio).toBeLessThanOrEqual(base.falseRollbacks.find((each) => each.scenario === scenario)!.ratio);
  expect(own.falseRollbacks).toHaveLength(1);
  const text = read('whole', 'recommended-policy.yaml');
  expect(loadPolicy(at('whole', 'recommended-policy.yaml')).name).toBe('jumpier-tuned');
  // Each changed number has its sentence.
  for (const { path } of policies[chosen.id]!.changes)
    expect(text).toMatch(new RegExp(`# ${path.replace('guards.errors.', '')}: was .*instead of`));
  expect(chosen.heldOut.scenarios.every(({ rollouts }) => rollouts === 2)).toBe(true);
  expect(
    chosen.comparisons.map(({ both, neither, onlyBase, onlyChosen }) => both + neither + onlyBase + onlyChosen),
  ).toEqual([2, 2]);
});

test('a search finds the same bytes for three workers, for shards, and when it is asked again', async () => {
  expect((await tune('three', '--workers', '3', '--confirm', '0')).code).toBe(0);
  for (const i of [0, 1]) expect((await tune(`part-${i}`, '--shard', `${i}/2`, '--confirm', '0')).code).toBe(0);
  expect((await coalmine(['merge', 'part-0', 'part-1', '--out', 'merged'], { cwd })).code).toBe(0);
  rmSync(at('three', 'search.json'));
  expect((await coalmine(['tune', '--resume', 'three'], { cwd })).code).toBe(0);
  for (const place of ['three', 'merged'])
    for (const name of ['search.json', 'recommended-policy.yaml', 'result.json'])
      expect(read(place, name), `${place}/${name}`).toBe(read('whole', name));
}, 120_000);

test('too few seeds, a policy beside the space, and no recordings are refused before anything is simulated', async () => {
  const few = await tune('few', '--no-recordings', '--replications', '3');
  expect(few.code).toBe(2);
  expect(few.stderr).toContain('got 3, expected at least 4 with --space');
  expect(few.stderr).toContain('got no recordings');
  expect((await tune('both', '--policy', 'calm.yaml')).stderr).toContain('got a policy beside --space');
  expect(existsSync(at('few')) || existsSync(at('both'))).toBe(false);
});

test('a space that leads the traffic in two ways is recorded twice and searched over both', async () => {
  writeFileSync(at('holds.yaml'), `${SPACE}  stages.canary-10.hold: [70s, 90s]\n`);
  const { code, stderr } = await coalmine(
    [
      'tune',
      'healthy.yaml',
      'failing.yaml',
      '--space',
      'holds.yaml',
      '--replications',
      '4',
      '--quiet',
      '--confirm',
      '0',
      '--out',
      'holds',
    ],
    { cwd },
  );
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('2 schedules, so 2 times the recordings');
  expect(stderr).toContain('16 replications');
  const { policies } = JSON.parse(read('holds', 'search.json')) as SearchResult;
  expect(policies).toHaveLength(33);
}, 120_000);

test('a space may be searched by evolution: the same bytes for any workers and for shards', async () => {
  writeFileSync(at('evolved.yaml'), `${SPACE}method: evolution\nbudget: 12\n`);
  const evolve = (out: string, ...more: readonly string[]): Promise<Ended> =>
    coalmine(
      [
        'tune',
        'healthy.yaml',
        'failing.yaml',
        '--space',
        'evolved.yaml',
        '--replications',
        '4',
        '--quiet',
        '--confirm',
        '0',
        '--out',
        out,
        ...more,
      ],
      { cwd },
    );
  const { code, stderr } = await evolve('evolved', '--workers', '1');
  expect(code, stderr).toBe(0);
  const search = JSON.parse(read('evolved', 'search.json')) as SearchResult;
  expect(search).toMatchObject({ method: 'evolution', refused: 0 });
  // The base and the budget, and what pruning may have made of the best.
  expect(search.policies.length).toBeGreaterThanOrEqual(13);
  expect(search.policies.length).toBeLessThanOrEqual(14);
  expect((await evolve('evolved-two', '--workers', '2')).code).toBe(0);
  for (const i of [0, 1]) expect((await evolve(`evolved-${i}`, '--shard', `${i}/2`)).code).toBe(0);
  expect((await coalmine(['merge', 'evolved-0', 'evolved-1', '--out', 'evolved-merged'], { cwd })).code).toBe(0);
  rmSync(at('evolved-two', 'search.json'));
  expect((await coalmine(['tune', '--resume', 'evolved-two'], { cwd })).code).toBe(0);
  for (const place of ['evolved-two', 'evolved-merged'])
    expect(read(place, 'search.json'), place).toBe(read('evolved', 'search.json'));
}, 120_000);
