import { formatDuration } from '../config/units.ts';
import { classify } from '../conclude.ts';
import { clopperPearson } from '../statistics/binomial.ts';
import type { SweepProgress } from '../tuning/executor.ts';
import type { JobResult } from '../tuning/job.ts';
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
  const running = new Running(plan);
  return {
    show(progress) {
      // The first time: what was found done.
      for (const result of latest === null ? progress.results : [progress.latest])
        if (result !== null) running.add(result);
      latest = progress;
      if (quiet) return;
      const nowMs = performance.now();
      const text = line(progress, running, nowMs - startedMs);
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

function line({ done, total, found, answered }: SweepProgress, running: Running, wallMs: number): string {
  const here = done - found;
  const perMs = here / wallMs;
  const left = here === 0 ? '?' : formatDuration(Math.round((total - done) / perMs / 1000) * 1000);
  const rate = here === 0 ? '' : `  ${(perMs * 60_000).toFixed(1)}/min`;
  const question = answered === null ? '' : `  answered for ${answered.clear} of ${answered.of}`;
  return `${done}/${total} replications${found > 0 ? ` (${found} found done)` : ''}${rate}  ${left} left${question}  ${running.words()}`.trimEnd();
}

/** What is being measured, as far as it is known: rollouts of all scenarios and policies together. */
class Running {
  private readonly plan: Plan;
  private readonly counted = new Set<string>();
  private readonly healthy: [events: number, of: number] = [0, 0];
  private readonly regressed: [events: number, of: number] = [0, 0];

  constructor(plan: Plan) {
    this.plan = plan;
  }

  add({ key, scenario, results }: JobResult): void {
    if (this.counted.has(key)) return;
    this.counted.add(key);
    const { truth } = this.plan.scenarios[scenario]!.scenario;
    const counts = truth.candidate === 'healthy' ? this.healthy : this.regressed;
    for (const { verdict, decidedAtMs, rehearsed } of results) {
      const end = verdict === 'off-schedule' ? rehearsed : { verdict, decidedAtMs };
      if (end === null || end.verdict === 'recording-over') continue;
      const classification = classify(truth, end.verdict, end.decidedAtMs);
      counts[1] += 1;
      if (classification === (truth.candidate === 'healthy' ? 'false-rollback' : 'true-rollback')) counts[0] += 1;
    }
  }

  words(): string {
    return [words('healthy rolled back', this.healthy), words('regressed caught', this.regressed)]
      .filter((text) => text !== '')
      .join(', ');
  }
}

const percent = (share: number): string => String(Number((share * 100).toPrecision(2)));

/** "healthy rolled back 2 of 34 (0.72 – 20 %)": with the 95 % interval, since early rates say little. */
function words(what: string, [events, of]: readonly [number, number]): string {
  if (of === 0) return '';
  const [low, high] = clopperPearson(events, of);
  return `${what} ${events} of ${of} (${percent(low)} – ${percent(high)} %)`;
}
