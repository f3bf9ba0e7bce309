/** The report of a sweep's directory. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput, fileIssue } from './config/issues.ts';
import { type ReportFormat } from './reports/report.ts';
import { writeSweepReport } from './reports/sweep/report.ts';
import type { SweepData } from './reports/sweep/sweep-data.ts';
import type { SweepResult } from './tuning/result.ts';
import { PLAN, RESULT, SweepFiles } from './tuning/sweep-files.ts';

/** Whether a sweep is there, finished or not. */
export const isSweep = (path: string): boolean => existsSync(join(path, PLAN));

/** Reads a finished sweep. Throws BadInput when it is none. */
export function readSweep(path: string): SweepData {
  const { plan } = new SweepFiles(path).planned();
  const file = join(path, RESULT);
  try {
    return { result: JSON.parse(readFileSync(file, 'utf8')) as SweepResult, policies: plan.policies };
  } catch {
    throw new BadInput([
      fileIssue(file, 'got no result that can be read, expected a finished sweep: `coalmine tune --resume` goes on'),
    ]);
  }
}

/** (Re)builds the report of a sweep's directory. Returns the files written. */
export const rebuildSweepReport = async (path: string, formats: readonly ReportFormat[]): Promise<string[]> =>
  writeSweepReport(readSweep(path), path, formats);
