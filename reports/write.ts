/** A report's files: its page, and every chart as specification and picture. */
import { join } from 'node:path';
import { writeFileAtomic } from '../storage/files.ts';
import { chartsOf, type Section } from './html/page.ts';
import { png, portableSpec, svg } from './render.ts';

export type ReportFormat = 'html' | 'svg' | 'png';

/** Writes report.html and specs/ into `dir`, and gives the paths. The specifications are always written. */
export async function writeSections(
  dir: string,
  sections: readonly Section[],
  page: (svgs: ReadonlyMap<string, string>) => string,
  formats: readonly ReportFormat[],
): Promise<string[]> {
  const charts = chartsOf(sections);
  const svgs = new Map<string, string>();
  for (const chart of charts) svgs.set(chart.id, await svg(chart));
  const files = new Map<string, string | Uint8Array>();
  if (formats.includes('html')) files.set('report.html', page(svgs));
  for (const chart of charts) {
    files.set(`specs/${chart.id}.vl.json`, `${JSON.stringify(portableSpec(chart), null, 1)}\n`);
    if (formats.includes('svg')) files.set(`specs/${chart.id}.svg`, svgs.get(chart.id)!);
    if (formats.includes('png')) files.set(`specs/${chart.id}.png`, png(svgs.get(chart.id)!));
  }
  const written: string[] = [];
  for (const [name, content] of files) {
    const path = join(dir, name);
    writeFileAtomic(path, content);
    written.push(path);
  }
  return written;
}
