/** What a shadow showed, arm by arm, and what it cost: pairs, missing features, times, extra work, and the store that both arms share. */
import { TimeTotal } from '../../telemetry/histogram.ts';
import { ALL_SEGMENTS, type Arm, type ArmWindow, type TimeHistogram, type Window } from '../../telemetry/window.ts';
import { change, count, ms, NONE, number, percent } from '../format.ts';
import type { RunData } from '../run-data.ts';
import { beforeUsers } from '../series.ts';
import { wilson } from '../wilson.ts';
import { html, type Markup } from './escape.ts';
import { table } from './table.ts';

const HOUR_MS = 3_600_000;

const rowOf = ({ rows }: Window, arm: Arm): ArmWindow =>
  rows.find((row) => row.arm === arm && row.segment === ALL_SEGMENTS)!;

/** Nothing for a rollout without a shadow. */
export function shadowTables(run: RunData): Markup {
  const windows = beforeUsers(run.windows);
  if (windows.length === 0) return html``;
  return html`${table('Shadow: what it showed', ['', 'baseline', 'candidate'], shown(run, windows))}${table('Shadow: what it cost', ['', 'in all', 'per 1,000 requests of users'], costOf(windows))}${storeTable(run)}`;
}

type Of = (row: ArmWindow) => number;
const sumOf = (windows: readonly Window[], arm: Arm, of: Of): number =>
  windows.reduce((sum, window) => sum + of(rowOf(window, arm)), 0);

/** Pairs of the shadow: how many differ, with the interval of their share, and by how much on average. */
export function mismatchOf(windows: readonly Window[]): {
  readonly compared: number;
  readonly ratio: number | null;
  readonly interval: readonly [number, number] | null;
  readonly meanDifference: number | null;
} {
  const of = (field: 'compared' | 'mismatches' | 'absoluteDifferenceSum'): number =>
    sumOf(windows, 'candidate', ({ shadow }) => shadow?.[field] ?? 0);
  const compared = of('compared');
  const mismatches = of('mismatches');
  return {
    compared,
    ratio: compared === 0 ? null : mismatches / compared,
    interval: wilson(mismatches, compared),
    meanDifference: compared === 0 ? null : of('absoluteDifferenceSum') / compared,
  };
}

const both = (name: string, of: (arm: Arm) => string): string[] => [name, of('baseline'), of('candidate')];

function shown({ outcome }: RunData, windows: readonly Window[]): string[][] {
  const { compared, ratio, interval, meanDifference } = mismatchOf(windows);
  const between = interval === null ? '' : ` (${interval.map((end) => percent(end)).join(' to ')})`;
  const times = (name: string, q: number, of: (row: ArmWindow) => TimeHistogram): string[] =>
    both(name, (arm) => ms(quantile(windows, arm, q, of)));
  return [
    ['pairs compared', NONE, count(compared)],
    ['pairs that differ beyond the tolerance (95 % interval)', NONE, percent(ratio) + between],
    ['mean difference of a pair’s scores', NONE, number(meanDifference)],
    [
      'shift of the median / the mean score',
      NONE,
      `${change(outcome.shadow.scoreMedianShift)} / ${change(outcome.shadow.scoreMeanShift)}`,
    ],
    both('answered without their features', (arm) => {
      const requests = sumOf(windows, arm, (row) => row.requests);
      return requests === 0 ? NONE : percent(sumOf(windows, arm, (row) => row.featuresMissing) / requests);
    }),
    times('feature fetch p50', 0.5, (row) => row.featureFetch),
    times('feature fetch p99', 0.99, (row) => row.featureFetch),
    times('wait in queue p99', 0.99, (row) => row.wait),
    times('answer p50, features and queue included', 0.5, (row) => row.latency),
    times('answer p99', 0.99, (row) => row.latency),
    times('answer p99.9', 0.999, (row) => row.latency),
  ];
}

function quantile(
  windows: readonly Window[],
  arm: Arm,
  q: number,
  of: (row: ArmWindow) => TimeHistogram,
): number | null {
  const total = new TimeTotal();
  for (const window of windows) total.add(of(rowOf(window, arm)));
  const value = total.quantile(q);
  total.destroy();
  return value;
}

/** Everything the candidate did while no user saw it is extra. */
function costOf(windows: readonly Window[]): string[][] {
  const users = sumOf(windows, 'baseline', (row) => row.requests - row.mirrored);
  const line = (name: string, amount: number, text: (value: number) => string): string[] => [
    name,
    text(amount),
    users === 0 ? NONE : number((1000 * amount) / users),
  ];
  return [
    line(
      'extra inferences',
      sumOf(windows, 'candidate', (row) => row.mirrored),
      count,
    ),
    line(
      'extra fetches from the feature store',
      sumOf(windows, 'candidate', (row) => row.cacheMisses),
      count,
    ),
    line('extra slot-hours', sumOf(windows, 'candidate', (row) => row.busyMs ?? 0) / HOUR_MS, number),
  ];
}

/** The store that both arms fetch from, stage by stage: what mirroring does to the users' own fetches. */
function storeTable({ outcome, policy, windows }: RunData): Markup {
  const rows = outcome.stages.flatMap(({ name, startMs, endMs, weightPercent }) => {
    const inside = windows.filter((window) => window.startMs >= startMs && window.endMs <= endMs);
    const fetches = inside.length === 0 ? 0 : sumOf(inside, 'baseline', (row) => row.cacheMisses);
    if (fetches === 0) return [];
    const seconds = (endMs - startMs) / 1000;
    const mirrored = policy.stages.find((stage) => stage.name === name)?.mirrorPercent ?? 0;
    const used = outcome.featureStore?.stages.find((stage) => stage.name === name)?.utilisation ?? null;
    const rate = (arm: Arm): string => number(sumOf(inside, arm, (row) => row.cacheMisses) / seconds);
    const p99 = (arm: Arm): string => ms(quantile(inside, arm, 0.99, (row) => row.featureFetch));
    return [
      [
        name,
        `${number(weightPercent)} % / ${number(mirrored)} %`,
        `${rate('baseline')} / ${rate('candidate')}`,
        outcome.featureStore === undefined ? 'no limit' : percent(used),
        `${p99('baseline')} / ${p99('candidate')}`,
      ],
    ];
  });
  const slots = outcome.featureStore === undefined ? '' : `, ${count(outcome.featureStore.slots)} slots`;
  return table(
    `The shared feature store by stage${slots}`,
    ['stage', 'weight / mirrored', 'fetches per second, b / c', 'store busy', 'fetch p99, b / c'],
    rows,
  );
}
