import { BadInput, fileIssue } from '../config/issues.ts';
import { isNight } from '../nightly/night-directory.ts';
import type { ReportFormat } from '../reports/report.ts';
import { rebuildReport } from '../run-directory.ts';
import { isSweep, rebuildSweepReport } from '../sweep-report.ts';

const FORMATS: readonly ReportFormat[] = ['html', 'svg', 'png'];

async function rebuilder(path: string): Promise<typeof rebuildReport> {
  if (isNight(path)) return (await import('../nightly.ts')).rebuildNightReport;
  return isSweep(path) ? rebuildSweepReport : rebuildReport;
}

export async function reportCommand(run: string, options: { format: string; json?: boolean }): Promise<void> {
  const wanted = options.format.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !FORMATS.some((format) => format === name));
  if (unknown.length > 0)
    throw new BadInput([fileIssue('--format', `got '${unknown.join(',')}', expected ${FORMATS.join(', ')}`)]);
  const rebuild = await rebuilder(run);
  const files = await rebuild(
    run,
    FORMATS.filter((format) => wanted.includes(format)),
  );
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ schemaVersion: 1, files }, null, 2)}\n` : `${files.join('\n')}\n`,
  );
}
