import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../scenarios/files.ts';
import { findOldNode } from './old-node.ts';
import { BIN, type Ended, startCommand, temporaryFolder } from './process.ts';
import { writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
const old = findOldNode();
if (old === null)
  console.warn('NOT TESTED: no Node older than 24 outside the project, so nobody hands over to the bundled one');

const run = (args: readonly string[]): Promise<Ended> => startCommand(old!.path, [BIN, ...args], { cwd }).ended;

describe.skipIf(old === null)(
  `under ${old?.version ?? 'an old Node'} the command hands over to the bundled Node`,
  () => {
    beforeAll(() => writeTiny(cwd));

    test('which runs the command with our output and exit code', async () => {
      const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
      expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
      expect(await run(['rehearse', 'nowhere.yaml'])).toMatchObject({ code: 2, stdout: '' });
    });

    test('which is the one that rehearses', async () => {
      const { code, stdout } = await run(['rehearse', 'tiny.yaml', '--json']);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ node: process.version, verdict: 'promoted' });
    });

    test('which gets our signals, and whose exit code is ours', async () => {
      const args = [BIN, 'rehearse', '--policy', 'policies/quick.yaml', '--out', 'run'];
      const running = startCommand(old!.path, args, { cwd });
      await running.says('seed 42');
      running.child.kill('SIGTERM');
      expect(await running.ended).toMatchObject({ code: 143, signal: null, stdout: '' });
    });
  },
);
