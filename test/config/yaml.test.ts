import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { duration, size } from '../../config/fields.ts';
import { BadInput } from '../../config/issues.ts';
import { merge } from '../../config/layers.ts';
import { type LoadedYaml, loadYaml } from '../../config/yaml.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-yaml-'));
afterAll(() => rmSync(home, { recursive: true }));

const schema = z.strictObject({
  name: z.string(),
  count: size.prefault(3),
  shape: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('circle'), radius: z.number().gt(0) }),
      z.strictObject({ kind: z.literal('square'), side: z.number().gt(0) }),
    ])
    .optional(),
  at: z.union([duration, z.strictObject({ stage: z.string(), after: duration })]).optional(),
  list: z.array(z.strictObject({ a: z.number(), b: z.number().default(0) })).optional(),
  nested: z.strictObject({ x: z.number().optional(), y: z.number().optional() }).optional(),
});

const load = (text: string, file = 'x.yaml'): LoadedYaml<unknown> => loadYaml(file, schema, text);

/** The issues of a document, one per line. */
function issues(text: string, file = 'x.yaml'): string[] {
  try {
    load(text, file);
  } catch (error) {
    if (error instanceof BadInput) return error.message.split('\n');
    throw error;
  }
  return [];
}

/** What is wrong with the file at `path`. */
function refusal(path: string): string {
  try {
    loadYaml(path, schema);
  } catch (error) {
    return (error as BadInput).issues[0]?.message ?? '';
  }
  return '';
}

function put(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text);
  return path;
}

describe('what a document may not contain', () => {
  test.each([
    ['', ['x.yaml:1:1: got an empty document, expected a map']],
    ['# only a comment\n', ['x.yaml:1:1: got an empty document, expected a map']],
    ['- 1\n', ['x.yaml:1:1: got a list of 1, expected a map']],
    ['just words\n', ["x.yaml:1:1: got 'just words', expected a map"]],
    ['name: a\nname: b\n', ['x.yaml:2:1: got a key twice, expected each key once']],
    ['name: a\n---\nname: b\n', ['x.yaml:2:1: got a second document, expected one document per file']],
    [
      'name: &n a\nother: *n\n',
      [
        "x.yaml:1:10 name: got the anchor &n, expected no anchors: write the value out, or share it with 'extends'",
        "x.yaml:2:8 other: got the alias *n, expected no aliases: write the value out, or share it with 'extends'",
      ],
    ],
    [
      '<<: {a: 1}\n',
      ["x.yaml:1:1 <<: got a merge key <<, expected none: write the value out, or share it with 'extends'"],
    ],
    ['1: a\n', ['x.yaml:1:1 1: got a key that is no string, expected a plain word (quote it?)']],
    ['? [a, b]\n: 1\n', ['x.yaml:1:3: got a key that is no string, expected a plain word (quote it?)']],
    ['__proto__: 1\n', ['x.yaml:1:1 __proto__: got the key __proto__, expected any other name']],
    ['name: !secret x\n', ['x.yaml:1:15 name: got the tag !secret, expected no tags of your own']],
    ['name: "x\n', ['x.yaml:2:1: got invalid YAML (missing closing "quote), expected YAML 1.2']],
    ['\tname: x\n', ['x.yaml:1:1: got invalid YAML (tabs are not allowed as indentation), expected YAML 1.2']],
  ])('%j', (text, expected) => expect(issues(text)).toEqual(expected));

  test('absurd nesting is one issue, not a crash', () => {
    expect(issues('['.repeat(50_000))).toEqual([expect.stringContaining('got too many levels of nesting')]);
  });

  test('a missing file, a directory and a binary file are bad input', () => {
    expect(refusal(join(home, 'none.yaml'))).toBe('got no file of this name, expected a readable file');
    expect(refusal(home)).toBe('got a directory, expected a file');
    expect(refusal(process.execPath)).toBe('got bytes that are no text, expected UTF-8');
  });

  test('a name with a slip in it, or without its folder and ending, is told the file it was meant to be', () => {
    put('rollout.yaml', 'name: a\n');
    const missing = 'got no file of this name, expected a readable file';
    expect(refusal(join(home, 'rolout.yaml'))).toBe(`${missing}; did you mean '${join(home, 'rollout.yaml')}'?`);
    expect(refusal('slow-tail')).toBe(`${missing}; did you mean 'scenarios/slow-tail.yaml'?`);
    expect(refusal(join('policies', 'sed.yml'))).toBe(`${missing}; did you mean 'policies/seed.yaml'?`);
    expect(refusal(join('nowhere', 'xyzzy.yaml'))).toBe(missing);
  });

  test('a byte order mark and Windows line ends are fine', () => {
    const path = put('windows.yaml', '\uFEFFname: a\r\ncount: 5\r\n');
    expect(loadYaml(path, schema).value).toEqual({ name: 'a', count: 5 });
  });
});

