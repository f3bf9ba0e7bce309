/** A night as JUnit XML, the form in which every CI system shows tests: a suite per rehearsal, a case per verdict and figure. */
import type { FigureComparison } from '../../nightly/compare-nights.ts';
import type { NightResult } from '../../nightly/result.ts';
import type { VerdictComparison } from '../../nightly/verdicts.ts';
import { escapeXml } from '../html/escape.ts';
import { movedText, seedsText } from './words.ts';

interface Case {
  readonly name: string;
  readonly failure: string | null;
  readonly skipped: string | null;
}

export function nightJunit({ night, comparison }: NightResult): string {
  const suites = comparison.verdicts.map((verdicts) => ({
    name: verdicts.rehearsal,
    cases: [
      verdictCase(verdicts),
      ...comparison.figures.filter(({ rehearsal }) => rehearsal === verdicts.rehearsal).map(figureCase),
    ],
  }));
  const all = suites.flatMap(({ cases }) => cases);
  const stamp = new Date(night.startedAtMs).toISOString().slice(0, 19);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(night.suite.name)}" ${counts(all)}>`,
    ...suites.flatMap(({ name, cases }) => [
      `  <testsuite name="${escapeXml(name)}" timestamp="${stamp}" ${counts(cases)} errors="0">`,
      ...cases.flatMap((each) => caseLines(each, `${night.suite.name}.${name}`)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

const counts = (cases: readonly Case[]): string =>
  `tests="${cases.length}" failures="${cases.filter(({ failure }) => failure !== null).length}" skipped="${cases.filter(({ skipped }) => skipped !== null).length}"`;

function caseLines({ name, failure, skipped }: Case, classname: string): string[] {
  const head = `    <testcase name="${escapeXml(name)}" classname="${escapeXml(classname)}"`;
  if (failure !== null) return [`${head}>`, `      <failure message="${escapeXml(failure)}"/>`, '    </testcase>'];
  if (skipped !== null) return [`${head}>`, `      <skipped message="${escapeXml(skipped)}"/>`, '    </testcase>'];
  return [`${head}/>`];
}

function verdictCase({ wrong, newlyWorse, unexpected, invalid }: VerdictComparison): Case {
  const failed = [...new Set([...newlyWorse, ...unexpected])];
  return {
    name: 'verdicts',
    failure:
      failed.length === 0
        ? null
        : `${seedsText(failed)} not as expected, or worse than before; wrong in all: ${seedsText(wrong)}`,
    skipped: failed.length === 0 && invalid.length > 0 ? `the live run proves nothing: ${seedsText(invalid)}` : null,
  };
}

function figureCase(figure: FigureComparison): Case {
  const { title, status } = figure;
  const told = movedText(figure);
  return {
    name: title,
    failure: status === 'worse' ? told : null,
    skipped: status === 'unclear' || status === 'too few' ? `cannot be told: ${told}` : null,
  };
}
