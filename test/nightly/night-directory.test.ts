/** What a night takes up, what it goes on with, and what it refuses. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isNight, type NightPlan, placeFor, takeUp } from '../../nightly/night-directory.ts';
import { namesIn, temporaryFolder } from '../cli/process.ts';
import { HOST } from './nights.ts';

const home = temporaryFolder();
afterAll(home.remove);
const at = (...names: readonly string[]): string => join(home.path, ...names);

const PLAN: NightPlan = {
  schemaVersion: 1,
  kind: 'night',
  suite: 'sha256:1',
  code: 'sha256:2',
  host: HOST,
  startedAtMs: 1000,
};
/** Above every process number. */
const NOBODY = 2 ** 30;

function interrupted(name: string, plan: Partial<NightPlan> = {}): string {
  takeUp(at(name), { ...PLAN, ...plan }).leave();
  return at(name);
}

test('a new night begins now, one that was interrupted when it began', () => {
  const place = interrupted('again');
  expect(isNight(place)).toBe(true);
  expect(takeUp(place, { ...PLAN, startedAtMs: 2000 }).plan).toEqual(PLAN);
});

test('what the dead left behind is nothing: not even a plan, or whose place it is', () => {
  mkdirSync(at('dead'));
  writeFileSync(at('dead', `plan.json.partial-${NOBODY}`), '{"schema');
  writeFileSync(at('dead', 'occupied'), String(NOBODY));
  const { plan, leave } = takeUp(at('dead'), PLAN);
  expect(plan).toEqual(PLAN);
  expect(readFileSync(at('dead', 'occupied'), 'utf8')).toBe(`${process.pid}\n`);
  leave();
  expect(namesIn(at('dead'))).toEqual(['plan.json']);
});

test('where another process is at it, nobody else is, nor by default', () => {
  const place = interrupted('busy');
  writeFileSync(join(place, 'occupied'), String(process.ppid));
  expect(() => takeUp(place, PLAN)).toThrow(`got a night that process ${process.ppid} is at`);
  expect(placeFor(place, PLAN)).toBe(`${place}.2`);
});

test('everything else is refused in words, and by default another place is found', () => {
  const refused = (name: string): unknown => {
    expect(placeFor(at(name), PLAN)).toBe(at(`${name}.2`));
    try {
      return takeUp(at(name), PLAN);
    } catch (error) {
      return (error as Error).message;
    }
  };
  interrupted('suite', { suite: 'sha256:3' });
  interrupted('code', { code: 'sha256:3' });
  interrupted('host', { host: { ...HOST, cores: 64 } });
  writeFileSync(join(interrupted('finished'), 'manifest.json'), '{}');
  writeFileSync(join(interrupted('damaged'), 'plan.json'), '{"kind":"night","startedAtMs":1e99}');
  writeFileSync(join(interrupted('halved'), 'plan.json'), '{"kind"');
  mkdirSync(at('strange', 'thing'), { recursive: true });
  expect(refused('suite')).toContain('got a night of another suite');
  expect(refused('code')).toContain('got a night that other code has begun');
  expect(refused('host')).toContain('got a night that another machine has begun');
  expect(refused('finished')).toContain('got a finished night');
  expect(refused('damaged')).toContain('got a night whose plan.json is damaged');
  expect(refused('halved')).toContain('got a night whose plan.json is damaged');
  expect(refused('strange')).toContain('got something that is no night');
});
