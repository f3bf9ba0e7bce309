import { parseDuration, parseFraction } from '../../config/units.ts';
import type { Characteristics } from '../../tuning/characteristics.ts';
import type { Rate } from '../../tuning/distribution.ts';
import { type Chart, type LeftOut, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { percent } from '../format.ts';
import type { Theme } from '../theme.ts';
import { policyChannels } from './palette.ts';
import { leftOutPolicies, shown, shownPolicies, type SweepData } from './sweep-data.ts';

type Varied = Characteristics & { readonly variation: NonNullable<Characteristics['variation']> };

/** The chance to stop a candidate, by the setting that was varied: one plot per family and setting. */
export function powerChart(sweep: SweepData): Chart | LeftOut {
  const head = { id: 'power', title: 'Power: what size of change is stopped' };
  const varied = shown(sweep).filter((c): c is Varied => c.variation !== null && c.replications > 0);
  if (varied.length === 0) return { ...head, because: 'nothing was varied (see --vary)' };
  const policies = shownPolicies(sweep);
  const groups = [...Map.groupBy(varied, ({ family, variation }) => `${family}: ${variation.path}`)];
  const rows = groups.flatMap(([group, members]) => members.map((member) => rowOf(group, member)));
  return {
    ...head,
    finding: findingOf(varied),
    note: `Stopped: rolled back or refused, whatever the cause. Paused ones are not, and stand in the table. Bars: 95 % Clopper-Pearson intervals.${leftOutPolicies(sweep)}`,
    datasets: { power: rows },
    table: {
      dataset: 'power',
      columns: [
        { field: 'group', label: 'what was varied' },
        { field: 'value', label: 'value' },
        { field: 'policy', label: 'policy' },
        { field: 'stopped', label: 'share stopped' },
        { field: 'low', label: '95 % from' },
        { field: 'high', label: '95 % to' },
        { field: 'paused', label: 'share paused' },
        { field: 'missed', label: 'share promoted' },
        { field: 'rollouts', label: 'rollouts' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => ({
      spacing: 26,
      resolve: { scale: { x: 'independent' } },
      vconcat: groups.map(([group, members]) => plot(group, members, policies, theme)),
    }),
  };
}

/** Rolled back or refused, rightly or not: what the policy's ability to see a size of change is. */
const stopped = (c: Characteristics): Rate => c.detected ?? c.falseRollback;

function rowOf(group: string, c: Varied): Row {
  const rate = stopped(c);
  return {
    group,
    value: c.variation.value,
    size: sizeOf(c.variation.value),
    policy: c.policy,
    stopped: rate.ratio,
    low: rate.low,
    high: rate.high,
    paused: c.paused.ratio,
    missed: c.missedRegression?.ratio ?? null,
    rollouts: c.replications,
  };
}

/** `0.2%`, `30ms`, `2.5` as a number; null when the values are words. */
function sizeOf(value: string): number | null {
  const plain = Number(value);
  return Number.isFinite(plain) ? plain : (parseFraction(value) ?? parseDuration(value));
}

const shareY = (field: string): Spec => ({
  field,
  type: 'quantitative',
  scale: { domain: [0, 1] },
  axis: { title: 'share stopped', format: '.0%', tickCount: 5 },
});

function plot(group: string, members: readonly Varied[], policies: readonly string[], theme: Theme): Spec {
  const values = [...new Set(members.map(({ variation }) => variation.value))].toSorted(
    (a, b) => (sizeOf(a) ?? 0) - (sizeOf(b) ?? 0),
  );
  const x = {
    field: 'value',
    type: 'ordinal',
    scale: { type: 'band', domain: values, padding: policies.length > 1 ? 0.8 : 0 },
    axis: { title: group, labelAngle: 0, labelOverlap: true, grid: false },
  };
  const offset = policies.length > 1 ? { xOffset: { field: 'policy', scale: { domain: policies } } } : {};
  const tooltip = [
    { field: 'value', title: 'value' },
    { field: 'policy', title: 'policy' },
    { field: 'stopped', type: 'quantitative', title: 'stopped', format: '.3~%' },
    { field: 'low', type: 'quantitative', title: '95 % from', format: '.3~%' },
    { field: 'high', type: 'quantitative', title: '95 % to', format: '.3~%' },
    { field: 'rollouts', title: 'rollouts' },
  ];
  const colour = policyChannels(policies, theme, false);
  return {
    data: { name: 'power' },
    transform: [{ filter: { field: 'group', equal: group } }],
    width: PLOT_WIDTH - 60,
    height: 240,
    layer: [
      {
        mark: { type: 'line', strokeWidth: 2, aria: false },
        encoding: { x, y: shareY('stopped'), ...offset, ...colour },
      },
      {
        mark: { type: 'rule', strokeWidth: 2, opacity: 0.7, aria: false },
        encoding: { x, y: shareY('low'), y2: { field: 'high' }, ...offset, ...colour, tooltip },
      },
      {
        mark: { type: 'point', filled: true, size: 75, opacity: 1, aria: false },
        encoding: { x, y: shareY('stopped'), ...offset, ...policyChannels(policies, theme), tooltip },
      },
    ],
  };
}

function findingOf(varied: readonly Varied[]): string {
  const [first] = varied;
  const own = varied
    .filter(({ policy, family }) => policy === first!.policy && family === first!.family)
    .toSorted((a, b) => (sizeOf(a.variation.value) ?? 0) - (sizeOf(b.variation.value) ?? 0));
  const low = own.at(0)!;
  const high = own.at(-1)!;
  const words = (c: Varied): string => `${percent(stopped(c).ratio, 2)} at ${c.variation.value}`;
  return `${first!.family} under ${first!.policy}: ${words(low)} of ${low.variation.path} are stopped, ${words(high)}.`;
}
