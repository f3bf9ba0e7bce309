import { describe, expect, test } from 'vitest';
import { type Chart, isChart } from '../../reports/chart.ts';
import { citiesOf } from '../../reports/cities.ts';
import { allCharts } from '../../reports/charts/index.ts';
import { cityTable } from '../../reports/html/city-table.ts';
import { requirementsOf, rollbackRequirements } from '../../reports/html/rollback-requirements.ts';
import { compiled, svg } from '../../reports/render.ts';
import type { RunData } from '../../reports/run-data.ts';
import { DARK, LIGHT, PAPER } from '../../reports/theme.ts';
import { fault } from '../sim/support.ts';
import { citiesRun } from './cities-run.ts';
import { fixture } from './fixture.ts';
import { MINUTE } from './fixture-policy.ts';

const wrongInLax = { ...fault('score-skew', 0, Infinity, 1.25, 'candidate'), segment: 'LAX' };
const chartOf = async (run: RunData): Promise<Chart> =>
  (await allCharts(run)).filter(isChart).find(({ id }) => id === 'cities')!;

describe('a regression in one city', async () => {
  const run = await citiesRun([wrongInLax]);

  test('is found there and nowhere else', () => {
    const cities = citiesOf(run).map(({ segment, verdict, guard, openedIn }) => [segment, verdict, guard, openedIn]);
    expect(cities).toEqual([
      ['ATL', 'passed', null, 'city'],
      ['LAX', 'stopped here', 'shift/LAX', 'two'],
      ['PHX', 'not reached', null, null],
    ]);
    expect(run.outcome.guard).toMatchObject({ name: 'shift/LAX', segment: 'LAX' });
  });

  test('shows in its figures: both arms over the windows in which users there met both', () => {
    const [atl, lax, phx] = citiesOf(run);
    expect(atl!.candidate.scoreMedian! / atl!.baseline.scoreMedian! - 1).toBeCloseTo(0.01, 2);
    expect(lax!.candidate.scoreMedian! / lax!.baseline.scoreMedian! - 1).toBeCloseTo(0.2625, 2);
    expect(phx!.candidate).toMatchObject({ requests: 0, scoreMedian: null });
    expect(cityTable(run).text).toContain('✗ stopped here: shift/LAX');
  });

  test('and in the picture, which is drawn without a warning in every theme', async () => {
    const chart = await chartOf(run);
    expect(chart.finding).toBe('Stopped in LAX by shift/LAX; passed in ATL; never reached PHX.');
    expect(new Set(chart.datasets['expansion']!.map(({ city }) => city))).toEqual(new Set(['ATL', 'LAX']));
    const far = chart.datasets['shifts']!.filter(({ shift }) => shift !== null && Math.abs(shift as number) > 10);
    expect(new Set(far.map(({ city }) => city))).toEqual(new Set(['LAX']));
    const warnings: string[] = [];
    for (const theme of [LIGHT, DARK, PAPER]) compiled(chart, theme, (m) => warnings.push(m));
    await svg(chart, (m) => warnings.push(m));
    expect(warnings).toEqual([]);
  });
});

test('a healthy model passes in every city', async () => {
  const run = await citiesRun([]);
  expect(citiesOf(run).map(({ verdict }) => verdict)).toEqual(['passed', 'passed', 'passed']);
  expect((await chartOf(run)).finding).toBe('Passed in ATL, LAX, PHX.');
});

test('a run without segments has no cities', async () => {
  const run = await fixture('promoted', 10 * MINUTE);
  expect(citiesOf(run)).toEqual([]);
  expect(cityTable(run).text).toBe('');
});

const metBy = (run: RunData) => requirementsOf(run).map(({ met }) => met);

describe('what a rollback needs', () => {
  test('all of it was there', async () => {
    const run = await citiesRun([wrongInLax]);
    expect(metBy(run)).toEqual([true, true, true, true]);
    expect(requirementsOf(run)[2]!.figures).toMatch(
      /^warmed, no cache; latency p95 up to \d+\.?\d* ms, over 50 ms for 0s/,
    );
  });

  test('a fleet that is slow when its users come back, a load that takes too long, a deadline that passed', async () => {
    const run = await citiesRun([wrongInLax]);
    const rollback = run.outcome.rollback!;
    const { decidedAtMs, steps } = rollback;
    const slower = run.policy.guards.map((guard) =>
      guard.bound?.kind === 'absolute' ? { ...guard, bound: { ...guard.bound, value: 1 } } : guard,
    );
    const loadedAtMs = decidedAtMs + 2 * MINUTE;
    const late: RunData = {
      ...run,
      policy: { ...run.policy, guards: slower },
      outcome: {
        ...run.outcome,
        rollback: {
          ...rollback,
          withinDeadline: false,
          steps: [{ name: 'load-baseline', startMs: decidedAtMs, endMs: loadedAtMs }, ...steps],
        },
      },
    };
    expect(metBy(late)).toEqual([true, false, false, false]);
    expect(requirementsOf(late)[1]!.figures).toMatch(/^loading took 2m, everything else \d+s, of a deadline of 2m$/);
    expect(rollbackRequirements(late).text).toContain('✗\u00a0not\u00a0met');
  });

  test('a refused rollout says why; one that went well has nothing to say', async () => {
    const refused = requirementsOf(await fixture('refused', 10 * MINUTE));
    expect(refused).toMatchObject([{ met: false, figures: expect.stringContaining('refused') as string }]);
    expect(rollbackRequirements(await fixture('promoted', 10 * MINUTE)).text).toBe('');
  });
});
