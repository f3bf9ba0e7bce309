import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nowMs } from '../clock.ts';
import type { LoadCounts, LoadLimits, LoadPlan, LoadReport } from '../plan.ts';
import { HANG_MS, killGroup } from '../process-group.ts';
import { countDue, readIndex } from '../slice-reader.ts';
import { reasonsAgainst } from '../verdict.ts';
import type { FromGenerator, ToGenerator } from './messages.ts';

/** The process's file: a `.ts` beside a source, a `.js` beside compiled code. */
const MAIN = new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url);

/** A generator that is running. */
export interface RunningGenerator {
  readonly done: Promise<LoadReport>;
  /** See `Load`. */
  readonly pid: number | null;
  stop(): void;
}

/** Starts the built-in generator. Its end without a report is a report too: of an invalid load. */
export function launchBuiltin(plan: LoadPlan, limits: LoadLimits): RunningGenerator {
  // In a process group of its own: Ctrl-C in a terminal reaches the parent alone, which stops the generator in order.
  // Without the parent's own flags: one that was started with `node -e` would be started again.
  const child = fork(fileURLToPath(MAIN), [], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const tell = (message: ToGenerator): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const done = new Promise<LoadReport>((resolve) => {
    let last: Extract<FromGenerator, { kind: 'progress' }> | null = null;
    let report: LoadReport | null = null;
    child.on('message', (message: FromGenerator) => {
      if (message.kind === 'progress') last = message;
      else report = message.report;
    });
    child.on('error', (error) => {
      said = error.message;
    });
    child.on('close', (code, signal) => {
      const why = `the generator ended early (${signal ?? `code ${code}`})${said === '' ? '' : `: ${said.trim()}`}`;
      resolve(report ?? cutShort(plan, limits, last?.counts ?? null, last?.cpuMs ?? 0, why));
    });
  });
  tell({ kind: 'start', plan, limits });
  let patience: NodeJS.Timeout | undefined;
  child.on('close', () => clearTimeout(patience));
  return {
    done,
    pid: child.pid ?? null,
    stop() {
      tell({ kind: 'stop' });
      patience ??= setTimeout(() => killGroup(child.pid), plan.timeoutMs + HANG_MS);
    },
  };
}

/** What is known of a load whose generator died: its last counts, and what was due by now. */
function cutShort(plan: LoadPlan, limits: LoadLimits, last: LoadCounts | null, cpuMs: number, why: string): LoadReport {
  const elapsedMs = nowMs() - plan.startAtMs;
  const offered = countDue(plan.slices, readIndex(plan.slices), elapsedMs);
  const counts = last ?? { sent: 0, completed: 0, errors: 0, timedOut: 0, interrupted: 0 };
  const measured = {
    ...counts,
    offered,
    dropped: offered - counts.sent,
    latenessMs: { p50: null, p99: null, max: null },
    correctedMs: null,
    serviceMs: null,
    maxInFlight: null,
    cpuMs,
    cpuShare: cpuMs / Math.max(elapsedMs, 1),
  };
  const reasons = reasonsAgainst('builtin', measured, limits, [why]);
  return { generator: 'builtin', ...measured, valid: false, reasons, exit: 5 };
}