describe('what the schema refuses', () => {
  test('all issues come at once, in the order of the file', () => {
    expect(issues('nam: a\ncount: 1.5\nshape:\n  kind: cirle\nlist:\n  - a: x\n    c: 1\n  - b: 2\n')).toEqual([
      'x.yaml:1:1 name: got nothing, expected a string',
      "x.yaml:1:1 nam: got the unknown key 'nam', expected one of: name, count, shape, at, list, nested; did you mean 'name'?",
      'x.yaml:2:8 count: got 1.5, expected a whole number, such as 250, 10_000, 500k or 10M',
      "x.yaml:4:9 shape.kind: got 'cirle', expected one of: circle, square; did you mean 'circle'?",
      "x.yaml:6:8 list.0.a: got 'x', expected a number",
      "x.yaml:7:5 list.0.c: got the unknown key 'c', expected one of: a, b",
      'x.yaml:8:5 list.1.a: got nothing, expected a number',
    ]);
  });

  test('a discriminated union reports the issues of the branch that was chosen', () => {
    expect(issues('name: a\nshape: {kind: circle, radius: 0}\n')).toEqual([
      'x.yaml:2:31 shape.radius: got 0, expected > 0',
    ]);
    expect(issues('name: a\nshape: {radius: 1}\n')).toEqual([
      'x.yaml:2:8 shape.kind: got nothing, expected one of: circle, square',
    ]);
    expect(issues('name: a\nshape: 3\n')).toEqual(['x.yaml:2:8 shape: got 3, expected a map']);
  });

  test('another union reports the branch that fits the value, or all rules', () => {
    expect(issues('name: a\nat: {stage: x, aftr: 3s}\n')).toEqual([
      'x.yaml:2:5 at.after: got nothing, expected a duration with its unit, such as 250ms, 10s, 30m or 1h30m',
      "x.yaml:2:16 at.aftr: got the unknown key 'aftr', expected one of: stage, after; did you mean 'after'?",
    ]);
    expect(issues('name: a\nat: 10\n')).toEqual([
      'x.yaml:2:5 at: got 10, expected a duration with its unit, such as 250ms, 10s, 30m or 1h30m or a map',
    ]);
  });
});

describe('extends', () => {
  test('maps merge, lists and scalars are replaced, a map with a kind replaces, null takes back', () => {
    const base = { a: { x: 1, y: 2 }, list: [1, 2], k: { kind: 'p', v: 1 }, gone: 1 };
    expect(merge(base, { a: { y: 3 }, list: [9], k: { kind: 'q' }, gone: null, more: 1 })).toEqual({
      a: { x: 1, y: 3 },
      list: [9],
      k: { kind: 'q' },
      more: 1,
    });
    expect(merge(base, { k: { v: 2 } })).toMatchObject({ k: { kind: 'p', v: 2 } });
  });

  test('issues point to the file that states the value', () => {
    put('base.yaml', 'name: a\ncount: many\nnested:\n  x: 1\n  y: wrong\n');
    put('middle.yaml', 'extends: base.yaml\nnested: {x: bad}\n');
    const path = join(home, 'top.yaml');
    const text = 'extends: middle.yaml\nlist: [{}]\n';
    expect(issues(text, path)).toEqual([
      `${home}/base.yaml:2:8 count: got 'many', expected a whole number, such as 250, 10_000, 500k or 10M`,
      `${home}/base.yaml:5:6 nested.y: got 'wrong', expected a number`,
      `${path}:2:8 list.0.a: got nothing, expected a number`,
      `${home}/middle.yaml:2:13 nested.x: got 'bad', expected a number`,
    ]);
  });

  test('a whole chain is read, and places and files are known', () => {
    put('one.yaml', 'name: one\ncount: 1\n');
    put('two.yaml', 'extends: one.yaml\ncount: 2\n');
    const { value, files, places } = load('extends: two.yaml\nname: three\n', join(home, 'three.yaml'));
    expect(value).toEqual({ name: 'three', count: 2 });
    expect(files).toEqual(['three.yaml', 'two.yaml', 'one.yaml'].map((name) => join(home, name)));
    expect(places.of(['count'])).toEqual({ file: join(home, 'two.yaml'), line: 2, column: 8 });
    expect(places.ofKey(['count'])).toEqual({ file: join(home, 'two.yaml'), line: 2, column: 1 });
    expect([places.has(['count']), places.has(['shape'])]).toEqual([true, false]);
  });

  test('a file beside the document comes first, then the first folder that has one; never above a folder', () => {
    for (const folder of ['first', 'second', 'own']) mkdirSync(join(home, folder));
    put('first/shared.yaml', 'name: first\n');
    put('second/shared.yaml', 'name: second\n');
    put('second/second.yaml', 'extends: shared.yaml\ncount: 2\n');
    put('outside.yaml', 'name: outside\n');
    const folders = [join(home, 'first'), join(home, 'second')];
    const inOwn = (text: string): unknown => loadYaml(join(home, 'own/x.yaml'), schema, text, folders).value;
    expect(inOwn('extends: shared.yaml\n')).toMatchObject({ name: 'first' });
    // What is found there has its own neighbours.
    expect(inOwn('extends: second.yaml\n')).toEqual({ name: 'second', count: 2 });
    put('own/shared.yaml', 'name: own\n');
    expect(inOwn('extends: shared.yaml\n')).toMatchObject({ name: 'own' });
    expect(() =>
      loadYaml(join(home, 'own/deep/x.yaml'), schema, 'extends: ../../first/../../none.yaml\n', folders),
    ).toThrow(
      "got '../../first/../../none.yaml', expected a file beside this one or in the package: got no file of this name",
    );
    mkdirSync(join(home, 'own/deep'));
    expect(() => loadYaml(join(home, 'own/deep/x.yaml'), schema, 'extends: ../outside.yaml\n', folders)).toThrow(
      "got '../outside.yaml', expected a file beside this one or in the package",
    );
  });

  test('cycles, missing files and names that are none are refused', () => {
    put('p.yaml', 'extends: q.yaml\n');
    const path = put('q.yaml', 'extends: p.yaml\n');
    expect(() => loadYaml(path, schema)).toThrow(
      "p.yaml:1:10 extends: got 'q.yaml', expected no cycle: it leads back to this file",
    );
    expect(issues('extends: none.yaml\n')).toEqual([
      "x.yaml:1:10 extends: got 'none.yaml', expected a file beside this one: got no file of this name, expected a readable file",
    ]);
    expect(issues('extends: 3\n')).toEqual([
      'x.yaml:1:10 extends: got no file name, expected the path of a file to extend',
    ]);
  });
});
