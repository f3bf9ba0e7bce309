/** One night: every rehearsal of a suite into a run directory of its own, compared with the nights before, and kept. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { BadInput, fileIssue } from './config/issues.ts';
import { policyHash } from './controller/policy-hash.ts';
import type { Host } from './host.ts';
import type { LiveChoice } from './live-run.ts';
import { compareNights } from './nightly/compare-nights.ts';
import { keepNight, nightFile, readHistory } from './nightly/history.ts';
import { type NightPlan, placeFor, REHEARSALS, RESULT, takeUp } from './nightly/night-directory.ts';
import { type Night, type NightRun, runOf } from './nightly/night.ts';
import { isNightResult, type NightResult, resultOf } from './nightly/result.ts';
import type { Rehearsal, Suite } from './nightly/suite.ts';
import type { Outcome } from './outcome.ts';
import { writeNight } from './reports/nightly/report.ts';
import type { ReportFormat } from './reports/write.ts';
import { type Progress, runScenario } from './run.ts';
import { MANIFEST, readOutcome } from './run-directory.ts';
import { writeFileAtomic } from './storage/files.ts';
import { codeVersion } from './tuning/code-version.ts';
import { version } from './version.ts';

export interface NightOptions {
  /** The night's directory: new, or one that a night of this suite was interrupted in. Null: a place of its own under runs/. */
  readonly out: string | null;
  /** Folder of the nights that were. */
  readonly history: string;
  /** This is how it shall be from now on: nights before it are compared with no more. */
  readonly isAccepted: boolean;
  readonly host: Host;
  /** How real servers are to be run; asked of live rehearsals alone. */
  readonly live: (rehearsal: Rehearsal) => LiveChoice | null;
  readonly runtime: () => Promise<string>;
  /** ms of wall time since whenever, for durations. */
  readonly clock: () => number;
  /** ms since 1970. */
  readonly nowMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** It begins, or goes on, in this directory. */
  readonly onBegin: (out: string) => void;
  /** A rehearsal is done: which of how many, and what came of it; `wasDone` when an interrupted night had done it already. */
  readonly onRehearsal: (index: number, rehearsal: Rehearsal, outcome: Outcome, wasDone: boolean) => void;
}

/** Throws what `runScenario` throws, and BadInput for a directory or a history that holds something else. */
export async function runNight(suite: Suite, options: NightOptions): Promise<NightResult> {
  const { history, host, nowMs } = options;
  const fresh: NightPlan = {
    schemaVersion: 1,
    kind: 'night',
    suite: suite.hash,
    code: codeVersion(),
    host,
    startedAtMs: nowMs,
  };
  const out = options.out ?? placeFor(join('runs', `${suite.name}-${dateOf(nowMs)}`), fresh);
  if (isInside(out, history))
    throw new BadInput([fileIssue(out, `got a place inside the history ${history}, expected one beside it`)]);
  const { plan, leave } = takeUp(out, fresh);
  try {
    return await nightIn(out, plan, suite, options);
  } finally {
    leave();
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}

async function nightIn(
  out: string,
  { startedAtMs, code }: NightPlan,
  suite: Suite,
  options: NightOptions,
): Promise<NightResult> {
  const { history, host, isAccepted, signal, nowMs } = options;
  // What the history holds must be known to be readable, and its place to be writable, before hours are spent.
  const before = await readHistory(history, suite.name, { beforeMs: startedAtMs, nowMs, atMost: suite.nights });
  mkdirSync(history, { recursive: true });
  accessSync(history, constants.W_OK);
  options.onBegin(out);
  const runs: NightRun[] = [];
  for (const [index, rehearsal] of suite.rehearsals.entries()) {
    signal.throwIfAborted();
    const { outcome, wasDone } = await rehearsed(rehearsal, join(out, REHEARSALS, rehearsal.folder), options);
    runs.push(runOf(outcome, { rehearsal: rehearsal.name, key: rehearsal.key }));
    options.onRehearsal(index, rehearsal, outcome, wasDone);
  }
  const night: Night = {
    date: dateOf(startedAtMs),
    startedAtMs,
    suite: { name: suite.name, hash: suite.hash },
    coalmine: version,
    code,
    host,
    isAccepted,
    runs,
  };
  const result = resultOf(night, compareNights(night, before, suite));
  writeFileAtomic(join(out, RESULT), json(result));
  await writeNight(result, out, ['html', 'svg', 'png']);
  await keepNight(history, night);
  const manifest = { schemaVersion: 1, kind: 'night', coalmine: version, node: process.version, code };
  writeFileAtomic(join(out, MANIFEST), json({ ...manifest, history: nightFile(history, night) }));
  return result;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** YYYY-MM-DD of UTC. */
const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

async function rehearsed(
  rehearsal: Rehearsal,
  folder: string,
  { live, runtime, clock, signal, onProgress }: NightOptions,
): Promise<{ readonly outcome: Outcome; readonly wasDone: boolean }> {
  const done = existsSync(join(folder, MANIFEST)) ? readOutcome(folder) : null;
  const { scenario } = rehearsal.loaded;
  if (done !== null && done.scenario.hash === scenario.hash && done.policy.hash === policyHash(rehearsal.policy))
    return { outcome: done, wasDone: true };
  const choice = rehearsal.isLive ? live(rehearsal) : null;
  const outcome = await runScenario(scenario, rehearsal.policy, {
    out: folder,
    replace: true,
    // Hundreds of pictures that nobody may look at: `coalmine report` draws them.
    formats: ['html'],
    signal,
    clock,
    runtime,
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(choice === null ? {} : { live: choice }),
  });
  return { outcome, wasDone: false };
}

/** (Re)builds the report of a night. Returns the files written. Throws BadInput when the night is not finished. */
export async function rebuildNightReport(path: string, formats: readonly ReportFormat[]): Promise<string[]> {
  const file = join(path, RESULT);
  let result: unknown = null;
  try {
    result = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Said below.
  }
  if (isNightResult(result)) return writeNight(result, path, formats);
  throw new BadInput([
    fileIssue(file, 'got no result that can be read, expected a finished night: `coalmine nightly` goes on'),
  ]);
}
