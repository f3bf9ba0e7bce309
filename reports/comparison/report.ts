/** The report of a comparison: one page, and every chart as specification. */
import type { Comparison, Figure } from '../../comparison/comparison.ts';
import { count, duration, NONE, number, percent } from '../format.ts';
import { html, Markup } from '../html/escape.ts';
import { page, type Section } from '../html/page.ts';
import { verdictShape } from '../html/shape.ts';
import { table } from '../html/table.ts';
import { writeSections } from '../write.ts';
import { differenceChart, qqChart } from './charts.ts';
import {
  bandText,
  differenceText,
  figuresSentence,
  halfWidthText,
  sensitivitySentence,
  statusText,
  valueText,
  verdictSentence,
  verdictTitle,
} from './words.ts';

/** Writes report.html and specs/ into `dir`, and gives the paths. */
export function writeComparison(comparison: Comparison, dir: string): Promise<string[]> {
  const sections = sectionsOf(comparison);
  const { scenario, policy, seed, sim, live } = comparison;
  return writeSections(
    dir,
    sections,
    (svgs) =>
      page({
        title: `Simulated and live: ${scenario.name}`,
        header: header(comparison),
        sections,
        svgs,
        footer: `Seed ${seed}; scenario ${scenario.hash}; policy ${policy.hash}; simulated ${sim.digest}; live ${live.digest}.`,
      }),
    ['html', 'svg', 'png'],
  );
}

function sectionsOf(comparison: Comparison): Section[] {
  const { arms, ratios } = comparison;
  return [
    { id: 'verdicts', title: 'What both worlds decided', body: verdictTables(comparison) },
    {
      id: 'ratios',
      title: 'Candidate against baseline',
      body: html`<p>What both arms share, gateway and machine, cancels in these: they are read first.</p>${figureTable('Ratios and gaps within one run', ratios)}`,
    },
    differenceChart(comparison),
    ...arms.map(qqChart),
    ...arms.map(
      (arm): Section => ({
        id: `figures-${arm.arm}`,
        title: `Figures of the ${arm.arm}`,
        body: html`<p>${count(arm.requests.sim)} requests simulated, ${count(arm.requests.live)} live.</p>${figureTable(`The ${arm.arm} in both worlds`, arm.figures)}`,
      }),
    ),
    { id: 'sensitivity', title: 'What an error of the calibration could change', body: sensitivityTables(comparison) },
    { id: 'method', title: 'How this was compared', body: method(comparison) },
  ];
}

function header(comparison: Comparison): Markup {
  const { scenario, policy, agreement, calibration, load, compared } = comparison;
  const tone = agreement.verdict ? 'right' : 'wrong';
  const facts = [
    ['compared', `${compared.windows} of ${compared.ofWindows} windows`],
    ['calibration', calibration === null ? 'none: declared times' : calibration.name],
    ['live load', load],
    ['agree / differ / too few', Object.values(agreement.figures).join(' / ')],
  ] as const;
  return html`<header class="${tone}">
<p class="what">Simulated and live: <strong>${scenario.name}</strong> under policy <strong>${policy.name}</strong></p>
<div class="verdict">${verdictShape(tone)}<div><h1>${verdictTitle(comparison)}</h1><p class="judgement">${verdictSentence(comparison)}</p></div></div>
<p class="explanation">${figuresSentence(comparison)}.</p>
<dl class="figures">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

const gap = (a: number | null, b: number | null): string => (a === null || b === null ? NONE : duration(b - a));

const mark = (agrees: boolean): string => (agrees ? '✓ agrees' : '✗ differs');

function verdictTables({ sim, live, agreement, stages }: Comparison): Markup[] {
  const rows = [
    ['verdict', sim.verdict, live.verdict, mark(agreement.verdict)],
    ['guard', sim.guard ?? NONE, live.guard ?? NONE, mark(agreement.guard)],
    ['decided at', duration(sim.decidedAtMs), duration(live.decidedAtMs), gap(sim.decidedAtMs, live.decidedAtMs)],
    [
      'detection delay',
      duration(sim.detectionDelayMs),
      duration(live.detectionDelayMs),
      gap(sim.detectionDelayMs, live.detectionDelayMs),
    ],
    ['rollback took', duration(sim.rollbackMs), duration(live.rollbackMs), gap(sim.rollbackMs, live.rollbackMs)],
  ];
  const stageRows = stages.map(({ name, sim: one, live: other }) => [
    name,
    duration(one?.startMs ?? null),
    duration(other?.startMs ?? null),
    count(one?.requests ?? null),
    count(other?.requests ?? null),
  ]);
  return [
    table('The end of the rollout', ['', 'simulated', 'live', 'live − simulated'], rows),
    table('Stages', ['stage', 'began, simulated', 'began, live', 'requests, simulated', 'requests, live'], stageRows),
  ];
}

const figureTable = (caption: string, figures: readonly Figure[]): Markup =>
  table(
    caption,
    ['', 'simulated', 'live', 'difference', '95 % interval', 'band', ''],
    figures.map((figure) => [
      figure.name,
      valueText(figure.sim, figure.unit),
      valueText(figure.live, figure.unit),
      differenceText(figure),
      halfWidthText(figure),
      bandText(figure),
      statusText(figure),
    ]),
  );

function sensitivityTables(comparison: Comparison): Markup[] {
  const { flips } = comparison.sensitivity;
  const rows = flips.map(({ guard, stage, atMs, from, to, factor }) => [
    guard,
    stage,
    duration(atMs),
    from,
    to,
    number(factor, 4),
  ]);
  return [
    html`<p>${sensitivitySentence(comparison)}.</p>`,
    table(
      'Verdicts that would change, the first of each guard and stage',
      ['guard', 'stage', 'at', 'said', 'would say', 'latencies times'],
      rows,
      'words',
    ),
  ];
}

function method({ compared, notes, sensitivity }: Comparison): Markup[] {
  return [
    html`<p>Compared are the ${count(compared.windows)} windows in which both worlds led the traffic alike and both arms got some of it, copies included. Differences are
of the whole; their 95 % intervals come from about ten blocks of consecutive windows, live less simulated in each, since both worlds met the same
arrivals. A figure agrees when difference and interval are inside its band, differs when it is outside even so, and else has too few samples.
Bands hold up to a utilisation of 60 % and widen as (1 − 0.6)/(1 − ρ) above it. A quantile needs ten answers beyond it.</p>
<p>The last table judges the simulated recording again with all latencies times 1 ± ε/(1 − ρ), where ε is the error of the mean service
time (${percent(sensitivity.error.baseline)} and ${percent(sensitivity.error.candidate)}, from ${sensitivity.source === 'calibration' ? 'the interval of the calibration' : 'what live servers held beyond what was declared'}).</p>`,
    ...(notes.length === 0
      ? []
      : [
          html`<p>Done otherwise than the scenario says, or to be known:</p><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`,
        ]),
  ];
}
