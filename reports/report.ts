/** A run's report: one page, and every chart as specification and picture. */
import { runPage } from './html/run-page.ts';
import type { RunData } from './run-data.ts';
import { sectionsOf } from './sections.ts';
import { type ReportFormat, writeSections } from './write.ts';

export type { ReportFormat } from './write.ts';

/** Writes report.html and specs/ into `dir`, and gives the paths. The specifications are always written. */
export async function writeReport(run: RunData, dir: string, formats: readonly ReportFormat[]): Promise<string[]> {
  const sections = await sectionsOf(run);
  return writeSections(dir, sections, (svgs) => runPage(run, sections, svgs), formats);
}
