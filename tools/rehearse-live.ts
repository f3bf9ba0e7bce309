/**
 * Rehearses a healthy candidate and one with a slow tail against real servers, in two minutes: `npm run rehearse:live`. Under k6, or, said
 * loudly, under the built-in generator where there is no k6. Ends with 0 when both went as expected, 5 when the machine was too
 * busy to tell, else 3.
 */
import { join, resolve } from 'node:path';
import { findK6, MissingK6 } from '../live/load/find-k6.ts';
import { findRuntime } from '../models/find-runtime.ts';
import { terminalSummary } from '../reports/summary.ts';
import { policyFor, runScenario } from '../run.ts';
import { packageRoot } from '../scenarios/files.ts';
import { loadScenario } from '../scenarios/load.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const k6 = await findK6().catch((error: Error) => {
  if (!(error instanceof MissingK6)) throw error;
  say(`NO K6, so the load is the built-in generator's: ${error.message}`);
  return null;
});
let code = 0;
for (const name of ['live-healthy', 'live-slow-tail']) {
  const { scenario } = loadScenario(join(packageRoot, 'scenarios', `${name}.yaml`));
  const out = resolve('runs', `${name}-${scenario.seed}-live`);
  const outcome = await runScenario(scenario, policyFor(scenario), {
    out,
    replace: true,
    clock: () => performance.now(),
    runtime: () => findRuntime({ onFetch: say }),
    live: { load: k6 === null ? 'builtin' : 'k6', k6, redis: null, onNote: say },
  });
  process.stdout.write(`${terminalSummary(outcome, { color: process.stdout, report: join(out, 'report.html') })}\n`);
  if (outcome.live?.valid === false) code = Math.max(code, 5);
  else if (outcome.expectation?.met !== true) code = Math.max(code, 3);
}
process.exitCode = code;
