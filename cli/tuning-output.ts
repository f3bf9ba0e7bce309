import { sweepTable } from '../reports/sweep-table.ts';
import type { SweepResult } from '../tuning/result.ts';

/** The table on stdout; with `json` the document there and the table on stderr. */
export function printResult(result: SweepResult, place: string, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  const stream = json ? process.stderr : process.stdout;
  stream.write(`${sweepTable(result)}\nresult  ${place}/result.json\n`);
}
