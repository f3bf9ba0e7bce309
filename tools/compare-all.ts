/**
 * Rehearses every shipped scenario that both worlds can play, in both, and says how well they agree:
 * `npm run compare:all [-- --write] [--fresh] [--load k6] [--only NAME]`. What is there from an earlier call is not run again unless the
 * scenario, policy or calibration has changed; `--write` puts the tables into docs/calibration.md. Ends with 0 when all verdicts agree, 3
 * when some differ, else 5 when some live runs were no measurement.
 */
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { policyHash } from '../controller/policy-hash.ts';
import { compareDirectories } from '../compare.ts';
import { findK6 } from '../live/load/find-k6.ts';
import { findRuntime } from '../models/find-runtime.ts';
import type { Outcome } from '../outcome.ts';
import { policyFor, runScenario, type RunOptions } from '../run.ts';
import { OUTCOME, readOutcome } from '../run-directory.ts';
import { readCalibration } from '../scenarios/calibration.ts';
import { packageRoot } from '../scenarios/files.ts';
import { loadScenario } from '../scenarios/load.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { REFERENCE } from '../scenarios/schema/distribution.ts';
import { writeFileAtomic } from '../storage/files.ts';
import { allCases, type Case, TWICE } from './compare-all/cases.ts';
import { noiseOf } from './compare-all/noise.ts';
import { type ArmFigures, type Result, tablesOf } from './compare-all/tables.ts';
import { withPart } from './document.ts';

const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    load: { type: 'string', default: 'builtin' },
    calibration: { type: 'string', default: join(packageRoot, REFERENCE) },
    only: { type: 'string', multiple: true, default: [] },
  },
});
/** A live run that is no measurement is tried again: a moment's disturbance is no property of the scenario. */
const ATTEMPTS = 2;
const FOLDER = join('runs', 'compare-all');
const DOCUMENT = join(packageRoot, 'docs/calibration.md');
const BEGIN = '<!-- written by npm run compare:all -->';
const END = '<!-- end of what npm run compare:all wrote -->';

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const calibration = readCalibration(values.calibration);
const k6 = values.load === 'k6' ? await findK6() : null;

/** The outcome of an earlier run of the same thing; null when there is none. */
function earlier(
  path: string,
  scenarioHash: string,
  policy: string,
  accept: (outcome: Outcome) => boolean,
): Outcome | null {
  if (values.fresh || !existsSync(join(path, OUTCOME))) return null;
  const outcome = readOutcome(path);
  return outcome.scenario.hash === scenarioHash && outcome.policy.hash === policy && accept(outcome) ? outcome : null;
}

async function rehearsed(each: Case): Promise<Result> {
  const { scenario } = loadScenario(each.file);
  const hash = policyHash(policyFor(scenario));
  const path = join(FOLDER, `${each.name}-sim`);
  const isOfThis = (outcome: Outcome): boolean => outcome.calibration?.hash === calibration.hash;
  if (earlier(path, scenario.hash, hash, isOfThis) === null) await run(scenario, path, { calibration });
  const { live, livePath } = await rehearsedLive(each, 'live');
  const reasons = live.live?.reasons ?? [];
  const comparison = live.live?.valid === true ? await compareDirectories(path, livePath) : null;
  return { case: each, comparison, reasons, live };
}

/** One live run of a case; `which` tells several apart. */
async function rehearsedLive(
  each: Case,
  which: string,
): Promise<{ readonly live: Outcome; readonly livePath: string }> {
  const { scenario } = loadScenario(each.file);
  const livePath = join(FOLDER, `${each.name}-${which}`);
  const hash = policyHash(policyFor(scenario));
  let live = earlier(livePath, scenario.hash, hash, (outcome) => outcome.live?.valid === true);
  for (let attempt = 0; attempt < ATTEMPTS && live?.live?.valid !== true; attempt++)
    live = await run(scenario, livePath, { live: { load: k6 === null ? 'builtin' : 'k6', k6, redis: null } });
  return { live: live!, livePath };
}

const run = (scenario: Scenario, out: string, world: Pick<RunOptions, 'live' | 'calibration'>): Promise<Outcome> =>
  runScenario(scenario, policyFor(scenario), {
    replace: true,
    clock: () => performance.now(),
    runtime: () => findRuntime({ onFetch: say }),
    out,
    ...world,
  });

/** The case that is played twice, for the second time, against its first run; null when it is not among them or was no measurement. */
async function noiseFloor(results: readonly Result[]): Promise<ArmFigures[] | null> {
  const first = results.find((result) => result.case.name === TWICE && result.comparison !== null);
  if (first === undefined) return null;
  const { live, livePath } = await rehearsedLive(first.case, 'live-again');
  say(
    `${TWICE} again: ${live.live?.valid === true ? live.verdict : `NO MEASUREMENT: ${live.live?.reasons.join('; ')}`}`,
  );
  return live.live?.valid === true ? noiseOf(join(FOLDER, `${TWICE}-live`), livePath) : null;
}

const cases = allCases().filter(({ name }) => values.only.length === 0 || values.only.includes(name));
if (cases.length === 0)
  throw new Error(
    `got --only ${values.only.join(', ')}, expected one of ${allCases()
      .map(({ name }) => name)
      .join(', ')}`,
  );
const results: Result[] = [];
for (const each of cases) {
  const result = await rehearsed(each);
  const { comparison, reasons } = result;
  const { sim, live, agreement } = comparison ?? {};
  say(
    comparison === null
      ? `${each.name}: NO MEASUREMENT: ${reasons.join('; ')}`
      : `${each.name}: ${agreement!.verdict ? `same verdict${agreement!.inconclusive === null ? '' : ` (inconclusive: ${agreement!.inconclusive})`}` : 'VERDICTS DIFFER'}, ${sim!.verdict} ${sim!.guard ?? ''} / ${live!.verdict} ${live!.guard ?? ''}; ` +
          `figures ${Object.values(agreement!.figures).join(' / ')} (agree / differ / too few)`,
  );
  results.push(result);
}

const noise = await noiseFloor(results);
const load = k6 === null ? 'the built-in load' : `k6 ${k6.version}`;
const { calibration: measured } = calibration;
const quiet = measured.points.every(({ valid }) => valid) ? '' : ' (**provisional**: measured on a busy machine)';
const head = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${load}, load average ${loadavg()[0]!.toFixed(1)} at the end. Calibration of ${String(measured.provenance['date']).slice(0, 10)}${quiet}.`;
const tables = tablesOf(results, head, noise);
process.stdout.write(`${tables}\n`);
if (values.write) {
  const text = readFileSync(DOCUMENT, 'utf8');
  writeFileAtomic(DOCUMENT, withPart(text, BEGIN, END, tables));
}
const compared = results.flatMap(({ comparison }) => (comparison === null ? [] : [comparison]));
process.exitCode = compared.some(({ agreement }) => !agreement.verdict) ? 3 : compared.length < results.length ? 5 : 0;
