/** A sweep's report: one page, and every chart as specification and picture. */
import { page } from '../html/page.ts';
import { type ReportFormat, writeSections } from '../write.ts';
import { sweepHeader } from './header.ts';
import { sweepSections } from './sections.ts';
import type { SweepData } from './sweep-data.ts';

/** Writes report.html and specs/ into `dir`, and gives the paths. The specifications are always written. */
export async function writeSweepReport(
  sweep: SweepData,
  dir: string,
  formats: readonly ReportFormat[],
): Promise<string[]> {
  const { coalmine, plan, scenarios, policies } = sweep.result;
  const sections = sweepSections(sweep);
  const title = `Sweep: ${scenarios.length === 1 ? scenarios[0]!.name : `${scenarios.length} scenarios`}`;
  const header = sweepHeader(sweep);
  const hashes = policies.map(({ name, hash }) => `${name} ${hash.slice(0, 19)}`).slice(0, 8);
  const footer = `Coalmine ${coalmine}; plan ${plan}; policies ${hashes.join(', ')}.`;
  return writeSections(dir, sections, (svgs) => page({ title, header, sections, svgs, footer }), formats);
}
