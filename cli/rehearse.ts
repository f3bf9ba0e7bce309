import { join, resolve } from 'node:path';
import { BadInput, fileIssue, printIssue } from '../config/issues.ts';
import { loadPolicy } from '../controller/load-policy.ts';
import type { Outcome } from '../outcome.ts';
import { policyFor } from '../policy-for.ts';
import { readCalibration } from '../scenarios/calibration.ts';
import { loadScenario } from '../scenarios/load.ts';
import { EXIT } from './exit.ts';
import { checkTogether, shipped } from './inputs.ts';
import { liveChoice } from './live-choice.ts';
import { openFile } from './open-file.ts';
import { countOption, Findings, positiveOption, standardInput, wholeOption } from './options.ts';
import { progressPrinter } from './progress.ts';
import { abortOnSignals } from './signals.ts';

interface Options {
  readonly policy?: string;
  readonly seed?: string;
  readonly requests?: string;
  readonly timeScale?: string;
  readonly live?: boolean;
  readonly load?: string;
  readonly features?: string;
  readonly calibration?: string;
  readonly out?: string;
  readonly open?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function rehearseCommand(file: string, options: Options): Promise<void> {
  const text = await standardInput(file);
  const found = new Findings();
  const seed = found.of(() => wholeOption('--seed', options.seed));
  const requests = found.of(() => countOption('--requests', options.requests));
  const timeScale = found.of(() => positiveOption('--time-scale', options.timeScale));
  const loaded = found.of(() => loadScenario(shipped(file), { seed, requests, timeScale, text }));
  const stated = options.policy === undefined ? undefined : shipped(options.policy);
  if (stated !== undefined) found.of(() => loadPolicy(stated));
  const calibration =
    options.calibration === undefined ? undefined : found.of(() => readCalibration(shipped(options.calibration!)));
  if (calibration !== undefined && options.live === true)
    found.of(() => {
      throw new BadInput([
        fileIssue('--calibration', 'got it with --live, expected one of them: real servers have their own times'),
      ]);
    });
  found.refuse();
  const { scenario, warnings } = loaded!;
  for (const warning of warnings) process.stderr.write(`warning: ${printIssue(warning)}\n`);
  const policyFile = stated ?? scenario.policy;
  checkTogether(loaded!, policyFile);
  const policy = policyFor(scenario, policyFile);
  const live = await liveChoice(options, loaded!, policy);
  // What a scenario expects, it expects of its own policy: of another one only the truth can say whether it was right.
  const judged = resolve(policyFile) === resolve(scenario.policy) ? scenario : { ...scenario, expect: null };
  const out = resolve(options.out ?? join('runs', `${scenario.name}-${scenario.seed}${live === null ? '' : '-live'}`));
  if (out === process.cwd())
    throw new BadInput([fileIssue(out, 'got the working directory, expected one inside or beside it')]);
  const { signal, release } = abortOnSignals();
  process.stderr.write(`seed ${scenario.seed}\n`);
  // Simulator, models and report take a while to import: only for input that is known to be good.
  const [{ runScenario }, { findRuntime }, { terminalSummary }] = await Promise.all([
    import('../run.ts'),
    import('../models/find-runtime.ts'),
    import('../reports/summary.ts'),
  ]);
  const progress = options.quiet === true ? null : progressPrinter(process.stderr);
  try {
    const outcome = await runScenario(judged, policy, {
      out,
      // Only the default place is ours to write again; a place the user chose is refused when it is taken.
      replace: options.out === undefined,
      signal,
      clock: () => performance.now(),
      runtime: () => findRuntime({ signal, onFetch: (what) => process.stderr.write(`${what}\n`) }),
      ...(progress === null ? {} : { onProgress: progress.show }),
      ...(live === null ? {} : { live }),
      ...(calibration === undefined ? {} : { calibration }),
    });
    progress?.end();
    const report = join(out, 'report.html');
    print(outcome, (color) => terminalSummary(outcome, { color, report }), options.json === true);
    if (options.open === true) openFile(report);
    process.exitCode = exitCodeOf(outcome);
  } finally {
    progress?.end();
    release();
  }
}

function print(outcome: Outcome, summary: (stream: NodeJS.WriteStream) => string, asJson: boolean): void {
  if (asJson) process.stdout.write(`${JSON.stringify(outcome, null, 2)}\n`);
  const stream = asJson ? process.stderr : process.stdout;
  stream.write(`${summary(stream)}\n`);
}

/** What the rehearsal says about the policy, as an exit code. */
export function exitCodeOf({ expectation, verdict, live }: Outcome): number {
  if (live?.valid === false) return EXIT.inconclusive;
  if (expectation !== null)
    return expectation.met ? EXIT.ok : verdict === 'paused' ? EXIT.inconclusive : EXIT.different;
  return verdict === 'paused' ? EXIT.inconclusive : EXIT.ok;
}
