import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../scenarios/files.ts';
import { staleSchemas } from '../../tools/publish-schemas.ts';
import { SLOW } from '../slow-files.ts';
import { importsOf, roomOf, type SourceFile, sourceFiles } from './source-files.ts';

const ours = sourceFiles.filter(({ path }) => !path.startsWith('test/laws/'));
const product = ours.filter(({ path }) => !['test', 'tools'].includes(roomOf(path)));

/** `path:line: message` for every line of these files that matches. */
const lines = (files: readonly SourceFile[], pattern: RegExp, message: string): string[] =>
  files.flatMap(({ path, lines: text }) =>
    text.flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${message}`] : [])),
  );

test('no source file is longer than 400 lines: one idea per file', () => {
  const long = ours
    .filter((file) => file.lines.length > 400)
    .map(({ path, lines: { length } }) => `${path}: ${length} lines, split it`);
  expect(long).toEqual([]);
});

test('half of the product files have at most 100 lines', () => {
  const lengths = product.map((file) => file.lines.length).sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(100);
});

test('nothing but the command line reads a clock, and nothing draws unseeded numbers (law L5)', () => {
  const clocked = product.filter(({ path }) => roomOf(path) !== 'cli' && roomOf(path) !== 'live');
  expect(
    lines(
      clocked,
      /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|process\.hrtime/,
      'reads a clock: take the time as an argument',
    ),
  ).toEqual([]);
  expect(lines(ours, /\bMath\.random\(/, 'draws unseeded numbers: take a Stream')).toEqual([]);
});

test('no test is left out on purpose or alone', () => {
  expect(lines(sourceFiles, /\b(it|test|describe)\.(only|skip|todo)\(/, 'runs alone or not at all')).toEqual([]);
});

test('what is said to take long is there: test/slow-files.ts', () => {
  expect(SLOW.filter((path) => !existsSync(join(packageRoot, path)))).toEqual([]);
});

test('nothing is left to do in the code', () => {
  expect(lines(ours, /\b(TODO|FIXME|XXX)\b/, 'is not finished')).toEqual([]);
});

test('every product file is imported by another one', () => {
  const imported = new Set(sourceFiles.flatMap((file) => importsOf(file).map(({ target }) => target)));
  const entries = [
    'index.ts',
    'cli/main.ts',
    'models/score-worker.ts',
    'live/gateway/main.ts',
    'live/load/builtin/main.ts',
    'live/load.k6.ts',
    'live/replica/main.ts',
    'tuning/job-thread.ts',
    'what-if/browser/main.ts',
    'vitest.config.ts',
  ];
  const dead = product
    .filter(({ path }) => !imported.has(path) && !entries.includes(path))
    .map(({ path }) => `${path}: nobody imports it`);
  expect(dead).toEqual([]);
});

test('the published JSON Schemas are what the code accepts: node tools/publish-schemas.ts --write', () => {
  expect(staleSchemas()).toEqual([]);
});

test('this is the bundled Node, whatever the shell has', () => {
  expect(process.versions.node.split('.')[0]).toBe('26');
});

test('every relative link in the documents leads somewhere', () => {
  const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
  const broken = documents.flatMap((name) =>
    [...readFileSync(join(packageRoot, name), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
      .filter(([, target]) => !existsSync(join(packageRoot, target!)))
      .map(([, target]) => `${name}: ${target}`),
  );
  expect(broken).toEqual([]);
});
