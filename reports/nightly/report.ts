/** The report of a night: one page, and every chart as specification and picture. */
import type { FigureComparison } from '../../nightly/compare-nights.ts';
import type { Night } from '../../nightly/night.ts';
import type { NightResult } from '../../nightly/result.ts';
import type { VerdictComparison } from '../../nightly/verdicts.ts';
import { NONE, percent, plural } from '../format.ts';
import { html, Markup } from '../html/escape.ts';
import { page, type Section } from '../html/page.ts';
import { verdictShape } from '../html/shape.ts';
import { table } from '../html/table.ts';
import { type ReportFormat, writeSections } from '../write.ts';
import { effectsChart, historyChart } from './charts.ts';
import {
  effectText,
  findingsOf,
  intervalText,
  seedsText,
  sentenceOf,
  SIGNS,
  titleOf,
  toleranceText,
  toneOf,
  valueText,
} from './words.ts';

/** Writes report.html and specs/ into `dir`, and gives the paths. */
export function writeNight(result: NightResult, dir: string, formats: readonly ReportFormat[]): Promise<string[]> {
  const { night } = result;
  const sections = sectionsOf(result);
  return writeSections(
    dir,
    sections,
    (svgs) =>
      page({
        title: `${night.suite.name}: ${night.date}`,
        header: header(result),
        sections,
        svgs,
        footer: `Suite ${night.suite.hash}; code ${night.code}; ${night.host.cpu}, ${plural(night.host.cores, 'core')}.`,
      }),
    formats,
  );
}

function sectionsOf(result: NightResult): Section[] {
  const findings = findingsOf(result);
  const { comparison } = result;
  return [
    ...(findings.length === 0
      ? []
      : [
          {
            id: 'findings',
            title: 'To be looked at',
            body: html`<ul>${findings.map((each) => html`<li>${each}</li>`)}</ul>`,
          },
        ]),
    { id: 'verdicts', title: 'Verdicts', body: verdictTable(comparison.verdicts, result.night) },
    effectsChart(result),
    historyChart(result),
    { id: 'figures', title: 'Every figure', body: figureTables(comparison.figures) },
    { id: 'method', title: 'How this was compared', body: method(result) },
  ];
}

function header(result: NightResult): Markup {
  const { night, comparison } = result;
  const tone = toneOf(result);
  const facts = [
    ['rehearsals', String(night.runs.length)],
    ['nights before', String(comparison.nights)],
    ['figures worse', String(comparison.figures.filter(({ status }) => status === 'worse').length)],
    ['ended worse', String(comparison.verdicts.reduce((sum, { newlyWorse }) => sum + newlyWorse.length, 0))],
  ] as const;
  return html`<header class="${tone}">
<p class="what">Night of <strong>${night.date}</strong>, suite <strong>${night.suite.name}</strong></p>
<div class="verdict">${verdictShape(tone)}<div><h1>${titleOf(result)}</h1><p class="judgement">${sentenceOf(result)}.</p></div></div>
<dl class="figures">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

/** Every rehearsal with how it ended, seed by seed where they differ. */
const verdictTable = (verdicts: readonly VerdictComparison[], { runs }: Night): Markup =>
  table(
    'How the rehearsals ended',
    [
      'rehearsal',
      'seeds',
      'ended',
      'wrong',
      'undecided',
      'worse than before',
      'better than before',
      'nights compared with',
    ],
    verdicts.map(({ rehearsal, seeds, wrong, undecided, newlyWorse, newlyBetter, nights, isOther }) => [
      rehearsal,
      reportLinks(runs.filter((run) => run.rehearsal === rehearsal)),
      [
        ...Map.groupBy(
          runs.filter((run) => run.rehearsal === rehearsal),
          endOf,
        ),
      ]
        .map(([end, of]) => `${of.length} of ${seeds} ${end}`)
        .join('; '),
      seedsText(wrong),
      seedsText(undecided),
      seedsText(newlyWorse),
      seedsText(newlyBetter),
      isOther ? 'none: it is another one' : nights === 0 ? NONE : String(nights),
    ]),
    'words',
  );

/** Every seed leads to the report of its own rehearsal. */
const reportLinks = (runs: Night['runs']): Markup =>
  html`${runs.map(({ rehearsal, seed }) => html`<a href="rehearsals/${encodeURIComponent(`${rehearsal}-${seed}`)}/report.html">${seed}</a> `)}`;

const endOf = ({ verdict, guard }: Night['runs'][number]): string =>
  guard === null ? verdict : `${verdict} by ${guard}`;

const HEADS = ['figure', '', 'before', 'tonight', 'effect', 'interval', 'tolerated', 'from'];

function figureTables(figures: readonly FigureComparison[]): Markup[] {
  if (figures.length === 0) return [html`<p>There is no night before that any of them could be compared with.</p>`];
  return [...Map.groupBy(figures, ({ rehearsal }) => rehearsal)].map(([rehearsal, own]) =>
    table(
      rehearsal,
      HEADS,
      own.map((figure) => [
        figure.title,
        `${SIGNS[figure.status]} ${figure.status}`,
        valueText(figure, figure.before),
        valueText(figure, figure.tonight),
        effectText(figure),
        intervalText(figure),
        toleranceText(figure),
        plural(figure.n, figure.scatter === 'seeds' ? 'seed' : 'night'),
      ]),
    ),
  );
}

const method = ({ comparison }: NightResult): Markup =>
  html`<p>In virtual time a seed gives the same bytes every night until code, scenario or policy changes. So each seed is compared with the median of its
own nights, and the interval is Student’s over the seeds’ changes. What is taken from a clock on the wall (speed, and everything of live rehearsals) is
held against what one more night on the same machine would give: mean and scatter of the nights before. Intervals are widened (Bonferroni) so that all of
them hold together with ${percent(comparison.confidence)}; a regression has its whole interval beyond what is tolerated. Rehearsals whose scenario or
policy has changed begin a history of their own, and after a night that was accepted the ones before it do not count.</p>`;
