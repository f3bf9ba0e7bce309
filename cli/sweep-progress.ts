import { formatDuration } from '../config/units.ts';
import type { SweepProgress } from '../tuning/executor.ts';
import type { Plan } from '../tuning/plan.ts';

/** At most two frames a second on a terminal, one line per 10 % elsewhere. */
const FRAME_MS = 500;

export interface SweepPrinter {
  show(progress: SweepProgress): void;
  end(): void;
  /** How much is kept so far, in words. */
  kept(): string;
  /** What has been found so far. */
  results(): SweepProgress['results'];
}

/** Shows how far a sweep is: rate, time left, and what has been found so far. */
export function sweepPrinter(stream: NodeJS.WriteStream, plan: Plan, quiet: boolean): SweepPrinter {
  const startedMs = performance.now();
  let latest: SweepProgress | null = null;
  let lastFrameMs = Number.NEGATIVE_INFINITY;
  let lastTenth = 0;
  let drawn = false;
  return {
    show(progress) {
      latest = progress;
      if (quiet) return;
      const nowMs = performance.now();
      const text = line(progress, plan, nowMs - startedMs);
      const tenth = Math.floor((progress.done / progress.total) * 10);
      if (stream.isTTY) {
        if (nowMs - lastFrameMs < FRAME_MS) return;
        lastFrameMs = nowMs;
        drawn = true;
        stream.write(`\r\u001b[K${text.slice(0, (stream.columns ?? 100) - 1)}`);
      } else if (tenth > lastTenth) {
        lastTenth = tenth;
        stream.write(`${text}\n`);
      }
    },
    end() {
      if (drawn) stream.write('\r\u001b[K');
      drawn = false;
    },
    results: () => latest?.results ?? [],
    kept: () => `${latest?.done ?? 0} of ${latest?.total ?? '?'} replications are kept`,
  };
}

function line({ done, total, found, results }: SweepProgress, plan: Plan, wallMs: number): string {
  const here = done - found;
  const perMs = here / wallMs;
  const left = here === 0 ? '?' : formatDuration(Math.round((total - done) / perMs / 1000) * 1000);
  const rate = here === 0 ? '' : `  ${(perMs * 60_000).toFixed(1)}/min`;
  return `${done}/${total} replications${found > 0 ? ` (${found} found done)` : ''}${rate}  ${left} left  ${running(results, plan)}`.trimEnd();
}

/** Judged so far: false rollbacks of healthy candidates, and regressions that were caught. */
function running(results: SweepProgress['results'], { scenarios }: Plan): string {
  const seen = { healthy: [0, 0], regressed: [0, 0] };
  for (const { scenario, results: own } of results) {
    const counts = seen[scenarios[scenario]!.scenario.truth.candidate];
    for (const { verdict, rehearsed } of own) {
      const ended = verdict === 'off-schedule' ? rehearsed?.verdict : verdict;
      counts[1]! += 1;
      if (ended === 'rolled-back' || ended === 'refused') counts[0]! += 1;
    }
  }
  return [words('healthy', seen.healthy), words('regressed', seen.regressed)].filter((text) => text !== '').join(', ');
}

const words = (what: string, [k, n]: readonly number[]): string => (n === 0 ? '' : `${what} stopped ${k} of ${n}`);
