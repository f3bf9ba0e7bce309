/** One night: every rehearsal of a suite into a run directory of its own, compared with the nights before, and kept. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput, fileIssue } from './config/issues.ts';
import type { LiveChoice } from './live-run.ts';
import { compareNights } from './nightly/compare-nights.ts';
import { keepNight, nightFile, readHistory } from './nightly/history.ts';
import type { Host } from './host.ts';
import { type Night, type NightRun, runOf } from './nightly/night.ts';
import { type NightResult, resultOf } from './nightly/result.ts';
import type { Rehearsal, Suite } from './nightly/suite.ts';
import { policyHash } from './controller/policy-hash.ts';
import type { Outcome } from './outcome.ts';
import { writeNight } from './reports/nightly/report.ts';
import { type Progress, runScenario } from './run.ts';
import { MANIFEST, readOutcome } from './run-directory.ts';
import { writeFileAtomic } from './storage/files.ts';
import { codeVersion } from './tuning/code-version.ts';
import { version } from './version.ts';

export const PLAN = 'plan.json';
export const RESULT = 'result.json';
/** Rehearsals are in here, one folder each. */
export const REHEARSALS = 'rehearsals';

export interface NightOptions {
  /** The night's directory: new, or one that a night of this suite was interrupted in. */
  readonly out: string;
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
  /** A rehearsal is done: which of how many, and what came of it; `wasDone` when an interrupted night had done it already. */
  readonly onRehearsal: (index: number, rehearsal: Rehearsal, outcome: Outcome, wasDone: boolean) => void;
}

/** What a night that is under way has promised to be. */
interface Plan {
  readonly schemaVersion: 1;
  readonly suite: string;
  readonly code: string;
  readonly startedAtMs: number;
}

/** Throws what `runScenario` throws, and BadInput for a directory that holds something else. */
export async function runNight(suite: Suite, options: NightOptions): Promise<NightResult> {
  const { out, history, host, isAccepted, signal } = options;
  const plan = planned(suite, options);
  // What the history holds must be known to be readable before hours are spent.
  const before = await readHistory(history, suite.name, { beforeMs: plan.startedAtMs, atMost: suite.nights });
  writeFileAtomic(join(out, PLAN), json(plan));
  const runs: NightRun[] = [];
  for (const [index, rehearsal] of suite.rehearsals.entries()) {
    signal.throwIfAborted();
    const { outcome, wasDone } = await rehearsed(rehearsal, options);
    runs.push(runOf(outcome, { rehearsal: rehearsal.name, key: rehearsal.key }));
    options.onRehearsal(index, rehearsal, outcome, wasDone);
  }
  const { startedAtMs, code } = plan;
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
  await writeNight(result, before, out);
  await keepNight(history, night);
  const manifest = { schemaVersion: 1, kind: 'night', coalmine: version, node: process.version, code };
  writeFileAtomic(join(out, MANIFEST), json({ ...manifest, history: nightFile(history, night) }));
  return result;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** YYYY-MM-DD of UTC. */
export const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Whether a night was begun here and not ended. */
export const isUnfinished = (out: string): boolean => existsSync(join(out, PLAN)) && !existsSync(join(out, MANIFEST));

/** The plan of the night that was interrupted here, else a new one. Throws BadInput when the directory holds anything else. */
function planned({ hash }: Suite, { out, nowMs }: NightOptions): Plan {
  const fresh: Plan = { schemaVersion: 1, suite: hash, code: codeVersion(), startedAtMs: nowMs };
  if (!existsSync(out) || readdirSync(out).length === 0) return fresh;
  const refuse = (got: string): never => {
    throw new BadInput([fileIssue(out, `got ${got}, expected a new directory, or an interrupted night of this suite`)]);
  };
  if (!isUnfinished(out))
    return refuse(existsSync(join(out, PLAN)) ? 'a finished night' : 'something that is no night');
  const { suite, code, startedAtMs } = JSON.parse(readFileSync(join(out, PLAN), 'utf8')) as Plan;
  if (suite !== fresh.suite) return refuse('a night of another suite, or of this one as it was');
  if (code !== fresh.code) return refuse('a night that other code has begun');
  return { ...fresh, startedAtMs };
}

async function rehearsed(
  rehearsal: Rehearsal,
  options: NightOptions,
): Promise<{ readonly outcome: Outcome; readonly wasDone: boolean }> {
  const { out, live, runtime, clock, signal, onProgress } = options;
  const folder = join(out, REHEARSALS, rehearsal.folder);
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
