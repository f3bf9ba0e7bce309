/** A sweep that answers a question ends at the same seed whoever did its jobs, in whatever order. */
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Stream } from '../../sim/random.ts';
import type { JobResult } from '../../tuning/job.ts';
import type { Plan } from '../../tuning/plan.ts';
import type { SweepResult } from '../../tuning/result.ts';
import { cutShort, type StopRule, StopWatch } from '../../tuning/stop.ts';
import { coalmine, type Ended, temporaryFolder } from '../cli/process.ts';
import { leftIn, resultIn, writeSweep } from './files.ts';

const FIRST = 7;
const RULE: StopRule = { event: 'false-rollback', below: 0.05, error: 0.1 };

const scenario = (name: string, candidate: string): Plan['scenarios'][number] =>
  ({
    scenario: { name, seed: FIRST, truth: { candidate, onsetMs: candidate === 'healthy' ? null : 0, cause: null } },
    policies: [0, 1],
  }) as unknown as Plan['scenarios'][number];
const plan = {
  scenarios: [scenario('healthy', 'healthy'), scenario('bad', 'regressed')],
  policies: [{ name: 'one' }, { name: 'two' }],
} as unknown as Plan;

/** Replication `r` of a scenario, in which these policies rolled back; jobs may have one policy each. */
const result = (s: number, r: number, rolledBack: Readonly<Record<number, boolean>>): JobResult =>
  ({
    key: `${s}/${r}/${Object.keys(rolledBack).join()}`,
    scenario: s,
    seed: FIRST + r,
    results: Object.entries(rolledBack).map(([policy, is]) => ({
      policy: Number(policy),
      verdict: is ? 'rolled-back' : 'promoted',
      decidedAtMs: 100,
      guard: null,
      harm: {},
      rehearsed: null,
    })),
  }) as unknown as JobResult;

const shuffled = <T>(list: readonly T[], seed: number): T[] => {
  const random = new Stream(`shuffle/${seed}`);
  return list
    .map((value) => ({ value, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
};

describe('a watch', () => {
  test('stops at the first seed after which every policy is told, whatever the order of the results', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 60 }), fc.nat(), (seen, seed) => {
        const results = seen.flatMap(([one, two], r) => [
          // Two schedules: a job for each policy. Seldom events for the second one.
          result(0, r, { 0: one }),
          result(0, r, { 1: two && r % 7 === 0 }),
          result(1, r, { 0: true, 1: true }),
        ]);
        const inOrder = cutShort(plan, RULE, results);
        const mixed = cutShort(plan, RULE, shuffled(results, seed));
        expect(mixed.answers).toEqual(inOrder.answers);
        const keys = ({ kept }: typeof mixed): string[] => kept.map(({ key }) => key).toSorted();
        expect(keys(mixed)).toEqual(keys(inOrder));
        // The other kind of scenario is not asked.
        expect(inOrder.kept.filter((each) => each.scenario === 1)).toHaveLength(seen.length);
      }),
    );
  });

  test('says where each answer was clear, and with what', () => {
    const results = Array.from({ length: 40 }, (_, r) => result(0, r, { 0: r >= 4, 1: r >= 2 }));
    const { answers, kept } = cutShort(plan, RULE, results);
    // (n+1)·C(n,s)·0.05^s·0.95^(n−s) ≤ 0.1: after 0 0 1 it is 0.54, after 0 0 1 1 0.068; after 0 0 0 0 1 1 it is 0.21, with one more 0.029.
    expect(answers).toMatchObject([
      { scenario: 'healthy', policy: 'one', side: 'above', events: 3, of: 7, seed: FIRST + 6 },
      { scenario: 'healthy', policy: 'two', side: 'above', events: 2, of: 4, seed: FIRST + 3 },
    ]);
    expect(kept).toHaveLength(7);
    for (const { low } of answers) expect(low).toBeGreaterThan(RULE.below);
  });

  test('wants every job until it is clear, and then none beyond that seed', () => {
    const watch = new StopWatch(plan, RULE);
    const far = { scenario: 0, seed: FIRST + 30 };
    for (let r = 0; r < 3; r++) {
      watch.add(result(0, r, { 0: true, 1: r > 0 }));
      // One comes twice, as a job may be done twice.
      watch.add(result(0, r, { 0: true, 1: r > 0 }));
      if (r < 2) expect(watch.isWanted(far)).toBe(true);
    }
    expect(watch.progress).toEqual({ clear: 1, of: 1 });
    expect(watch.isWanted(far)).toBe(false);
    expect(watch.isWanted({ scenario: 0, seed: FIRST + 2 })).toBe(true);
    expect(watch.isWanted({ scenario: 1, seed: FIRST + 30 })).toBe(true);
  });

  test('answers wrongly in at most ε of the sweeps, also at a rate beside the bound, with a look after every seed', () => {
    const random = new Stream('stop/error');
    const [sweeps, replications] = [300, 400];
    let wrong = 0;
    for (let i = 0; i < sweeps; i++) {
      const results = Array.from({ length: replications }, (_, r) =>
        // Just above the bound, so that `below` is wrong; the other policy never errs, and `above` would be.
        result(0, r, { 0: random.next() < 0.052, 1: false }),
      );
      const [one, two] = cutShort(plan, RULE, results).answers;
      if (one!.side === 'below') wrong++;
      expect(two!.side).not.toBe('above');
    }
    // P(more than 50 of 300) is below 2e-4 when each errs with 10 %.
    expect(wrong).toBeLessThanOrEqual(50);
  });
});

