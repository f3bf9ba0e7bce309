import { join } from 'node:path';
import { sweepTable } from '../reports/sweep-table.ts';
import { rebuildSweepReport } from '../sweep-report.ts';
import type { SweepResult } from '../tuning/result.ts';

/** Writes the sweep's report, and the table on stdout; with `json` the document there and the table on stderr. */
export async function printResult(result: SweepResult, place: string, json: boolean): Promise<void> {
  if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  const stream = json ? process.stderr : process.stdout;
  stream.write(`${sweepTable(result)}\nresult  ${join(place, 'result.json')}\n`);
  await rebuildSweepReport(place, ['html']);
  stream.write(`report  ${join(place, 'report.html')}\n`);
}
