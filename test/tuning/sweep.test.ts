/** A sweep as users run it: the same bytes for any number of workers and shards, and after any number of kills. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Stream } from '../../sim/random.ts';
import type { SweepResult } from '../../tuning/result.ts';
import { coalmine, type Ended, start, temporaryFolder } from '../cli/process.ts';
import { leftIn, resultIn, writeSweep } from './files.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
const at = (name: string): string => join(cwd, name);
let sweep: readonly string[];
let whole: SweepResult;

const tune = (out: string, ...more: readonly string[]): Promise<Ended> =>
  coalmine(['tune', ...sweep, '--replications', '12', '--quiet', '--out', out, ...more], { cwd });

beforeAll(async () => {
  sweep = writeSweep(cwd);
  const { code, stdout, stderr } = await tune('whole', '--workers', '1', '--json');
  expect(stderr).toContain('24 replications');
  expect(code).toBe(0);
  whole = JSON.parse(stdout) as SweepResult;
}, 120_000);

describe('result.json', () => {
  test('tells policies apart: one takes back healthy candidates, the other lets bad ones through less often than it errs', () => {
    const [jumpy, calm] = ['jumpy', 'calm'].map(
      (policy) => whole.characteristics.find((c) => c.policy === policy && c.scenario === 'healthy')!,
    );
    expect(jumpy!.falseRollback.events).toBeGreaterThan(calm!.falseRollback.events);
    expect(jumpy!.falseRollbackByGuard[0]).toMatchObject({ guard: 'errors', events: jumpy!.falseRollback.events });
    expect(
      whole.characteristics.find((c) => c.policy === 'jumpy' && c.scenario === 'failing')!.detected!.events,
    ).toBeGreaterThan(0);
    expect(whole.characteristics.every(({ confirmed, offSchedule }) => confirmed + offSchedule > 0)).toBe(true);
    expect(whole.comparisons.find(({ scenario }) => scenario === 'healthy')).toMatchObject({
      first: 'jumpy',
      second: 'calm',
    });
  });

  test('is what --json prints, and no time, place or machine is in it', () => {
    const text = resultIn(at('whole'));
    expect(JSON.parse(text)).toEqual(whole);
    expect(text).not.toContain(cwd);
    expect(text).not.toContain('wall');
  });

  test('comes with a report, which `coalmine report` makes again', async () => {
    const page = readFileSync(join(at('whole'), 'report.html'), 'utf8');
    expect(page).toContain('How often is it wrong?');
    const { code, stdout } = await coalmine(['report', 'whole', '--format', 'html'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('report.html');
    expect(readFileSync(join(at('whole'), 'report.html'), 'utf8')).toBe(page);
  });

  test('is the same bytes for three workers as for one', async () => {
    expect((await tune('three', '--workers', '3')).code).toBe(0);
    expect(resultIn(at('three'))).toBe(resultIn(at('whole')));
    const recordings = leftIn(at('three')).filter((name) => name.endsWith('.parquet'));
    expect(recordings).toHaveLength(24);
    for (const name of recordings)
      expect(readFileSync(join(at('three'), name)).equals(readFileSync(join(at('whole'), name)))).toBe(true);
  });

  test('is written again, without simulating, when the same command finds its sweep done', async () => {
    rmSync(join(at('three'), 'result.json'));
    const { code, stdout } = await coalmine(['tune', '--resume', 'three'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('false rollbacks');
    expect(resultIn(at('three'))).toBe(resultIn(at('whole')));
  });
});

describe('a place that holds something else', () => {
  test('is refused, and stays as it was', async () => {
    const other = await tune('whole', '--seed', '5');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('holds another sweep');
    mkdirSync(at('precious'));
    writeFileSync(join(at('precious'), 'thesis.txt'), 'all of it');
    const strange = await tune('precious');
    expect(strange.stderr).toContain('something that is no sweep');
    expect(leftIn(at('precious'))).toEqual(['thesis.txt']);
  });
});

const refused = async (directories: readonly string[]): Promise<string> => {
  const { code, stderr } = await coalmine(['merge', ...directories, '--out', 'never'], { cwd });
  expect(code).toBe(2);
  expect(leftIn(cwd)).not.toContain('never');
  return stderr;
};

describe('shards', () => {
  beforeAll(async () => {
    for (const shard of ['0', '1', '2']) {
      const { code, stdout } = await tune(`shard-${shard}`, '--shard', `${shard}/3`, '--json');
      expect(code).toBe(0);
      const document: unknown = JSON.parse(stdout);
      expect(document).toMatchObject({ schemaVersion: 1, shard: `${shard}/3`, directory: at(`shard-${shard}`) });
      expect((document as { jobs: number }).jobs).toBeGreaterThan(0);
    }
  }, 120_000);

  test('merged, are the bytes of the unsharded sweep', async () => {
    const { code, stdout } = await coalmine(['merge', 'shard-2', 'shard-0', 'shard-1', '--out', 'merged'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('false rollbacks');
    expect(resultIn(at('merged'))).toBe(resultIn(at('whole')));
    expect(leftIn(at('merged'))).toEqual(leftIn(at('whole')));
  });

  test('are refused when one is missing, or there twice', async () => {
    expect(await refused(['shard-0', 'shard-2'])).toContain('got no shard 1/3, expected all of them');
    cpSync(at('shard-1'), at('copy'), { recursive: true });
    expect(await refused(['shard-0', 'shard-1', 'shard-2', 'copy'])).toContain('got shard 1/3 a second time');
  });

  test('are refused when one is unfinished, or of another sweep', async () => {
    const [result] = leftIn(at('shard-1')).filter((name) => /recordings.*json$/.test(name));
    cpSync(at('shard-1'), at('unfinished'), { recursive: true });
    rmSync(join(at('unfinished'), result!));
    expect(await refused(['shard-0', 'unfinished', 'shard-2'])).toContain('got 7 of 8 jobs, expected all');
    expect((await tune('other', '--shard', '1/3', '--seed', '9')).code).toBe(0);
    expect(await refused(['shard-0', 'other', 'shard-2'])).toContain('got another sweep than');
  });

  test.each(['3/3', '1', '-1/3', 'a/b'])('have a place and a number: not %s', async (shard) => {
    const { code, stderr } = await tune('never', `--shard=${shard}`);
    expect(code).toBe(2);
    expect(stderr).toContain(`got '${shard}', expected a place and a number of parts`);
  });
});

const isFull = process.env.COALMINE_TIER === 'full';
/** More kills need more that is left to do. */
const [kills, replications] = isFull ? [20, 150] : [5, 12];

