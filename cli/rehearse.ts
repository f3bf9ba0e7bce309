import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { refuse } from '../config/issues.ts';
import type { Policy } from '../controller/policy.ts';
import { findRuntime } from '../models/find-runtime.ts';
import type { Outcome } from '../outcome.ts';
import { terminalSummary } from '../reports/summary.ts';
import { policyFor, runScenario } from '../run.ts';
import { packageRoot } from '../scenarios/files.ts';
import { type LoadedScenario, loadScenario } from '../scenarios/load.ts';
import { printIssue } from '../config/issues.ts';
import { EXIT } from './exit.ts';
import { Interrupted } from './failure.ts';
import { countOption, positiveOption, standardInput, wholeOption } from './options.ts';
import { progressPrinter } from './progress.ts';

interface Options {
  readonly policy?: string;
  readonly seed?: string;
  readonly requests?: string;
  readonly timeScale?: string;
  readonly out?: string;
  readonly open?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A file the user names: as it is, else the one that came with the package. */
export const shipped = (file: string): string =>
  file === '-' || existsSync(file) || !existsSync(join(packageRoot, file)) ? file : join(packageRoot, file);

export async function rehearseCommand(file: string, options: Options): Promise<void> {
  const loaded = loadScenario(shipped(file), {
    seed: wholeOption('--seed', options.seed),
    requests: countOption('--requests', options.requests),
    timeScale: positiveOption('--time-scale', options.timeScale),
    text: await standardInput(file),
  });
  const { scenario } = loaded;
  for (const warning of loaded.warnings) process.stderr.write(`warning: ${printIssue(warning)}\n`);
  const policy = policyFor(scenario, options.policy === undefined ? undefined : shipped(options.policy));
  checkStages(loaded, policy);
  const out = resolve(options.out ?? join('runs', `${scenario.name}-${scenario.seed}`));
  const abort = new AbortController();
  const stop = (signal: 'SIGINT' | 'SIGTERM') => abort.abort(new Interrupted(signal));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.stderr.write(`seed ${scenario.seed}\n`);
  const needsModels = scenario.traffic.content.kind === 'table';
  const runtime = needsModels
    ? { runtime: await findRuntime({ onFetch: (what) => process.stderr.write(`${what}\n`) }) }
    : {};
  const progress = options.quiet === true ? null : progressPrinter(process.stderr);
  try {
    const outcome = await runScenario(scenario, policy, {
      out,
      // Only the default place is ours to write again; a place the user chose is refused when it is taken.
      replace: options.out === undefined,
      signal: abort.signal,
      clock: () => performance.now(),
      ...runtime,
      ...(progress === null ? {} : { onProgress: progress.show }),
    });
    progress?.end();
    print(outcome, out, options.json === true);
    if (options.open === true) openInBrowser(join(out, 'report.html'));
    process.exitCode = exitCodeOf(outcome);
  } finally {
    progress?.end();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** A fault that waits for a stage the policy does not have would never happen: refused with its place. */
export function checkStages({ scenario, places }: LoadedScenario, policy: Policy): void {
  const names = policy.stages.map((stage) => stage.name);
  refuse(
    scenario.faults.flatMap(({ trigger }, i) =>
      trigger.on === 'stage' && !names.includes(trigger.stage)
        ? [
            places.issue(
              ['faults', i, 'at', 'stage'],
              `got stage '${trigger.stage}', expected one of the policy's: ${names.join(', ')}`,
            ),
          ]
        : [],
    ),
  );
}

function print(outcome: Outcome, out: string, asJson: boolean): void {
  const summary = (stream: NodeJS.WriteStream): string =>
    terminalSummary(outcome, { color: stream, report: join(out, 'report.html') });
  if (asJson) {
    process.stdout.write(`${JSON.stringify(outcome, null, 2)}\n`);
    process.stderr.write(`${summary(process.stderr)}\n`);
  } else process.stdout.write(`${summary(process.stdout)}\n`);
}

/** What the rehearsal says about the policy, as an exit code. */
export function exitCodeOf({ expectation, verdict }: Outcome): number {
  if (expectation !== null)
    return expectation.met ? EXIT.ok : verdict === 'paused' ? EXIT.inconclusive : EXIT.different;
  return verdict === 'paused' ? EXIT.inconclusive : EXIT.ok;
}

function openInBrowser(file: string): void {
  const command = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  const child = spawn(command, [file], { stdio: 'ignore', detached: true });
  child.on('error', () => process.stderr.write(`cannot open a browser here; the report is ${file}\n`));
  child.unref();
}
