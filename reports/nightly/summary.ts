/** A night for a terminal, and the same as Markdown for a pull request or a chat. */
import { styleText } from 'node:util';
import type { NightResult } from '../../nightly/result.ts';
import { NONE } from '../format.ts';
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

const LOOKS = { right: ['green', '✔'], wrong: ['red', '✘'], open: ['yellow', '?'] } as const;

export function nightSummary(result: NightResult, stream: NodeJS.WritableStream): string {
  const [colour, shape] = LOOKS[toneOf(result)];
  const { suite, date } = result.night;
  return [
    `${styleText(colour, `${shape} ${titleOf(result).toUpperCase()}`, { stream })}  ${suite.name}, night of ${date}`,
    `  ${sentenceOf(result)}`,
    ...findingsOf(result).map((finding) => `  ${finding}`),
  ].join('\n');
}

/** A heading, the sentence, what is to be looked at, and tables of verdicts and of what moved. */
export function nightMarkdown(result: NightResult): string {
  const { night, comparison } = result;
  const findings = findingsOf(result);
  const moved = comparison.figures.filter(({ status }) => status !== 'same' && status !== 'too few');
  return [
    `## ${titleOf(result)}: ${night.suite.name}, night of ${night.date}`,
    '',
    `${sentenceOf(result)}.`,
    ...(findings.length === 0 ? [] : ['', ...findings.map((finding) => `- ${cell(finding)}`)]),
    '',
    ...markdownTable(
      ['rehearsal', 'seeds', 'wrong', 'undecided', 'worse than before', 'nights'],
      comparison.verdicts.map(({ rehearsal, seeds, wrong, undecided, newlyWorse, nights }) => [
        rehearsal,
        String(seeds),
        wrong.length === 0 ? '0' : `${wrong.length} (${seedsText(wrong)})`,
        undecided.length === 0 ? '0' : `${undecided.length} (${seedsText(undecided)})`,
        seedsText(newlyWorse),
        nights === 0 ? NONE : String(nights),
      ]),
    ),
    ...(moved.length === 0
      ? []
      : [
          '',
          ...markdownTable(
            ['', 'rehearsal', 'figure', 'before', 'tonight', 'effect', 'interval', 'tolerated'],
            moved.map((figure) => [
              SIGNS[figure.status],
              figure.rehearsal,
              figure.title,
              valueText(figure, figure.before),
              valueText(figure, figure.tonight),
              effectText(figure),
              intervalText(figure),
              toleranceText(figure),
            ]),
          ),
        ]),
    '',
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('_', '\\_');

const markdownTable = (heads: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${heads.join(' | ')} |`,
  `|${heads.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
];
