/** INV-6 determinism: same scenario, policy and seed, same digest, wherever and however often it is run. */
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { expect, test } from 'vitest';
import { digestOf, SMALL } from './digests.ts';

const names = Object.keys(SMALL);

async function all(seed?: number): Promise<string> {
  let text = '';
  for (const name of names) text += `${name}: ${await digestOf(name, seed)}\n`;
  return text;
}

test('INV-6: two runs in one process have one digest, and it is the pinned one (a change needs a line in the CHANGELOG)', async () => {
  const first = await all();
  expect(await all()).toBe(first);
  await expect(first).toMatchFileSnapshot('golden/digests.txt');
});

test('INV-6: another process, in Tokyo, in Turkish, in another working directory, finds the same', async () => {
  const elsewhere = execFileSync(execPath, [join(import.meta.dirname, 'digests.ts')], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TZ: 'Asia/Tokyo', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
  });
  expect(elsewhere).toBe(await all());
});

test('another seed has another digest', async () => {
  const [one, other] = [await all(42), await all(43)].map((text) => text.split('\n'));
  for (const [i, name] of names.entries()) expect(other![i], name).not.toBe(one![i]);
});
