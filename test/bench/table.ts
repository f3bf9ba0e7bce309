/** Figures as text: for a terminal and for docs/benchmarks.md. */
import { type Figure, median, type Report, reached, type Target } from './bench.ts';

export interface Measured {
  readonly name: string;
  readonly about: string;
  readonly report: Report;
}

export interface Place {
  readonly machine: string;
  /** Load of the machine before we began, and at the end (ours included). */
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly small: boolean;
}

const HEAD = ['what', 'median', 'spread', 'ratio', 'target'] as const;

export function terminalTable(measured: readonly Measured[], place: Place): string {
  const rows = measured.flatMap(({ report }) => report.figures.map((figure) => cells(figure, place)));
  const widths = HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 1 || i === 2 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const parts = measured.flatMap(({ name, about, report }) => [
    '',
    `${name}: ${about}`,
    ...report.figures.map((figure) => `  ${line(cells(figure, place))}`),
    ...report.notes.map((note) => `  ${note}`),
  ]);
  return [...heading(place), '', `  ${line(HEAD)}`, ...parts, ''].join('\n');
}

export function markdown(measured: readonly Measured[], place: Place, day: string): string {
  const sections = measured.flatMap(({ name, about, report }) => [
    `## ${name}`,
    '',
    `${about[0]!.toUpperCase()}${about.slice(1)}.`,
    '',
    ...(report.figures.length === 0 ? [] : [row(HEAD), row(['---', '---:', '---:', '---', '---'])]),
    ...report.figures.map((figure) => row(cells(figure, place))),
    ...(report.figures.length === 0 ? [] : ['']),
    ...report.notes.map((note) => `- ${note}`),
    ...(report.notes.length === 0 ? [] : ['']),
  ]);
  const [machine, ...rest] = heading(place);
  return [
    '# Benchmarks',
    '',
    `Written by \`node test/bench/main.ts --markdown docs/benchmarks.md\` on ${day}. ${machine}.`,
    ...rest,
    '',
    'Spread is the lowest and the highest round. Ratios compare what ran alternately in the same invocation, so they',
    'hold on a busy machine; times do not. A ratio says how many times as good its row is as what it names, whatever the unit:',
    'above 1 the row is faster or cheaper, below 1 slower or dearer (0.5 × of a time is twice that time). Nothing fails when a target is missed.',
    '',
    ...sections,
  ].join('\n');
}

function heading({ machine, loadBefore, loadAfter, small }: Place): string[] {
  const busy = loadBefore > 0.5 ? '; others were at work, so times are longer than on an idle machine' : '';
  const size = small ? ['SMALL SIZES: the figures only show that the benchmarks run.'] : [];
  return [machine, `Load ${loadBefore.toFixed(1)} before, ${loadAfter.toFixed(1)} at the end${busy}.`, ...size];
}

const row = (texts: readonly string[]): string => `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;

function cells(figure: Figure, { small }: Place): string[] {
  const { what, unit, values, ratio } = figure;
  const spread = values.length < 2 ? 'one round' : `${number(Math.min(...values))} – ${number(Math.max(...values))}`;
  const times = ratio === undefined ? '' : `${number(ratio.times)} × ${ratio.to}`;
  const met = small ? '' : reached(figure) === true ? ': met' : ': MISSED';
  const target = figure.target === undefined ? '' : `${bounds(figure.target, unit)}${met}`;
  return [what, `${number(median(values))} ${unit}`, spread, times, target];
}

function bounds({ on, atLeast, below }: Target, unit: string): string {
  const of = on === 'ratio' ? '×' : unit;
  return atLeast === undefined ? `< ${number(below ?? Number.NaN)} ${of}` : `≥ ${number(atLeast)} ${of}`;
}

/** Three figures, no exponent. */
const number = (value: number): string => {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const places = Math.min(digits, 4);
  return value.toLocaleString('en', { minimumFractionDigits: 0, maximumFractionDigits: places });
};
