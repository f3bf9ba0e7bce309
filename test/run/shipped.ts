/**
 * The scenarios that come with Coalmine, each rehearsed once, in this process, under its own policy and compressed: `npm run rehearse:all` takes the full size.
 * Traps are small as they are, and rehearsed under this policy and others in traps.test.ts.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatCount } from '../../config/units.ts';
import type { Outcome } from '../../outcome.ts';
import { policyFor, runScenario } from '../../run.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

/**
 * In a smaller rehearsal every stretch of the policy holds fewer samples: below 3.93M requests canary-1 has fewer than the
 * 5,000 that the errors guard wants in 15 minutes. A regression that another guard finds needs less.
 */
const ENOUGH = 4e6;
const SIZES: Readonly<Record<string, number>> = {
  'slow-tail': 500e3,
  // Lists are judged within minutes, plays within an hour.
  'netflix-shadow': 2e6,
  'netflix-equal': 2e6,
  'netflix-popular': 1e6,
  'netflix-broken': 1e6,
  // A test of means needs less than the errors guard of the seed policy.
  'google-ranking': 2e6,
  'ctr-drop': 1e6,
  'score-skew': 500e3,
  'unit-bug': 500e3,
  // Found at 1 % mirrored, or soon after everything is.
  'shadow-missing': 6e6,
  'shadow-skew': 6e6,
  'shadow-store': 6e6,
  'shadow-tail': 10e6,
  // 1 % of one city must still be enough to see a median.
  'uber-eta': 6e6,
  'uber-eta-phx': 6e6,
  'uber-eta-dfw': 6e6,
  'uber-eta-skewed': 10e6,
  // Caches live for ten minutes whatever the scale: a shorter rehearsal would not let them expire.
  'rollback-cold': 10e6,
  'rollback-unloaded': 10e6,
  'rollback-warm': 10e6,
  // Rolled back by a guard that needs no more.
  'cold-cache': 500e3,
};
export interface Rehearsed {
  readonly name: string;
  readonly scenario: Scenario;
  readonly expected: NonNullable<Scenario['expect']>;
  /** What is proved, as a test's name. */
  readonly title: string;
  readonly run: () => Promise<Outcome>;
}

const shipped: readonly { readonly name: string; readonly stated: Scenario }[] = readdirSync(
  join(packageRoot, 'scenarios'),
)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => ({
    name: file.slice(0, -'.yaml'.length),
    stated: loadScenario(join(packageRoot, 'scenarios', file)).scenario,
  }));

export const shippedTraps: readonly Scenario[] = shipped
  .map(({ stated }) => stated)
  .filter(({ trap }) => trap !== undefined);

const rehearsals: readonly Rehearsed[] = shipped
  .filter(({ stated }) => stated.trap === undefined)
  .map(({ name, stated }) => {
    // Those for real servers are small as they are.
    const isSmall = name.startsWith('live-');
    const { scenario } = isSmall
      ? { scenario: stated }
      : loadScenario(stated.file, { requests: SIZES[name] ?? ENOUGH });
    const expected = scenario.expect!;
    const end = `${expected.verdict}${expected.guard === null ? '' : ` by ${expected.guard}`}`;
    return {
      name,
      scenario,
      expected,
      title: `${name}, ${formatCount(scenario.traffic.requests)} requests: ${end}`,
      run: () => runScenario(scenario, policyFor(scenario), { out: null, clock: () => 0 }),
    };
  });

export const shippedWith = (candidate: 'healthy' | 'regressed'): readonly Rehearsed[] =>
  rehearsals.filter(({ scenario }) => scenario.truth.candidate === candidate);
