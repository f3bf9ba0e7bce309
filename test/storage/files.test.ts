import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import { packageRoot } from '../../config/package-root.ts';
import { StagedDirectory, writeFileAtomic } from '../../storage/files.ts';

const root = mkdtempSync(join(tmpdir(), 'coalmine-files-'));
afterAll(() => rmSync(root, { recursive: true }));
let home = '';
beforeEach(() => {
  home = mkdtempSync(join(root, 'case-'));
});

/** A process number nobody has: that of a child that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

function fill(staged: StagedDirectory, text: string): void {
  writeFileSync(join(staged.path, 'manifest.json'), text);
}

describe('writeFileAtomic', () => {
  test('writes, replaces and leaves nothing else', () => {
    const path = join(home, 'deep', 'x.txt');
    writeFileAtomic(path, 'one');
    writeFileAtomic(path, 'two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(join(home, 'deep'))).toEqual(['x.txt']);
  });

  test('a failure leaves the old file', () => {
    const path = join(home, 'dir');
    mkdirSync(join(path, 'inside'), { recursive: true });
    expect(() => writeFileAtomic(path, 'x')).toThrow();
    expect(readdirSync(home)).toEqual(['dir']);
  });
});

describe('StagedDirectory', () => {
  test('nothing is at the target until commit', () => {
    const target = join(home, 'run');
    const staged = StagedDirectory.open(target);
    fill(staged, '1');
    expect(existsSync(target)).toBe(false);
    staged.commit();
    expect(readdirSync(home)).toEqual(['run']);
    expect(readFileSync(join(target, 'manifest.json'), 'utf8')).toBe('1');
  });

  test('abort removes everything, also twice and after commit', () => {
    const staged = StagedDirectory.open(join(home, 'run'));
    staged.abort();
    staged.abort();
    expect(readdirSync(home)).toEqual([]);
  });

  test('a killed process leaves nothing that looks complete, and the next one sweeps it away', () => {
    const target = join(home, 'run');
    const code = `
      const { StagedDirectory } = await import(${JSON.stringify(join(import.meta.dirname, '../../storage/files.ts'))});
      const staged = StagedDirectory.open(${JSON.stringify(target)});
      (await import('node:fs')).writeFileSync(staged.path + '/manifest.json', 'x');
      process.kill(process.pid, 'SIGKILL');`;
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', code]).signal).toBe('SIGKILL');
    expect(readdirSync(home)).toEqual([expect.stringMatching(/^run\.partial-\d+$/)]);
    StagedDirectory.open(target).abort();
    expect(readdirSync(home)).toEqual([]);
  });

  test('what a living process writes is left alone', () => {
    mkdirSync(join(home, `run.partial-${process.ppid}`));
    StagedDirectory.open(join(home, 'run')).abort();
    expect(readdirSync(home)).toEqual([`run.partial-${process.ppid}`]);
  });

  test('a leftover with our own process number is swept as well', () => {
    mkdirSync(join(home, `run.partial-${process.pid}`));
    StagedDirectory.open(join(home, 'run')).commit();
    expect(readdirSync(home)).toEqual(['run']);
  });

  test('a neighbour whose name only begins like ours is left alone', () => {
    const neighbour = `run.2.partial-${deadPid()}`;
    mkdirSync(join(home, neighbour));
    StagedDirectory.open(join(home, 'run')).abort();
    expect(readdirSync(home)).toEqual([neighbour]);
  });

  test('an existing run is only replaced when asked to', () => {
    const target = join(home, 'run');
    mkdirSync(target);
    writeFileSync(join(target, 'manifest.json'), 'old');
    expect(() => StagedDirectory.open(target)).toThrow('got a path that holds a finished run already');
    const staged = StagedDirectory.open(target, { replace: true });
    fill(staged, 'new');
    staged.commit();
    expect(readFileSync(join(target, 'manifest.json'), 'utf8')).toBe('new');
    expect(readdirSync(home)).toEqual(['run']);
  });

  test('a directory of something else is never replaced; an empty one is used', () => {
    const target = join(home, 'run');
    mkdirSync(target);
    StagedDirectory.open(target).commit();
    writeFileSync(join(target, 'thesis.txt'), 'precious');
    expect(() => StagedDirectory.open(target, { replace: true })).toThrow(BadInput);
    writeFileSync(join(home, 'file'), '');
    expect(() => StagedDirectory.open(join(home, 'file'), { replace: true })).toThrow(BadInput);
  });

  test('a target taken meanwhile is not replaced', () => {
    const target = join(home, 'run');
    const staged = StagedDirectory.open(target);
    mkdirSync(target);
    writeFileSync(join(target, 'other.txt'), '');
    expect(() => staged.commit()).toThrow(BadInput);
    expect(readdirSync(home)).toEqual(['run']);
  });

  test('an old run whose replacement was interrupted comes back', () => {
    const target = join(home, 'run');
    const old = `${target}.old-${deadPid()}`;
    mkdirSync(old);
    writeFileSync(join(old, 'manifest.json'), 'old');
    expect(() => StagedDirectory.open(target)).toThrow('a finished run');
    expect(readFileSync(join(target, 'manifest.json'), 'utf8')).toBe('old');
  });

  test('one writer per target', () => {
    const staged = StagedDirectory.open(join(home, 'run'));
    expect(() => StagedDirectory.open(join(home, 'run'))).toThrow('expected one at a time');
    staged.abort();
  });
});

describe('a run directory that is a link', () => {
  test('leads to the run, and stays', () => {
    mkdirSync(join(home, 'elsewhere'));
    symlinkSync('elsewhere', join(home, 'link'));
    const staged = StagedDirectory.open(join(home, 'link'));
    fill(staged, '1');
    staged.commit();
    expect(readlinkSync(join(home, 'link'))).toBe('elsewhere');
    expect(readFileSync(join(home, 'elsewhere', 'manifest.json'), 'utf8')).toBe('1');
    expect(readdirSync(home).toSorted()).toEqual(['elsewhere', 'link']);
  });

  test('to nowhere is refused before anything is done', () => {
    symlinkSync('nowhere', join(home, 'link'));
    expect(() => StagedDirectory.open(join(home, 'link'))).toThrow('got a link that leads nowhere');
    expect(readdirSync(home)).toEqual(['link']);
  });
});

/** Another process begins a run there, and ends it when it is told to. */
function other(replace: boolean): void {
  const code = `
    const { StagedDirectory } = await import(${JSON.stringify(join(packageRoot, 'storage/files.ts'))});
    const { writeFileSync } = await import('node:fs');
    const staged = StagedDirectory.open(${JSON.stringify(join(home, 'run'))}, { replace: ${replace} });
    writeFileSync(staged.path + '/manifest.json', 'theirs');
    staged.commit();`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
}

describe('two runs that end at the same place', () => {
  test('the first to end has it; the other one is refused and leaves nothing', () => {
    const ours = StagedDirectory.open(join(home, 'run'));
    fill(ours, 'ours');
    other(false);
    expect(() => ours.commit()).toThrow(BadInput);
    expect(readFileSync(join(home, 'run', 'manifest.json'), 'utf8')).toBe('theirs');
    expect(readdirSync(home)).toEqual(['run']);
  });

  test('that may be replaced: the last to end has it', () => {
    const ours = StagedDirectory.open(join(home, 'run'), { replace: true });
    fill(ours, 'ours');
    other(true);
    ours.commit();
    expect(readFileSync(join(home, 'run', 'manifest.json'), 'utf8')).toBe('ours');
    expect(readdirSync(home)).toEqual(['run']);
  });
});
