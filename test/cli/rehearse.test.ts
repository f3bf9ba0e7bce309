import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../outcome.ts';
import { coalmine, type Ended, namesIn, temporaryFolder } from './process.ts';
import { tinyScenario, writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);

const cwd = home.path;
const outcomeOf = (ended: Ended): Outcome => JSON.parse(ended.stdout) as Outcome;
const quick = ['rehearse', '--policy', 'policies/quick.yaml', '--requests', '2M', '--json'];

/** The default scenario as shipped, from an empty folder. */
let shipped: Ended;
/** The tiny one: as text; as JSON with the same seed, with another, and from standard input. */
let text: Ended;
let same: Ended;
let other: Ended;
let piped: Ended;
let quiet: Ended;

beforeAll(async () => {
  writeTiny(cwd);
  const tiny = ['rehearse', 'tiny.yaml'];
  [shipped, text] = await Promise.all([
    coalmine([...quick, '--out', 'shipped'], { cwd }),
    coalmine([...tiny, '--out', 'text'], { cwd }),
  ]);
  [same, other] = await Promise.all([
    coalmine([...tiny, '--json'], { cwd }),
    coalmine([...tiny, '--json', '--seed', '8'], { cwd }),
  ]);
  [piped, quiet] = await Promise.all([
    coalmine(['rehearse', '-', '--json', '--out', 'piped'], { cwd, input: tinyScenario() }),
    coalmine([...tiny, '--quiet', '--out', 'quiet', '--time-scale', '2'], { cwd, env: { NO_COLOR: '1' } }),
  ]);
});

describe('rehearse --json', () => {
  test('what a scenario expects is not asked of another policy: the truth alone says whether that one was right', () => {
    const { expectation, classification } = outcomeOf(shipped);
    expect([expectation, classification, shipped.code]).toEqual([null, 'true-promotion', 0]);
  });

  test('prints one JSON document on stdout and nothing else there', () => {
    expect(shipped.stdout.startsWith('{')).toBe(true);
    expect(shipped.stdout.endsWith('}\n')).toBe(true);
    expect(outcomeOf(shipped)).toMatchObject({ schemaVersion: 1, verdict: 'promoted' });
  });

  test('the document has every field that others script against', () => {
    expect(Object.keys(outcomeOf(shipped))).toEqual(
      expect.arrayContaining([
        'schemaVersion',
        'coalmine',
        'node',
        'world',
        'seed',
        'digest',
        'scenario',
        'policy',
        'truth',
        'verdict',
        'classification',
        'decidedAtMs',
        'explanation',
        'guard',
        'detectionDelayMs',
        'rollback',
        'harm',
        'stages',
        'requests',
        'latencyMs',
        'waitMs',
        'featureFetchMs',
        'utilisation',
        'shadow',
        'timing',
      ]),
    );
    const { world, seed, digest, policy, scenario, classification } = outcomeOf(shipped);
    expect({ world, seed, classification }).toEqual({ world: 'sim', seed: 42, classification: 'true-promotion' });
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect([policy.name, scenario.name, scenario.timeScale]).toEqual(['quick', 'seed-healthy', 5]);
  });

  test('is what outcome.json holds', () => {
    expect(outcomeOf(shipped)).toEqual(JSON.parse(readFileSync(join(cwd, 'shipped', 'outcome.json'), 'utf8')));
  });

  test('tells the seed first, then how far it is, then the summary, all on stderr', () => {
    const lines = shipped.stderr.split('\n');
    expect(lines[0]).toBe('seed 42');
    expect(lines[1]).toMatch(/^ 1\d %  shadow {2}at /);
    expect(shipped.stderr).toContain('PROMOTED');
    expect(shipped.stderr).toContain(join(cwd, 'shipped', 'report.html'));
  });

  test('without a terminal there is at most one line per 10 %', () => {
    const tenths = [...shipped.stderr.matchAll(/^ *(\d+) % {2}/gm)].map(([, percent]) =>
      Math.floor(Number(percent) / 10),
    );
    expect(tenths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(shipped.stderr).not.toContain('\r');
  });
});

describe('rehearse', () => {
  test('leaves a run directory and nothing beside it', () => {
    expect(namesIn(join(cwd, 'shipped'))).toEqual(
      ['decisions.jsonl', 'manifest.json', 'outcome.json', 'recording.parquet', 'report.html', 'specs'].toSorted(),
    );
    expect(namesIn(cwd).filter((name) => /partial|old-/.test(name))).toEqual([]);
  });

  test('without --json prints the summary on stdout', () => {
    expect(text.code).toBe(0);
    expect(text.stdout).toContain('PROMOTED');
    expect(text.stderr).not.toContain('PROMOTED');
  });

  test('prints no colours into a pipe, nor under NO_COLOR', () => {
    for (const run of [shipped, text, quiet]) expect(run.stdout + run.stderr).not.toContain('\u001b');
  });

  test('--quiet leaves out progress, not the seed', () => expect(quiet.stderr).toBe('seed 1\n'));

  test('--time-scale says in the summary that time was divided', () => {
    expect(quiet.code).toBe(0);
    expect(quiet.stdout).toContain('divided by 2');
  });

  test('without --out writes to runs/<scenario>-<seed>', () => {
    expect(namesIn(join(cwd, 'runs'))).toEqual(['tiny-1', 'tiny-8']);
    expect(existsSync(join(cwd, 'runs', 'tiny-1', 'manifest.json'))).toBe(true);
  });

  test('two processes with the same seed give the same digest', () => {
    const { digest } = JSON.parse(readFileSync(join(cwd, 'text', 'outcome.json'), 'utf8')) as Outcome;
    expect(outcomeOf(same).digest).toBe(digest);
  });

  test('another seed gives another digest', () => {
    expect(other.code).toBe(0);
    expect(outcomeOf(other).seed).toBe(8);
    expect(outcomeOf(other).digest).not.toBe(outcomeOf(same).digest);
  });

  test('the scenario may come from standard input, and the same document gives the same digest', () => {
    expect(piped.code).toBe(0);
    expect(outcomeOf(piped).scenario.file).toBe('-');
    expect(outcomeOf(piped).digest).toBe(outcomeOf(same).digest);
  });
});
