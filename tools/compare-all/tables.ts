/** What all comparisons add up to, as Markdown. */
import type { Comparison, Figure } from '../../comparison/comparison.ts';
import { formatDuration } from '../../config/units.ts';
import type { Outcome } from '../../outcome.ts';
import { change, count, ms, number, percent } from '../../reports/format.ts';
import { STATUS_MARKS } from '../../reports/comparison/words.ts';
import { clopperPearson } from '../../statistics/binomial.ts';
import { BUSY, type Case, notRun } from './cases.ts';

export interface Result {
  readonly case: Case;
  /** Null: the live run was no measurement, for these reasons. */
  readonly comparison: Comparison | null;
  readonly reasons: readonly string[];
  readonly live: Outcome;
}

/** `head` says when and on what it was measured. */
export function tablesOf(results: readonly Result[], head: string): string {
  const measured = results.flatMap((result) =>
    result.comparison === null ? [] : [{ ...result, comparison: result.comparison }],
  );
  return [
    head,
    '',
    agreement(measured.map(({ comparison }) => comparison)),
    '',
    '| rehearsed | stands for | simulated | live | guards | decided at, simulated / live | traffic off after | rollback |',
    '|---|---|---|---|---|---|---|---|',
    ...results.map(verdictRow),
    '',
    ...accuracy(measured),
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

const at = (atMs: number | null): string => (atMs === null ? '–' : formatDuration(Math.round(atMs)));
const by = (guard: string | null): string => (guard === null ? '–' : `\`${guard}\``);

function verdictRow({ case: { name, of }, comparison, reasons, live }: Result): string {
  const stands = of === null ? '–' : `\`${of}\``;
  if (comparison === null)
    return `| \`${name}\` | ${stands} | – | no measurement: ${reasons.join('; ')} | – | – | – | – |`;
  const { sim, live: end, agreement: agreed } = comparison;
  const verdict = agreed.verdict ? end.verdict : `**${end.verdict}**`;
  const guards = agreed.guard ? by(sim.guard) : `${by(sim.guard)} / ${by(end.guard)}`;
  const off = live.live?.rollback?.trafficOffAfterMs ?? null;
  return `| \`${name}\` | ${stands} | ${sim.verdict} | ${verdict} | ${guards} | ${at(sim.decidedAtMs)} / ${at(end.decidedAtMs)} | ${off === null ? '–' : ms(off)} | ${at(end.rollbackMs)} |`;
}

/** Figures of both arms at the three loads. */
function accuracy(measured: readonly (Result & { readonly comparison: Comparison })[]): string[] {
  const shown = ['latency mean', 'latency p50', 'latency p95', 'latency p99', 'latency p99.9'];
  const rows = BUSY.flatMap((name) => {
    const found = measured.find((each) => each.case.name === name);
    if (found === undefined) return [`| \`${name}\` | no measurement | | | | | | | |`];
    return found.comparison.arms.map(({ arm, requests, figures }) => {
      const figure = (wanted: string): Figure | undefined => figures.find((each) => each.name === wanted);
      const cell = (wanted: string): string => {
        const { sim, live, difference, status } = figure(wanted)!;
        return `${number(sim)} / ${number(live)}, ${change(difference)} ${STATUS_MARKS[status]}`;
      };
      const busy = figure('utilisation');
      return `| \`${name}\`, ${arm} | ${percent(busy?.sim ?? null)} / ${percent(busy?.live ?? null)} | ${count(requests.live)} | ${shown.map(cell).join(' | ')} |`;
    });
  });
  return [
    'Latency simulated / live, ms, and live against simulated (✓ inside its band, ✗ outside, ? too few samples):',
    '',
    '| arm | utilisation, simulated / live | requests | mean | p50 | p95 | p99 | p99.9 |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ];
}
