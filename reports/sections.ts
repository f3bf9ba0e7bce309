/** What a run's report consists of, in reading order: the one place where a section is registered. */
import { allCharts } from './charts/index.ts';
import type { Section } from './html/page.ts';
import { tables } from './html/tables.ts';
import type { RunData } from './run-data.ts';

export async function sectionsOf(run: RunData): Promise<readonly Section[]> {
  return [...(await allCharts(run)), { id: 'figures', title: 'All figures', body: tables(run) }];
}
