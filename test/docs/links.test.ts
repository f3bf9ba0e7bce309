/** Links between documents lead somewhere: to a file that is there, and to a heading that it has. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../scenarios/files.ts';

const ROOMS = ['*.md', '{docs,models,deploy,policies,scenarios}/**/*.md'];
const documents = globSync(ROOMS, { cwd: packageRoot }).toSorted();

/** Outside of code, where brackets mean something else. */
const proseOf = (text: string): string => text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '');

const linksOf = (text: string): string[] =>
  [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^\w+:/.test(target));

/** The fragment by which a heading is reached: its words in lower case, joined by hyphens. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );

function isBroken(document: string, link: string): boolean {
  const [path, anchor] = link.split('#') as [string, string?];
  const file = path === '' ? join(packageRoot, document) : join(packageRoot, dirname(document), path);
  if (!existsSync(file)) return true;
  return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
}

test.each(documents)('every link of %s leads somewhere', (document) => {
  const links = linksOf(readFileSync(join(packageRoot, document), 'utf8'));
  expect(links.filter((link) => isBroken(document, link))).toEqual([]);
});

test('the documents are found, and so are their links', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/guards.md', 'models/README.md']));
  expect(linksOf(readFileSync(join(packageRoot, 'README.md'), 'utf8')).length).toBeGreaterThan(10);
  expect([isBroken('README.md', 'docs/nothing.md'), isBroken('README.md', 'docs/guards.md#nothing')]).toEqual([
    true,
    true,
  ]);
});
