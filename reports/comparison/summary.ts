/** A comparison for a terminal: who decided what, and the figures that tell the worlds apart. */
import { styleText } from 'node:util';
import type { Comparison, Figure, Status } from '../../comparison/comparison.ts';
import {
  differenceText,
  figuresSentence,
  halfWidthText,
  sensitivitySentence,
  statusText,
  valueText,
  verdictSentence,
  verdictTitle,
} from './words.ts';

const COLOURS: Readonly<Record<Status, 'green' | 'red' | 'yellow'>> = {
  agrees: 'green',
  differs: 'red',
  'too few samples': 'yellow',
};

export function comparisonSummary(comparison: Comparison, stream: NodeJS.WritableStream): string {
  const { scenario, policy, seed, agreement, arms, ratios } = comparison;
  const paint = (format: 'green' | 'red' | 'yellow' | 'bold', text: string): string =>
    styleText(format, text, { stream });
  const [colour, shape] = !agreement.verdict
    ? (['red', '✘'] as const)
    : agreement.inconclusive === null
      ? (['green', '✔'] as const)
      : (['yellow', '?'] as const);
  const mark = paint(colour, `${shape} ${verdictTitle(comparison).toUpperCase()}`);
  const line = (figure: Figure): string => {
    const status = statusText(figure);
    const cells = [
      valueText(figure.sim, figure.unit),
      valueText(figure.live, figure.unit),
      differenceText(figure),
      halfWidthText(figure),
    ];
    const shown = paint(COLOURS[figure.status], status);
    return `  ${figure.name.padEnd(38)}${cells.map((cell) => cell.padStart(11)).join('')}  ${shown}`;
  };
  const heads = ['simulated', 'live', 'difference', '95 %'].map((head) => head.padStart(11)).join('');
  const table = (title: string, figures: readonly Figure[]): string[] => [
    '',
    `  ${paint('bold', title.padEnd(38))}${heads}`,
    ...figures.map(line),
  ];
  return [
    `${mark}  ${scenario.name}, policy ${policy.name}, seed ${seed}`,
    `  ${verdictSentence(comparison)}`,
    `  ${figuresSentence(comparison)}`,
    ...table('candidate against baseline', ratios),
    ...arms.flatMap(({ arm, figures }) => table(arm, figures)),
    '',
    `  ${sensitivitySentence(comparison)}`,
  ].join('\n');
}
