/** What a sweep's report consists of, in reading order: the one place where a section is registered. */
import type { Section } from '../html/page.ts';
import { falseRollbacksChart, guardsChart, missedChart } from './errors-of-policies.ts';
import { harmSpreadChart } from './harm.ts';
import { pairedChart } from './paired.ts';
import { powerChart } from './power.ts';
import type { SweepData } from './sweep-data.ts';
import { sweepTables } from './tables.ts';
import { delayChart, promotionChart, rollbackTimesChart } from './times.ts';
import { verdictsChart } from './verdicts.ts';

export const sweepSections = (sweep: SweepData): readonly Section[] => [
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
