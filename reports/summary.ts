/** A rehearsal in about fifteen lines for a terminal. */
import { styleText } from 'node:util';
import type { Outcome, Percentiles } from '../outcome.ts';
import { change, count, duration, ms, number, percent } from './format.ts';
import {
  calibrationText,
  expectationText,
  harmText,
  judgement,
  liveText,
  measuredRollbackText,
  rollbackText,
  stagePassed,
  stageShare,
  type Tone,
  VERDICT_WORDS,
} from './words.ts';

export interface SummaryOptions {
  /** A stream decides for itself (TTY, NO_COLOR); true and false decide for it. */
  readonly color: boolean | NodeJS.WritableStream;
  /** Where the report is. */
  readonly report?: string | null;
}

type Format = Parameters<typeof styleText>[0];
/** Colours text, and knows how wide the page is. */
type Paint = ((format: Format, text: string) => string) & { readonly columns: number };

/** Lines are easier to read when they are not longer, however wide the terminal. */
const WIDTH = 100;
/** Below this the table breaks, so the terminal may as well break the lines. */
const NARROWEST = 64;
const LABEL = 11;
const SYMBOLS: Readonly<Record<Tone, string>> = { right: '✔', wrong: '✘', open: '‖' };
const TONES: Readonly<Record<Tone, Format>> = {
  right: ['bold', 'green'],
  wrong: ['bold', 'red'],
  open: ['bold', 'yellow'],
};

export function terminalSummary(outcome: Outcome, options: SummaryOptions): string {
  const paint = painter(options.color);
  const { tone, text } = judgement(outcome);
  const { scenario, policy, seed, world } = outcome;
  const verdict = `${SYMBOLS[tone]} ${VERDICT_WORDS[outcome.verdict].toUpperCase()}`;
  const lines = [
    `${paint(TONES[tone], verdict)}  ${scenario.name}, policy ${policy.name}, seed ${seed}, ${world}`,
    ...wrap(text, 2, paint.columns),
    ...wrap(outcome.explanation, 2, paint.columns).map((line) => paint('bold', line)),
    '',
    ...stages(outcome, paint),
    ...entry('decided', decided(outcome), paint),
    ...(outcome.rollback === null ? [] : entry('rollback', rollbackText(outcome), paint)),
    ...optional('measured', measuredRollbackText(outcome), paint),
    ...latencyTable(outcome, paint),
    ...entry('requests', requests(outcome), paint),
    ...(outcome.shadow.compared === 0 ? [] : entry('shadow', shadow(outcome), paint)),
    ...(outcome.harm.requestsToCandidate === 0 ? [] : entry('harm', harmText(outcome) ?? 'not comparable', paint)),
    ...expectation(outcome, paint),
    ...optional('live', liveText(outcome), paint),
    ...optional('calibrated', calibrationText(outcome), paint),
    ...(scenario.timeScale === 1
      ? []
      : entry('caution', `every duration was divided by ${number(scenario.timeScale)}`, paint)),
    ...(options.report == null ? [] : [`  ${paint('dim', 'report'.padEnd(LABEL))}${options.report}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function painter(color: SummaryOptions['color']): Paint {
  const columns = typeof color === 'boolean' ? WIDTH : widthOf(color);
  const paint = (format: Format, text: string): string => {
    if (color === false) return text;
    return styleText(
      format,
      text,
      color === true ? { validateStream: false } : { stream: color, validateStream: true },
    );
  };
  return Object.assign(paint, { columns });
}

/** A stream that is no terminal has no width; neither has a terminal that nobody has told one. */
function widthOf(stream: NodeJS.WritableStream & { readonly columns?: number }): number {
  return Math.max(NARROWEST, Math.min(WIDTH, stream.columns || WIDTH));
}

/** Words into lines of at most so many columns, all indented alike. */
function wrap(text: string, indent: number, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((l) => ' '.repeat(indent) + l);
}

function entry(label: string, text: string, paint: Paint): string[] {
  return wrap(text, 2 + LABEL, paint.columns).map((line, i) =>
    i === 0 ? `  ${paint('dim', label.padEnd(LABEL))}${line.trimStart()}` : line,
  );
}

const optional = (label: string, text: string | null, paint: Paint): string[] =>
  text === null ? [] : entry(label, text, paint);

function stages(outcome: Outcome, paint: Paint): string[] {
  const steps = outcome.stages.map(
    (stage, i) => `${stageShare(stage.weightPercent)} ${stagePassed(outcome, i) ? '✓' : '✗'}`,
  );
  return steps.length === 0 ? entry('stages', 'none began', paint) : entry('stages', steps.join(' → '), paint);
}

function decided({ decidedAtMs, detectionDelayMs }: Outcome): string {
  if (decidedAtMs === null) return 'never';
  const delay = detectionDelayMs === null ? '' : `, ${duration(detectionDelayMs)} after the onset`;
  return `at ${duration(decidedAtMs)}${delay}`;
}

const COLUMNS = ['p50', 'p95', 'p99', 'p999'] as const;

function latencyTable({ latencyMs: { baseline, candidate } }: Outcome, paint: Paint): string[] {
  if (baseline.p50 === null && candidate.p50 === null) return [];
  const row = (name: string, cells: readonly string[]) =>
    `  ${paint('dim', name.padEnd(LABEL))}${cells.map((c) => c.padStart(12)).join('')}`;
  const cells = (p: Percentiles) => COLUMNS.map((column) => ms(p[column]));
  const rise = COLUMNS.map((column) => {
    const [b, c] = [baseline[column], candidate[column]];
    return change(b === null || c === null || b === 0 ? null : c / b - 1);
  });
  return [
    '',
    row('latency', ['p50', 'p95', 'p99', 'p99.9']),
    row('baseline', cells(baseline)),
    row('candidate', cells(candidate)),
    row('change', rise),
    '',
  ];
}

const requests = ({ requests: { total, mirrored }, harm: { requestsToCandidate } }: Outcome): string =>
  total === 0
    ? 'none'
    : `${count(total)}; ${count(requestsToCandidate)} served by the candidate, ${count(mirrored)} mirrored`;

const shadow = ({ shadow: s }: Outcome): string =>
  s.mismatchRatio === null
    ? `${count(s.compared)} pairs; the arms have no models, so there are no scores to compare`
    : `${percent(s.mismatchRatio)} of ${count(s.compared)} pairs differ, median score shifted ${change(s.scoreMedianShift)}`;

function expectation(outcome: Outcome, paint: Paint): string[] {
  const { expectation: wanted } = outcome;
  if (wanted === null) return [];
  const mark = wanted.met ? '✓' : '✗';
  const lines = entry('expected', `${mark} ${expectationText(outcome)}`, paint);
  const finding = wanted.finding === null ? [] : entry('finding', wanted.finding, paint);
  return [...lines.map((line) => (wanted.met ? line : paint('yellow', line))), ...finding];
}
