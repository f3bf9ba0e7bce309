import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../outcome.ts';
import type { TraceSummary } from '../../scenarios/trace/inspect.ts';
import { coalmine, type Ended, namesIn, temporaryFolder } from './process.ts';
import { tinyScenario, writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
const ROWS = 25_000;

let generated: Ended;
let imported: Ended;

beforeAll(async () => {
  writeTiny(cwd);
  const csv = Array.from({ length: 100 }, (_, i) => `${i * 250},k${i % 7},u${i}`);
  writeFileSync(join(cwd, 'log.csv'), `ms,key,user\n${csv.join('\n')}\nsoon,k1,u1\n`);
  const toCsv = ['--time', 'ms', '--time-unit', 'ms', '--key', 'key', '--user', 'user', '--out', 'imported.parquet'];
  [generated, imported] = await Promise.all([
    coalmine(['trace', 'generate', 'tiny.yaml', '--requests', '25k', '--out', 'generated.parquet', '--json'], { cwd }),
    coalmine(['trace', 'import', 'log.csv', ...toCsv, '--json'], { cwd }),
  ]);
});

describe('trace generate', () => {
  test('writes the rows it was asked for, says so, and shows progress on stderr only', () => {
    expect(generated.code).toBe(0);
    expect(JSON.parse(generated.stdout)).toEqual({ schemaVersion: 1, file: 'generated.parquet', rows: ROWS });
    expect(generated.stderr).toContain('100 %  25k rows\n');
    expect(namesIn(cwd).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('makes what trace inspect measures: Poisson arrivals at 1,000 a second', async () => {
    const { code, stdout } = await coalmine(['trace', 'inspect', 'generated.parquet', '--json'], { cwd });
    expect(code).toBe(0);
    const trace = JSON.parse(stdout) as TraceSummary;
    expect(trace.rows).toBe(ROWS);
    // Five standard errors of 25,000 draws.
    expect(Math.abs(trace.meanRps - 1000)).toBeLessThan((5 * 1000) / Math.sqrt(ROWS));
    expect(Math.abs(trace.gapCv! - 1)).toBeLessThan(5 / Math.sqrt(ROWS));
  });
});

const scenario = (more: string): string =>
  tinyScenario().replace('rate: 1000/s', `arrivals: { kind: trace, file: generated.parquet${more} }`);

describe('a rehearsal on a trace', () => {
  test('sees exactly the recorded arrivals', async () => {
    writeFileSync(join(cwd, 'replay.yaml'), scenario(''));
    const [replayed, original] = await Promise.all([
      coalmine(['rehearse', 'replay.yaml', '--json', '--out', 'replay'], { cwd }),
      coalmine(['rehearse', 'tiny.yaml', '--json', '--out', 'original'], { cwd }),
    ]);
    expect([replayed.stderr.includes('PROMOTED'), replayed.code]).toEqual([true, 0]);
    const [a, b] = [replayed, original].map(({ stdout }) => JSON.parse(stdout) as Outcome);
    expect(a!.requests.total).toBe(b!.requests.total);
  });

  test('pauses when the trace ends before the rollout does, unless it is repeated', async () => {
    writeFileSync(join(cwd, 'fast.yaml'), scenario(', speedUp: 5'));
    writeFileSync(join(cwd, 'again.yaml'), scenario(', speedUp: 5, repeat: true'));
    const [short, repeated] = await Promise.all([
      coalmine(['rehearse', 'fast.yaml', '--json', '--out', 'short'], { cwd }),
      coalmine(['rehearse', 'again.yaml', '--json', '--out', 'repeated'], { cwd }),
    ]);
    expect(JSON.parse(short.stdout)).toMatchObject({ verdict: 'paused', requests: { total: ROWS } });
    expect(short.code).toBe(5);
    expect(JSON.parse(repeated.stdout)).toMatchObject({ verdict: 'promoted' });
    expect(repeated.code).toBe(0);
  });
});

describe('trace import', () => {
  test('counts rows, keys and users, and names what it skipped', () => {
    expect(imported.code).toBe(0);
    expect(JSON.parse(imported.stdout)).toMatchObject({ rows: 100, badRows: 1, keys: 7, users: 100 });
    expect(imported.stderr).toContain('skipped: log.csv:102:1');
  });
});