test(`a sweep killed ${kills} times at random points equals the undisturbed one, byte for byte`, async () => {
  const random = new Stream('kills');
  const out = at('killed');
  const into = (name: string): readonly string[] => [
    'tune',
    ...sweep,
    '--replications',
    String(replications),
    '--workers',
    '2',
    '--out',
    name,
  ];
  const args = into('killed');
  if (isFull) expect((await coalmine(into('undisturbed'), { cwd })).code).toBe(0);
  const undisturbed = at(isFull ? 'undisturbed' : 'whole');
  const count = (): number =>
    existsSync(out) ? leftIn(out).filter((name) => /recordings.*json$/.test(name)).length : 0;
  let done = 0;
  for (let i = 0; i < kills; i++) {
    const run = start(args, { cwd });
    await run.says(`${2 * replications} replications`);
    // Some die before they have done anything, the others in the midst of what comes after their first result.
    if (i % 3 > 0) while (count() === done && run.child.exitCode === null) await setTimeout(5);
    await setTimeout(random.next() * 200);
    run.child.kill('SIGKILL');
    await run.ended;
    done = count();
  }
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(2 * replications);
  const { code, stderr } = await coalmine(args, { cwd });
  expect(code).toBe(0);
  expect(stderr).toContain(`(${done} found done)`);
  expect(resultIn(out)).toBe(resultIn(undisturbed));
  // What the dead left unfinished was swept away.
  expect(leftIn(out)).toEqual(leftIn(undisturbed));
}, 600_000);

test('interrupted, it says what is kept and how to go on', async () => {
  const run = start(['tune', ...sweep, '--replications', '200', '--out', 'interrupted'], { cwd });
  await run.says('40/400 replications');
  run.child.kill('SIGINT');
  const { code, stderr } = await run.ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/So far:\nHealthy candidates[\s\S]*false rollbacks/);
  expect(stderr).toMatch(/interrupted by SIGINT: \d+ of 400 replications are kept; the same command goes on/);
  expect(leftIn(at('interrupted')).filter((name) => /recordings.*json$/.test(name)).length).toBeGreaterThanOrEqual(40);
});

test('a recording is judged again by any policy that reads what it holds', async () => {
  const { code, stdout } = await coalmine(['judge', 'whole', '--policy', 'calm.yaml', '--json'], { cwd });
  expect(code).toBe(0);
  const { judgements } = JSON.parse(stdout) as {
    judgements: { recording: string; verdict: string; explanation: string }[];
  };
  expect(judgements).toHaveLength(24);
  for (const { recording, verdict } of judgements) {
    const seed = Number(/-(\d+)-\w+\.parquet$/.exec(recording)![1]);
    const scenario = recording.includes('healthy') ? 'healthy' : 'failing';
    const known = whole.rollouts.find(
      (each) => each.scenario === scenario && each.seed === seed && each.policy === 'calm',
    )!;
    expect(verdict).toBe(known.offSchedule ? 'off-schedule' : known.verdict);
  }
});

/** calm.yaml with another first guard. */
const withGuard = (name: string, metric: string): void =>
  writeFileSync(
    at(name),
    readFileSync(at('calm.yaml'), 'utf8').replace(/metric: error-ratio[\s\S]*?sustained/, `${metric}\n    sustained`),
  );

test('a recording is judged by latency bounds that it does not count, from its histograms', async () => {
  withGuard('other.yaml', 'metric: latency p95\n    breachWhen: "> 33ms"');
  const { code, stdout } = await coalmine(['judge', 'whole', '--policy', 'other.yaml'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toContain('calm: ');
});

test('a policy that reads what no recording holds is refused', async () => {
  withGuard('elsewhere.yaml', 'segment: elsewhere\n    metric: error-ratio\n    breachWhen: "> 1%"');
  const { code, stderr } = await coalmine(['judge', 'whole', '--policy', 'elsewhere.yaml'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain("reads segment 'elsewhere'");
});

test('variations of one setting make a power curve', async () => {
  const { code, stdout } = await coalmine(
    [
      'tune',
      'healthy.yaml',
      '--vary',
      'arms.candidate.errorRatio=0.1%,10%',
      '--replications',
      '3',
      '--json',
      '--quiet',
      '--out',
      'curve',
    ],
    { cwd },
  );
  expect(code).toBe(0);
  const { characteristics } = JSON.parse(stdout) as SweepResult;
  expect(characteristics.map(({ family, variation }) => [family, variation])).toEqual([
    ['healthy', { path: 'arms.candidate.errorRatio', value: '0.1%' }],
    ['healthy', { path: 'arms.candidate.errorRatio', value: '10%' }],
  ]);
  expect(characteristics.map(({ verdicts }) => verdicts.rolledBack)).toEqual([0, 3]);
});
