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

/**
 * What is being measured, as far as it is known: over all healthy, and all regressed scenarios, of the policy that does worst so far. Policies see the
 * same seeds, so their rollouts together would be no independent trials.
 */
class Running {
  private readonly plan: Plan;
  private readonly counted = new Set<string>();
  /** By place of the policy. */
  private readonly healthy = new Map<number, Count>();
  private readonly regressed = new Map<number, Count>();

  constructor(plan: Plan) {
    this.plan = plan;
  }

  add({ key, scenario, results }: JobResult): void {
    if (this.counted.has(key)) return;
    this.counted.add(key);
    const { truth } = this.plan.scenarios[scenario]!.scenario;
    const isHealthy = truth.candidate === 'healthy';
    const counts = isHealthy ? this.healthy : this.regressed;
    for (const { policy, verdict, decidedAtMs, rehearsed } of results) {
      const end = verdict === 'off-schedule' ? rehearsed : { verdict, decidedAtMs };
      if (end === null || end.verdict === 'recording-over') continue;
      const classification = classify(truth, end.verdict, end.decidedAtMs);
      const isEvent = classification === (isHealthy ? 'false-rollback' : 'true-rollback');
      const { events, of } = counts.get(policy) ?? { events: 0, of: 0 };
      counts.set(policy, { events: events + (isEvent ? 1 : 0), of: of + 1 });
    }
  }

  words(): string {
    return [this.worst('healthy rolled back', this.healthy, 1), this.worst('regressed caught', this.regressed, -1)]
      .filter((text) => text !== '')
      .join(', ');
  }

  /** `sign`: 1 where events are bad. The first of the plan where several are as bad. */
  private worst(what: string, counts: ReadonlyMap<number, Count>, sign: number): string {
    const ratio = ([, { events, of }]: readonly [number, Count]): number => (sign * events) / of;
    const [first, ...others] = [...counts].toSorted((a, b) => ratio(b) - ratio(a) || a[0] - b[0]);
    if (first === undefined) return '';
    const name = others.length === 0 ? '' : ` by ${this.plan.policies[first[0]]!.name}`;
    return words(`${what}${name}`, first[1]);
  }
}

interface Count {
  readonly events: number;
  readonly of: number;
}

const percent = (share: number): string => String(Number((share * 100).toPrecision(2)));

/** "healthy rolled back by seed 2 of 34 (0.72 – 20 %)": with the 95 % interval, since early rates say little. */
function words(what: string, { events, of }: Count): string {
  const [low, high] = clopperPearson(events, of);
  return `${what} ${events} of ${of} (${percent(low)} – ${percent(high)} %)`;
}
