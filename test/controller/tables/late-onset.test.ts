/** How long a test takes to find a fault that comes late: one that began with its stage, and one that begins anew at every look (statistics §18.5). */
import { describe, expect, it } from 'vitest';
import type { Test } from '../../../controller/guard-tests.ts';
import type { Guard } from '../../../controller/policy.ts';
import { binomialCounts } from '../../../tools/readings/draw.ts';
import { alarmsOf, telling, watching, type WindowWorld } from '../../../tools/readings/rollouts.ts';
import { alarmWithin, boundaries } from '../guards/alarm-oracle.ts';
import { agrees, type Cell, sized } from './published.ts';

const [N, P0, ALPHA, LOOKS] = [4167, 0.001, 0.001, 120];
const GOOD = binomialCounts(N, 0.0005);
const PUBLISHED = 4000;
const ROLLOUTS = sized(50);

const test: Test = {
  method: 'e-process',
  alpha: ALPHA,
  passAlpha: 0.05,
  passBy: 'evidence',
  inflation: 1,
  lateOnset: false,
};
const guard = (name: string, lateOnset: boolean): Guard =>
  telling({
    name,
    metric: { kind: 'error-ratio' },
    bound: { kind: 'absolute', breachWhen: '>', value: P0 },
    test: { ...test, lateOnset },
  });
const GUARDS = [guard('with the stage', false), guard('anew', true)];

/** Onset in minutes, error ratio from there on, then the cells of both. */
type Row = readonly [onset: number, ratio: number, withTheStage: Cell, anew: Cell];

describe('errors of 0.05 % become more, "< 0.1 %" at α 0.1 %, a look a minute for two hours', () => {
  it.each<Row>([
    [0, 0.002, [1, 5, 10], [1, 8, 13]],
    [30, 0.002, [1, 33, 40], [1, 8, 13]],
    [60, 0.002, [0.8397, 52, 58], [1, 8, 13]],
    [90, 0.002, [0], [1, 8, 13]],
    [60, 0.0012, [0], [0.0985, 47, 58]],
    [60, 0.0015, [0.00025], [0.993, 25, 40]],
    [60, 0.005, [1, 13, 14], [1, 1, 2]],
  ])('after %i minutes %f', (onset, ratio, withTheStage, anew) => {
    const bad = binomialCounts(N, ratio);
    const world: WindowWorld = (at) => ({ candidate: { requests: N, errors: at < onset ? GOOD : bad } });
    const alarms = alarmsOf(watching(GUARDS, 5, LOOKS), world, ROLLOUTS, LOOKS, `tables/late/${onset}/${ratio}`);
    for (const [i, cell] of [withTheStage, anew].entries()) {
      const { name } = GUARDS[i]!;
      const delays = alarms.get(name)!.map((at) => at - onset);
      agrees(delays, ROLLOUTS, cell, PUBLISHED, name);
    }
  });

  it('at the edge, where nothing is wrong, neither alarms more often than α', () => {
    const edge = binomialCounts(N, P0);
    const world: WindowWorld = () => ({ candidate: { requests: N, errors: edge } });
    const alarms = alarmsOf(watching(GUARDS, 5, LOOKS), world, ROLLOUTS, LOOKS, 'tables/late/edge');
    agrees(alarms.get('with the stage')!, ROLLOUTS, [0.0005], 20_000, 'with the stage');
    agrees(alarms.get('anew')!, ROLLOUTS, [0.0004], 20_000, 'anew');
    const exact = alarmWithin('up', N, P0, boundaries('up', N, P0, ALPHA, LOOKS)).reduce((sum, each) => sum + each, 0);
    // The published 0.0005 of 20,000 is one draw of it.
    expect(Math.abs(exact - 0.0005)).toBeLessThan(4 * Math.sqrt(exact / 20_000));
  });
});
