import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findOldNode } from './old-node.ts';
import { BIN, namesIn, temporaryFolder } from './process.ts';
import { CTRL_C, ERASE, frames, hasTerminal, onTerminal } from './terminal.ts';
import { writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
beforeAll(() => writeTiny(cwd));

if (!hasTerminal) console.warn('NOT TESTED: what a terminal shows, since there is no python3 to make one');
const old = findOldNode();

const QUICK = ['rehearse', '--policy', 'policies/quick.yaml', '--requests', '2M'];
const rehearse = (args: readonly string[], columns: number, env: Record<string, string> = {}) =>
  onTerminal(process.execPath, [BIN, ...args], { cwd, columns, env });

describe.skipIf(!hasTerminal)('on a terminal', () => {
  test('progress is one line that renews itself, fits the terminal, and is gone when the summary comes', async () => {
    const ended = await rehearse([...QUICK, '--out', 'narrow'], 60).ended;
    expect(ended.code, ended.stdout).toBe(0);
    const { drawn, rest } = frames(ended);
    expect(drawn.length).toBeGreaterThan(2);
    for (const frame of drawn) {
      expect(frame).toMatch(/^ {0,2}\d+ % {2}(shadow|canary-\d+|full) {2}at \S+ {2}\d+\.\d[kM] requests/);
      expect(frame.length).toBeLessThan(60);
    }
    expect(drawn.map((frame) => Number.parseInt(frame, 10))).toEqual(
      drawn.map((frame) => Number.parseInt(frame, 10)).toSorted((a, b) => a - b),
    );
    expect(stripVTControlCharacters(rest)).toMatch(/^✔ PROMOTED {2}seed-healthy/);
    expect(ended.stdout.split('\n')[0]).toBe('seed 42\r');
  });

  test('progress says rate, time left and how the guards are', async () => {
    const { drawn } = frames(await rehearse([...QUICK, '--out', 'wide'], 120).ended);
    expect(drawn.filter((frame) => !/\d+\.\d\d[kM]\/s {2}\S+ left {2}\S.*$/.test(frame))).toEqual([]);
    expect(drawn.some((frame) => frame.endsWith('guards pass'))).toBe(true);
  });

  test('the summary is coloured and no wider than the terminal', async () => {
    const { stdout } = await rehearse(['rehearse', 'tiny.yaml', '--out', 'colour', '--quiet'], 80).ended;
    expect(stdout).toContain('\u001b[1m\u001b[32m✔ PROMOTED');
    const [, verdict, ...lines] = stripVTControlCharacters(stdout).split('\r\n');
    expect(verdict).toContain('tiny');
    // A path is not broken, so that it can be clicked on.
    expect(lines.filter((line) => line.length > 80 && !line.includes('report.html'))).toEqual([]);
    expect(stdout).not.toContain(ERASE);
  });

  test('NO_COLOR takes the colours away', async () => {
    const { stdout } = await rehearse(['rehearse', 'tiny.yaml', '--out', 'plain', '--quiet'], 80, { NO_COLOR: '1' })
      .ended;
    expect(stdout).toContain('✔ PROMOTED');
    expect(stdout).toBe(stripVTControlCharacters(stdout));
  });

  const starters: (readonly [string, string])[] = [['the bundled Node', process.execPath]];
  if (old !== null) starters.push([`Node ${old.version}, which hands over`, old.path]);

  test.each(starters)(
    '^C ends a rehearsal started by %s with 130, says so on a clean line, and leaves nothing',
    async (_, node) => {
      const running = onTerminal(node, [BIN, 'rehearse', '--out', join('deep', 'run')], { cwd, columns: 100 });
      await running.says(' 5 %');
      running.child.stdin!.write(CTRL_C);
      const { code, stdout } = await running.ended;
      const last = stdout.slice(stdout.lastIndexOf(ERASE) + ERASE.length).replace('^C', '');
      expect(last).toBe('coalmine: interrupted by SIGINT: nothing was written\r\n');
      expect(code).toBe(130);
      expect(existsSync(join(cwd, 'deep')) ? namesIn(join(cwd, 'deep')) : []).toEqual([]);
    },
  );
});
