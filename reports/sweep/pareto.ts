import type { SearchedPolicy, SearchResult } from '../../tuning/search/search-result.ts';
import { type Chart, type LeftOut, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { count, duration, percent, plural } from '../format.ts';
import type { Theme } from '../theme.ts';
import { timeAxis } from '../time-axis.ts';
import type { SweepData } from './sweep-data.ts';

/** More policies than this are a cloud: every k-th one of those off the front is drawn. */
const MOST_DOTS = 1500;

const KINDS = ['judged', 'on the front', 'as it was', 'recommended'] as const;

const SIZES = { judged: 18, 'on the front': 70, 'as it was': 110, recommended: 150 } as const;

/** What a policy of the search is shown as. */
export function kindOf({ id, isOnFront }: SearchedPolicy, { chosen }: SearchResult): (typeof KINDS)[number] {
  if (id === chosen.id) return 'recommended';
  if (id === 0) return 'as it was';
  return isOnFront ? 'on the front' : 'judged';
}

/** False rollbacks against detection delay and harm, of every policy that was judged, on the seeds of the search. */
export function paretoChart({ search }: SweepData): Chart | LeftOut {
  const head = { id: 'pareto', title: 'What can be had at once' };
  if (search === null) return { ...head, because: 'no policies were searched (see `coalmine tune --search`)' };
  const { result } = search;
  const known = result.policies.filter(({ search: { falseRollback } }) => falseRollback !== null);
  if (known.length === 0) return { ...head, because: 'no scenario of the sweep has a healthy candidate' };
  const kept = thinned(known, result);
  const axis = timeAxis(
    Math.max(1, ...kept.map(({ search: { detectionDelayMs } }) => detectionDelayMs ?? 0)),
    'the onset',
  );
  const rows = kept.map((policy): Row => {
    const { falseRollback, detectionDelayMs, harm, notCaught } = policy.search;
    return {
      id: policy.id,
      policy: policy.changes.length === 0 ? result.base : changesText(policy),
      kind: kindOf(policy, result),
      size: SIZES[kindOf(policy, result)],
      falseRollback,
      delay: detectionDelayMs === null ? null : Number((detectionDelayMs / axis.unitMs).toPrecision(6)),
      harm: harm === null ? null : Number(harm.toPrecision(6)),
      notCaught,
    };
  });
  const fields = [
    { field: 'delay', title: `mean delay, ${axis.unit}; a regression not caught counts to the end` },
    { field: 'harm', title: 'mean harm per rollout, requests' },
  ].filter(({ field }) => rows.some((row) => row[field] !== null));
  return {
    ...head,
    finding: findingOf(result),
    note: `Every dot is a policy, on the seeds of the search${kept.length < known.length ? ` (${count(kept.length)} of ${count(known.length)} drawn)` : ''}; the line joins those no other beats. The best of many look better than they are: what to believe are the held-out figures below. Choose a dot of the line to read its policy.`,
    datasets: { policies: rows },
    table: {
      dataset: 'policies',
      columns: [
        { field: 'id', label: 'policy' },
        { field: 'policy', label: 'what it changes' },
        { field: 'kind', label: 'is' },
        { field: 'falseRollback', label: 'false rollbacks' },
        { field: 'notCaught', label: 'not caught' },
        { field: 'delay', label: `mean delay, ${axis.unit}` },
        { field: 'harm', label: 'mean harm' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => ({
      columns: 2,
      spacing: 26,
      data: { name: 'policies' },
      concat: fields.map(({ field, title }, i) =>
        plot(field, title, (PLOT_WIDTH - 60) / fields.length - 20, i === 0, theme),
      ),
    }),
  };
}

function thinned(policies: readonly SearchedPolicy[], result: SearchResult): readonly SearchedPolicy[] {
  const plain = policies.filter((policy) => kindOf(policy, result) === 'judged');
  const step = Math.max(1, Math.ceil(plain.length / MOST_DOTS));
  const kept = new Set(plain.filter((_, i) => i % step === 0));
  return policies.filter((policy) => kindOf(policy, result) !== 'judged' || kept.has(policy));
}

/** "guards.p95-sustained.sustained.for: 15m → 10m". */
export const changesText = ({ changes }: Pick<SearchedPolicy, 'changes'>): string =>
  changes.map(({ path, from, to }) => `${path}: ${from ?? 'nothing'} → ${to ?? 'nothing'}`).join('; ');

function plot(field: string, title: string, width: number, isFirst: boolean, theme: Theme): Spec {
  const x = {
    field,
    type: 'quantitative',
    scale: { zero: false, nice: true },
    axis: { title, tickCount: 6, labelExpr: "format(datum.value, '~s')" },
  };
  const y = {
    field: 'falseRollback',
    type: 'quantitative',
    scale: { type: 'sqrt', zero: true, nice: true },
    axis: { title: isFirst ? 'false rollbacks, mean over healthy scenarios' : null, format: '.3~%', tickCount: 6 },
  };
  const channel = { field: 'kind', type: 'nominal', title: null };
  const colours = [theme.state.inconclusive, theme.arm.baseline, theme.ink, theme.arm.candidate];
  const tooltip = [
    { field: 'policy', title: 'changes' },
    { field: 'kind', title: 'is' },
    { field: 'falseRollback', type: 'quantitative', title: 'false rollbacks', format: '.3~%' },
    { field: 'notCaught', type: 'quantitative', title: 'not caught', format: '.3~%' },
    { field, type: 'quantitative', title, format: '.4~r' },
  ];
  const legend = { symbolSize: 90, symbolOpacity: 1 };
  return {
    width,
    height: 300,
    layer: [
      {
        transform: [
          { filter: { not: { field: 'kind', equal: 'judged' } } },
          { window: [{ op: 'min', field: 'falseRollback', as: 'best' }], sort: [{ field }], frame: [null, 0] },
        ],
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.3, color: theme.arm.baseline, aria: false },
        encoding: { x, y: { ...y, field: 'best' } },
      },
      {
        mark: { type: 'point', filled: true, cursor: 'pointer', aria: false },
        encoding: {
          x,
          y,
          color: { ...channel, scale: { domain: KINDS, range: colours }, legend },
          shape: { ...channel, scale: { domain: KINDS, range: ['circle', 'circle', 'square', 'diamond'] }, legend },
          size: { field: 'size', type: 'quantitative', scale: null },
          opacity: { condition: { test: "datum.kind === 'judged'", value: 0.45 }, value: 1 },
          order: { field: 'size', type: 'quantitative' },
          tooltip,
        },
      },
    ],
  };
}

const rateOf = (figures: { objectives: SearchResult['policies'][0]['search'] }): string =>
  `${percent(figures.objectives.falseRollback, 2)} false rollbacks, delay ${duration(figures.objectives.detectionDelayMs)}`;

function findingOf({ policies, chosen, base }: SearchResult): string {
  const front = policies.filter(({ isOnFront }) => isOnFront).length;
  const judged = `${plural(policies.length, 'policy').replace('policys', 'policies')} judged, ${front} of them beaten by no other`;
  if (chosen.id === 0) return `${judged}; none was better than ${base}.`;
  return `${judged}. On held-out seeds the recommended one has ${rateOf(chosen.heldOut)}; ${base} has ${rateOf(chosen.baseHeldOut)}.`;
}
