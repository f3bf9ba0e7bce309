import { statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { BadInput, fileIssue, type Issue, printIssue, refuse } from '../config/issues.ts';
import { formatDuration } from '../config/units.ts';
import type { LiveChoice } from '../live-run.ts';
import type { Conclusion } from '../nightly/result.ts';
import { firstSeeds, loadSuite, type Rehearsal, type Suite } from '../nightly/suite.ts';
import type { Outcome } from '../outcome.ts';
import { plural } from '../reports/format.ts';
import { writeFileAtomic } from '../storage/files.ts';
import { hostOf } from '../host.ts';
import { EXIT } from './exit.ts';
import { Interrupted } from './failure.ts';
import { checkRehearsals, shipped } from './inputs.ts';
import { liveChoice } from './live-choice.ts';
import { standardInput } from './options.ts';
import { progressPrinter } from './progress.ts';
import { abortOnSignals } from './signals.ts';

interface Options {
  readonly history: string;
  readonly out?: string;
  readonly accept?: boolean;
  readonly junit?: string;
  readonly markdown?: string;
  readonly load?: string;
  readonly features?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const CODES: Readonly<Record<Conclusion, number>> = {
  held: EXIT.ok,
  regressed: EXIT.different,
  inconclusive: EXIT.inconclusive,
};

export async function nightlyCommand(file: string, options: Options): Promise<void> {
  const suite = loadSuite(shipped(file), await standardInput(file));
  const choices = await checked(suite, options);
  // Simulator, models and report take a while to import: only for input that is known to be good.
  const [{ runNight }, { findRuntime }, { nightSummary, nightMarkdown }, { nightJunit }] = await Promise.all([
    import('../nightly.ts'),
    import('../models/find-runtime.ts'),
    import('../reports/nightly/summary.ts'),
    import('../reports/nightly/junit.ts'),
  ]);
  let out: string | null = options.out === undefined ? null : resolve(options.out);
  const { signal, release } = abortOnSignals();
  const isQuiet = options.quiet === true;
  const progress = isQuiet || !process.stderr.isTTY ? null : progressPrinter(process.stderr);
  const told = teller(suite.rehearsals.length);
  try {
    const result = await runNight(suite, {
      out,
      history: resolve(options.history),
      isAccepted: options.accept === true,
      host: hostOf(),
      live: ({ name }) => choices.get(name) ?? null,
      runtime: () => findRuntime({ signal, onFetch: (what) => process.stderr.write(`${what}\n`) }),
      clock: () => performance.now(),
      nowMs: Date.now(),
      signal,
      ...(progress === null ? {} : { onProgress: progress.show }),
      onBegin(place) {
        out = place;
        if (!isQuiet) process.stderr.write(`${relative('', out)}: ${plural(suite.rehearsals.length, 'rehearsal')}\n`);
      },
      onRehearsal(index, rehearsal, outcome, wasDone) {
        progress?.end();
        if (!isQuiet) process.stderr.write(`${told(index, rehearsal, outcome, wasDone)}\n`);
      },
    });
    if (options.junit !== undefined) writeFileAtomic(resolve(options.junit), nightJunit(result));
    if (options.markdown !== undefined) writeFileAtomic(resolve(options.markdown), nightMarkdown(result));
    if (options.json === true) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    const stream = options.json === true ? process.stderr : process.stdout;
    stream.write(`${nightSummary(result, stream)}\n  report     ${relative('', join(out!, 'report.html'))}\n`);
    process.exitCode = CODES[result.conclusion];
  } catch (error) {
    if (error instanceof Interrupted && out !== null)
      process.stderr.write(
        `coalmine: the rehearsals that are done are kept in ${relative('', out)}; the same command goes on\n`,
      );
    throw error;
  } finally {
    progress?.end();
    release();
  }
}

/** Everything that can be known to be wrong before the first rehearsal. Gives how live ones are run, by name. */
async function checked(suite: Suite, options: Options): Promise<ReadonlyMap<string, LiveChoice>> {
  const warnings = checkRehearsals(suite);
  if (options.quiet !== true) for (const warning of warnings) process.stderr.write(`warning: ${printIssue(warning)}\n`);
  const files = Object.entries({ '--junit': options.junit, '--markdown': options.markdown });
  refuse(
    files.flatMap(([name, path]) =>
      path !== undefined && statSync(resolve(path), { throwIfNoEntry: false })?.isDirectory() === true
        ? [fileIssue(name, `got the directory '${path}', expected a file`)]
        : [],
    ),
  );
  const live = firstSeeds(suite.rehearsals).filter(({ isLive }) => isLive);
  const { load, features } = options;
  const given = Object.entries({ '--load': load, '--features': features }).filter(([, value]) => value !== undefined);
  if (live.length === 0)
    refuse(given.map(([name, value]) => fileIssue(name, `got '${value}', expected a suite with a live rehearsal`)));
  const issues: Issue[] = [];
  const choices = new Map<string, LiveChoice>();
  for (const { name, loaded, policy } of live) {
    try {
      choices.set(name, (await liveChoice({ ...options, live: true }, loaded, policy))!);
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      issues.push(...error.issues);
    }
  }
  refuse(issues);
  return choices;
}

/** "3/50 slow-tail seed 44: rolled back …, as expected  9.1 s  7m left" */
function teller(total: number): (index: number, rehearsal: Rehearsal, outcome: Outcome, wasDone: boolean) => string {
  const startedMs = performance.now();
  let found = 0;
  return (index, { name, seed }, { explanation, expectation, classification, live }, wasDone) => {
    if (wasDone) found += 1;
    const here = index + 1 - found;
    const leftMs = here === 0 ? 0 : ((performance.now() - startedMs) / here) * (total - index - 1);
    const judged = expectation === null ? classification : expectation.met ? 'as expected' : 'NOT EXPECTED';
    const right = live?.valid === false ? `proves nothing (${live.reasons.join('; ')})` : judged;
    const left = wasDone ? 'was done' : `${formatDuration(Math.round(leftMs / 1000) * 1000)} left`;
    return `${index + 1}/${total}  ${name} seed ${seed}: ${right}: ${explanation}  ${left}`;
  };
}
