/** What a rollback needs, and whether it had it: a model that can read the store, in memory, with warm caches, within the deadline. */
import type { Guard } from '../../controller/policy.ts';
import type { ArmWindow } from '../../telemetry/window.ts';
import { TimeTotal } from '../../telemetry/histogram.ts';
import { count, duration, ms, percent } from '../format.ts';
import { metricName } from '../metric.ts';
import type { RunData } from '../run-data.ts';
import { html, type Markup } from './escape.ts';
import { table } from './table.ts';

interface Requirement {
  readonly name: string;
  /** Null: it could not be put to the test. */
  readonly met: boolean | null;
  readonly figures: string;
}

/** Nothing for a rollout that was neither refused nor rolled back. */
export function rollbackRequirements(run: RunData): Markup {
  const found = requirementsOf(run);
  if (found.length === 0) return html``;
  const rows = found.map(({ name, met, figures }) => [
    name,
    met === null ? '·\u00a0not\u00a0tested' : met ? '✓\u00a0met' : '✗\u00a0not\u00a0met',
    figures,
  ]);
  return table('Rollback requirements', ['requirement', '', 'figures'], rows, 'words');
}

export function requirementsOf(run: RunData): readonly Requirement[] {
  const { verdict, explanation } = run.outcome;
  if (verdict === 'refused') return [{ name: 'feature schemas fit, both ways', met: false, figures: explanation }];
  if (run.outcome.rollback === null) return [];
  return [
    {
      name: 'feature schemas fit, both ways',
      met: true,
      figures: 'no difference between what is sent, what is stored, and what the old model reads',
    },
    loaded(run),
    warm(run),
    inTime(run),
  ];
}

type Rollback = NonNullable<RunData['outcome']['rollback']>;

const stepOf = ({ steps }: Rollback, name: string): Rollback['steps'][number] | undefined =>
  steps.find((step) => step.name === name);
const lengthOf = (step: Rollback['steps'][number]): number | null =>
  step.endMs === null ? null : step.endMs - step.startMs;

function loaded({ outcome }: RunData): Requirement {
  const rollback = outcome.rollback!;
  const name = 'old model in memory, or quick to load';
  const step = stepOf(rollback, 'load-baseline');
  if (step === undefined) return { name, met: true, figures: 'it stayed in memory' };
  const tookMs = lengthOf(step);
  const rest = rollback.steps
    .filter((other) => other !== step)
    .reduce<number | null>((sum, other) => (sum === null ? null : addTo(sum, lengthOf(other))), 0);
  return {
    name,
    met: tookMs !== null && tookMs + (rest ?? 0) <= rollback.deadlineMs,
    figures: `loading took ${duration(tookMs)}, everything else ${duration(rest)}, of a deadline of ${duration(rollback.deadlineMs)}`,
  };
}

const addTo = (sum: number, more: number | null): number | null => (more === null ? null : sum + more);

/** Windows in which the old fleet had its users back, up to the end of the rollback. */
function backAgain({ outcome, windows }: RunData): ArmWindow[] {
  const { trafficOffMs, completeMs } = outcome.rollback!;
  if (trafficOffMs === null) return [];
  return windows
    .filter(({ endMs, startMs }) => endMs > trafficOffMs && startMs < (completeMs ?? Infinity))
    .flatMap(({ rows }) => rows.filter((row) => row.arm === 'baseline' && row.segment === 'all'));
}

function warm(run: RunData): Requirement {
  const name = 'old model’s caches warm: the rollback itself keeps the SLO';
  const rows = backAgain(run);
  const bound = tightest(run);
  const [first] = rows;
  if (first === undefined || first.requests === 0) return { name, met: null, figures: 'no users came back' };
  const looked = first.cacheHits + first.cacheMisses;
  const hits = looked === 0 ? 'no cache' : `${percent(first.cacheHits / looked)} hits in the first window`;
  const worst = rows.map(quantileIn(bound?.metric.quantile ?? 0.95)).reduce((a, b) => Math.max(a, b), 0);
  if (bound === null) return { name, met: null, figures: `${hits}; p95 up to ${ms(worst)}, no absolute bound to keep` };
  const limit = bound.bound.value;
  const broken = rows.filter((row) => quantileIn(bound.metric.quantile)(row) > limit);
  const lasted = broken.reduce((sum, row) => sum + row.endMs - row.startMs, 0);
  const slow = broken.reduce((sum, row) => sum + row.requests, 0);
  const warmed = stepOf(run.outcome.rollback!, 'pre-warm') === undefined ? 'not warmed' : 'warmed';
  return {
    name,
    met: broken.length === 0,
    figures: `${warmed}, ${hits}; ${metricName(bound.metric)} up to ${ms(worst)}, over ${ms(limit)} for ${duration(lasted)} and ${count(slow)} requests`,
  };
}

type LatencyGuard = Guard & {
  readonly metric: { readonly kind: 'latency'; readonly quantile: number };
  readonly bound: { readonly kind: 'absolute'; readonly value: number };
};

/** The strictest promise about latency of the policy. */
function tightest({ policy }: RunData): LatencyGuard | null {
  const promises = policy.guards.filter(
    (guard): guard is LatencyGuard =>
      guard.metric.kind === 'latency' && guard.bound?.kind === 'absolute' && guard.action !== 'watch',
  );
  return promises.toSorted((a, b) => a.bound.value - b.bound.value)[0] ?? null;
}

const quantileIn =
  (quantile: number) =>
  ({ latency }: ArmWindow): number => {
    const total = new TimeTotal();
    total.add(latency);
    const value = total.quantile(quantile) ?? 0;
    total.destroy();
    return value;
  };

function inTime({ outcome }: RunData): Requirement {
  const { decidedAtMs, trafficOffMs, completeMs, deadlineMs, withinDeadline } = outcome.rollback!;
  const after = (atMs: number | null): string => (atMs === null ? 'never' : `after ${duration(atMs - decidedAtMs)}`);
  return {
    name: 'complete within the deadline',
    met: withinDeadline,
    figures: `traffic off ${after(trafficOffMs)}, complete ${after(completeMs)}, deadline ${duration(deadlineMs)}`,
  };
}
