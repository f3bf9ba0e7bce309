import { join } from 'node:path';
import { sweepTable } from '../reports/sweep-table.ts';
import { searchText } from '../reports/search-table.ts';
import { rebuildSweepReport } from '../sweep-report.ts';
import type { Finished } from '../tuning/finish.ts';

/** Writes the sweep's report, and the table on stdout; with `json` the document there and the table on stderr. */
export async function printResult({ result, search }: Finished, place: string, json: boolean): Promise<void> {
  if (json) process.stdout.write(`${JSON.stringify(search === null ? result : { ...result, search }, null, 2)}\n`);
  const stream = json ? process.stderr : process.stdout;
  const found = search === null ? '' : `${searchText(search)}\n`;
  stream.write(`${sweepTable(result)}\n${found}result  ${join(place, 'result.json')}\n`);
  if (search !== null) stream.write(`search  ${join(place, 'search.json')}\n`);
  if (search !== null && search.chosen.id !== 0) stream.write(`policy  ${join(place, 'recommended-policy.yaml')}\n`);
  await rebuildSweepReport(place, ['html']);
  stream.write(`report  ${join(place, 'report.html')}\n`);
}
