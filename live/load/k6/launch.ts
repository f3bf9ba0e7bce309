import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { histogramsReady } from '../../../telemetry/histogram.ts';
import type { RunningGenerator } from '../builtin/launch.ts';
import { nowMs } from '../clock.ts';
import type { FoundK6 } from '../find-k6.ts';
import type { LoadLimits, LoadPlan, LoadReport } from '../plan.ts';
import { HANG_MS, killGroup } from '../process-group.ts';
import { countDue, readIndex } from '../slice-reader.ts';
import { reasonsAgainst } from '../verdict.ts';
import { k6Failure } from './exits.ts';
import { Listener } from './listener.ts';
import { PLAN_VARIABLE, type ScriptPlan } from './script-plan.ts';
import { openStopLine } from './stop-line.ts';
import { signalWatched, spawnWatched, type Watched } from './watchdog.ts';

/** The script: a `.ts` beside a source, a `.js` beside compiled code. k6 runs both. */
const SCRIPT = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../load.k6.ts' : '../../load.k6.js', import.meta.url),
);
/** Beyond the last request and its time-out: for virtual users that are behind. */
const SLACK_MS = 5000;

/** Offline, quiet, nothing kept in memory; every figure comes from the script's lines. */
const ARGUMENTS = [
  'run',
  '--no-usage-report',
  '--address',
  '',
  '--quiet',
  '--no-color',
  '--include-system-env-vars=false',
  '--no-thresholds',
  '--log-output=stdout',
  '--log-format=raw',
];

/** k6 2 dropped the flag that every 1.x knows, for one that its first ones do not. */
const noSummary = ({ version }: FoundK6): string =>
  version.startsWith('1.') ? '--no-summary' : '--summary-mode=disabled';

/** Starts k6 on the slices. */
export function launchK6(plan: LoadPlan, limits: LoadLimits, k6: FoundK6): RunningGenerator {
  const run = new K6Run(plan, limits);
  return {
    done: run.run(k6),
    get pid() {
      return run.child?.pid ?? null;
    },
    stop: () => run.stop(),
  };
}

class K6Run {
  child: Watched | null = null;
  private readonly plan: LoadPlan;
  private readonly limits: LoadLimits;
  private readonly index;
  private readonly virtualUsers: number;
  private listener: Listener | null = null;
  private stoppedAtMs: number | null = null;
  private ending = false;
  private pull: () => void = () => undefined;
  private patience: NodeJS.Timeout | undefined;

  constructor(plan: LoadPlan, limits: LoadLimits) {
    this.plan = plan;
    this.limits = limits;
    this.index = readIndex(plan.slices);
    this.virtualUsers = Math.max(1, Math.min(plan.expectedMaxInFlight, this.index.rows));
  }

  async run(k6: FoundK6): Promise<LoadReport> {
    await histogramsReady();
    const stopLine = await openStopLine();
    this.pull = () => stopLine.pull();
    if (this.stoppedAtMs !== null) stopLine.pull();
    const listener = new Listener();
    this.listener = listener;
    const options = [...ARGUMENTS, noSummary(k6), '-e', this.variable(stopLine.url)];
    const child = spawnWatched([k6.path, ...options, SCRIPT], environment());
    this.child = child;
    const ended = new Promise<{ code: number | null; signal: string | null }>((settle, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => settle({ code, signal }));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => listener.words.push(...text.trim().split('\n')));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      listener.hear(text);
      if (listener.resting === this.virtualUsers) this.end();
    });
    try {
      const { code, signal } = await ended;
      return this.report(listener, code, signal);
    } finally {
      clearTimeout(this.patience);
      stopLine.close();
    }
  }

  stop(): void {
    if (this.stoppedAtMs !== null) return;
    this.stoppedAtMs = nowMs();
    this.listener?.stopAt(this.dueAt(this.stoppedAtMs));
    this.pull();
    // Virtual users sleep until their request is due, which may be long: after the time-out nothing is on its way.
    this.patience = setTimeout(() => {
      this.end();
      this.patience = setTimeout(() => killGroup(this.child?.pid), HANG_MS);
    }, this.plan.timeoutMs + 500);
  }

  /** Ends k6, once: it takes a second signal for impatience. */
  private end(): void {
    if (this.child === null || this.ending) return;
    this.ending = true;
    signalWatched(this.child, 'TERM');
  }

  private dueAt(atMs: number): number {
    return countDue(this.plan.slices, this.index, atMs - this.plan.startAtMs);
  }

  private variable(stopUrl: string): string {
    const { url, slices, startAtMs, timeoutMs } = this.plan;
    const { index, virtualUsers } = this;
    const maxDurationMs = Math.max(startAtMs - nowMs(), 0) + index.untilMs + timeoutMs + SLACK_MS;
    const dir = resolve(slices);
    const plan: ScriptPlan = { url, dir, index, startAtMs, virtualUsers, timeoutMs, maxDurationMs, stopUrl };
    return `${PLAN_VARIABLE}=${JSON.stringify(plan)}`;
  }

  private report(listener: Listener, code: number | null, signal: string | null): LoadReport {
    const endMs = nowMs();
    const failure = k6Failure(code, signal, this.ending);
    const wasWhole = failure === null && this.stoppedAtMs === null;
    const due = wasWhole ? this.index.rows : this.dueAt(this.stoppedAtMs ?? endMs);
    const { cpuMs } = listener;
    const measured = {
      ...listener.counts(due),
      ...listener.times(),
      maxInFlight: null,
      cpuMs,
      cpuShare: cpuMs / Math.max(endMs - this.plan.startAtMs, 1),
    };
    const failures = failure === null ? [] : [[failure.text, ...listener.words].join('; ')];
    const reasons = reasonsAgainst('k6', measured, this.limits, failures);
    const valid = reasons.length === 0;
    return { generator: 'k6', ...measured, valid, reasons, exit: valid ? null : (failure?.exit ?? 5) };
  }
}

/** The environment without what would change k6's options behind our back, and with its looking things up on the internet off. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('K6_'));
  return { ...Object.fromEntries(own), K6_AUTO_EXTENSION_RESOLUTION: 'false' };
}
