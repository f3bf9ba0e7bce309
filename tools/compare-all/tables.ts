/** What all comparisons add up to, as Markdown. */
import type { ArmComparison, Comparison, Figure } from '../../comparison/comparison.ts';
import { formatDuration } from '../../config/units.ts';
import type { Outcome } from '../../outcome.ts';
import { change, count, ms, number, percent } from '../../reports/format.ts';
import { STATUS_MARKS } from '../../reports/comparison/words.ts';
import { clopperPearson } from '../../statistics/binomial.ts';
import { BUSY, type Case, expectedVerdict, notRun, TWICE } from './cases.ts';

/** Figures of one arm in two runs. */
export type ArmFigures = Omit<ArmComparison, 'quantiles'>;

export interface Result {
  readonly case: Case;
  /** Null: the live run was no measurement, for these reasons. */
  readonly comparison: Comparison | null;
  readonly reasons: readonly string[];
  readonly live: Outcome;
}

/** `head` says when and on what it was measured; `noise` compares two live runs of one case (null: there are not two). */
export function tablesOf(results: readonly Result[], head: string, noise: readonly ArmFigures[] | null): string {
  const measured = results.flatMap((result) =>
    result.comparison === null ? [] : [{ ...result, comparison: result.comparison }],
  );
  return [
    head,
    '',
    agreement(measured.map(({ comparison }) => comparison)),
    '',
    asShipped(measured),
    '',
    '| rehearsed | stands for | simulated | live | as expected | guards | decided at, simulated / live | traffic off after | rollback |',
    '|---|---|---|---|---|---|---|---|---|',
    ...results.map(verdictRow),
    '',
    ...accuracy(measured),
    '',
    ...noiseFloor(noise),
    '',
    'Not rehearsed live:',
    '',
    ...notRun().map(({ name, why }) => `- \`${name}\` ${why}`),
  ].join('\n');
}

function agreement(comparisons: readonly Comparison[]): string {
  const n = comparisons.length;
  const k = comparisons.filter(({ agreement: { verdict } }) => verdict).length;
  const same = comparisons.filter(({ agreement: { guard, verdict } }) => guard && verdict).length;
  if (n === 0) return '**No live run was a measurement.**';
  const [low, high] = clopperPearson(k, n);
  return `**The worlds gave the same verdict in ${k} of ${n} rehearsals** (95 % interval ${percent(low)} to ${percent(high)}), by the same guard in ${same}.`;
}

/** Whether cases show what they stand for: a candidate that both worlds let through agrees about nothing when it should have been stopped. */
function asShipped(measured: readonly { readonly case: Case; readonly comparison: Comparison }[]): string {
  const expected = measured.flatMap(({ case: each, comparison: { sim, live } }) => {
    const verdict = expectedVerdict(each);
    return verdict === null ? [] : [{ name: each.name, is: sim.verdict === verdict && live.verdict === verdict }];
  });
  const others = expected.filter(({ is }) => !is).map(({ name }) => `\`${name}\``);
  const but = others.length === 0 ? '' : `; not in ${others.join(', ')}`;
  return `Both worlds gave the verdict that the shipped scenario expects, or the case itself where it stands for none, in ${expected.length - others.length} of ${expected.length} that expect one${but}.`;
}

const at = (atMs: number | null): string => (atMs === null ? '–' : formatDuration(Math.round(atMs)));
const by = (guard: string | null): string => (guard === null ? '–' : `\`${guard}\``);

function verdictRow({ case: each, comparison, reasons, live }: Result): string {
  const { name, of } = each;
  const stands = of === null ? '–' : `\`${of}\``;
  if (comparison === null)
    return `| \`${name}\` | ${stands} | – | no measurement: ${reasons.join('; ')} | – | – | – | – | – |`;
  const { sim, live: end, agreement: agreed } = comparison;
  const doubt = agreed.verdict && agreed.inconclusive !== null ? ` (inconclusive: ${agreed.inconclusive})` : '';
  const verdict = agreed.verdict ? `${end.verdict}${doubt}` : `**${end.verdict}**`;
  const guards = agreed.guard ? by(sim.guard) : `${by(sim.guard)} / ${by(end.guard)}`;
  const wanted = expectedVerdict(each);
  const met = wanted === null ? '–' : sim.verdict === wanted && end.verdict === wanted ? '✓' : `✗ ${wanted}`;
  const off = live.live?.rollback?.trafficOffAfterMs ?? null;
  return `| \`${name}\` | ${stands} | ${sim.verdict} | ${verdict} | ${met} | ${guards} | ${at(sim.decidedAtMs)} / ${at(end.decidedAtMs)} | ${off === null ? '–' : ms(off)} | ${at(end.rollbackMs)} |`;
}

const SHOWN = ['latency mean', 'latency p50', 'latency p95', 'latency p99', 'latency p99.9'];
const HEADER = [
  '| arm | utilisation | requests | mean | p50 | p95 | p99 | p99.9 |',
  '|---|---|---|---|---|---|---|---|',
];

/** Figures of both arms by rising load. */
function accuracy(measured: readonly (Result & { readonly comparison: Comparison })[]): string[] {
  const rows = BUSY.flatMap(({ name, heldOut }) => {
    const title = `\`${name}\`${heldOut ? ', held out' : ''}`;
    const found = measured.find((each) => each.case.name === name);
    if (found === undefined) return [`| ${title} | no measurement | | | | | | |`];
    return found.comparison.arms.map((arm) => figuresRow(title, arm));
  });
  return [
    'Latency simulated / live, ms, and live against simulated (✓ inside its band, ✗ outside, ? too few samples). The calibration was measured at',
    'about 30, 60 and 80 % busy; what is held out lies between:',
    '',
    ...HEADER,
    ...rows,
  ];
}

function figuresRow(title: string, { arm, requests, figures }: ArmFigures): string {
  const figure = (wanted: string): Figure | undefined => figures.find((each) => each.name === wanted);
  const cell = (wanted: string): string => {
    const { sim, live, difference, status } = figure(wanted)!;
    return `${number(sim)} / ${number(live)}, ${change(difference)} ${STATUS_MARKS[status]}`;
  };
  const busy = figure('utilisation');
  return `| ${title}, ${arm} | ${percent(busy?.sim ?? null)} / ${percent(busy?.live ?? null)} | ${count(requests.live)} | ${SHOWN.map(cell).join(' | ')} |`;
}

function noiseFloor(noise: readonly ArmFigures[] | null): string[] {
  if (noise === null) return ['**No noise floor**: no two live runs of one case were measurements.'];
  return [
    `Noise floor: \`${TWICE}\` live twice, the first run / the last, and the last against the first. A difference above that is no larger says nothing:`,
    '',
    ...HEADER,
    ...noise.map((arm) => figuresRow(`\`${TWICE}\``, arm)),
  ];
}
