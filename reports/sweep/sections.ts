/** What a sweep's report consists of, in reading order: the one place where a section is registered. */
import type { Section } from '../html/page.ts';
import { chooserSection } from './chooser.ts';
import { falseRollbacksChart, guardsChart, missedChart } from './errors-of-policies.ts';
import { harmSpreadChart } from './harm.ts';
import { pairedChart } from './paired.ts';
import { paretoChart } from './pareto.ts';
import { powerChart } from './power.ts';
import type { SweepData } from './sweep-data.ts';
import { sweepTables } from './tables.ts';
import { delayChart, promotionChart, rollbackTimesChart } from './times.ts';
import { verdictsChart } from './verdicts.ts';

export const sweepSections = (sweep: SweepData): readonly Section[] => [
  ...searchSections(sweep),
  verdictsChart(sweep),
  falseRollbacksChart(sweep),
  guardsChart(sweep),
  missedChart(sweep),
  powerChart(sweep),
  delayChart(sweep),
  harmSpreadChart(sweep),
  promotionChart(sweep),
  rollbackTimesChart(sweep),
  pairedChart(sweep),
  { id: 'figures', title: 'All figures', body: sweepTables(sweep) },
];

/** First what a search found, since that is what it was made for. */
const searchSections = (sweep: SweepData): readonly Section[] =>
  sweep.search === null ? [] : [paretoChart(sweep), ...chooserSection(sweep)];