describe('a sweep with a question', () => {
  const home = temporaryFolder();
  afterAll(home.remove);
  const cwd = home.path;
  const at = (name: string): string => join(cwd, name);
  const ask = (out: string, ...more: readonly string[]): Promise<Ended> =>
    coalmine(
      [
        'tune',
        'healthy.yaml',
        'failing.yaml',
        '--replications',
        '12',
        '--stop-when',
        'false-rollbacks < 1%',
        '--quiet',
        '--out',
        out,
        ...more,
      ],
      { cwd },
    );
  let whole: SweepResult;

  beforeAll(async () => {
    writeSweep(cwd);
    const { code, stdout, stderr } = await ask('whole', '--workers', '1', '--json');
    expect(code).toBe(0);
    expect(stderr).toContain('12 replications can tell that a rate is above 1 %, not that it is below: that takes 984');
    expect(stderr).toContain('healthy under jumpy: false rollbacks are above 1 %: clear after');
    whole = JSON.parse(stdout) as SweepResult;
  }, 120_000);

  test('ends the scenario it asks about early, and the other one not', () => {
    const [answer] = whole.stop!.answers;
    expect(whole.stop).toMatchObject({ event: 'false-rollback', below: 0.01, error: 0.05 });
    expect(whole.stop!.answers).toHaveLength(1);
    expect(answer).toMatchObject({ scenario: 'healthy', policy: 'jumpy', side: 'above' });
    expect(answer!.of).toBeLessThan(12);
    const [healthy, failing] = whole.characteristics;
    expect([healthy!.replications, failing!.replications]).toEqual([answer!.of, 12]);
    expect(healthy!.falseRollback).toMatchObject({ events: answer!.events, of: answer!.of });
    expect(whole.rollouts.filter((each) => each.scenario === 'healthy').map(({ seed }) => seed)).toContain(
      answer!.seed,
    );
  });

  test('leaves the same bytes and files for three workers', async () => {
    expect((await ask('three', '--workers', '3')).code).toBe(0);
    expect(resultIn(at('three'))).toBe(resultIn(at('whole')));
    expect(leftIn(at('three'))).toEqual(leftIn(at('whole')));
    // Nothing is left to do.
    const { code, stderr } = await coalmine(['tune', '--resume', 'three'], { cwd });
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/\d\/min/);
    expect(resultIn(at('three'))).toBe(resultIn(at('whole')));
  }, 120_000);

  test('leaves the same when its shards are merged', async () => {
    for (const shard of ['0', '1']) expect((await ask(`shard-${shard}`, '--shard', `${shard}/2`)).code).toBe(0);
    expect((await coalmine(['merge', 'shard-0', 'shard-1', '--out', 'merged'], { cwd })).code).toBe(0);
    expect(resultIn(at('merged'))).toBe(resultIn(at('whole')));
    expect(leftIn(at('merged'))).toEqual(leftIn(at('whole')));
  }, 120_000);

  test.each([
    [
      ['--stop-when', 'rollbacks < 1%'],
      "--stop-when:1:1: got 'rollbacks < 1%', expected false-rollbacks or missed-regressions",
    ],
    [['--stop-when', 'false-rollbacks < 120%'], "got 'false-rollbacks < 120%'"],
    [
      ['--stop-when', 'false-rollbacks < 1%', '--stop-error', '0%'],
      "--stop-error:1:1: got '0%', expected a percentage above 0%",
    ],
    [['--stop-error', '1%'], 'got it alone, expected it beside --stop-when'],
    [
      ['--stop-when', 'missed-regressions < 1%'],
      'got no regressed scenario, expected at least one to ask about missed-regressions',
    ],
  ])('%j is refused, and says why', async (args, message) => {
    const { code, stderr } = await coalmine(['tune', 'healthy.yaml', ...args, '--out', 'never'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(leftIn(cwd)).not.toContain('never');
  });
});
