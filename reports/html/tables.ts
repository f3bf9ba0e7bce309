/** The figures behind the pictures, as tables. */
import type { Guard } from '../../controller/policy.ts';
import type { GuardVerdict } from '../../controller/decision.ts';
import type { Percentiles } from '../../outcome.ts';
import { harmRows } from '../charts/harm.ts';
import { change, count, duration, ms, NONE, number, percent } from '../format.ts';
import { isDecision, verdictsByGuard } from '../guard-log.ts';
import { boundText, metricName, metricValue, ruleText } from '../metric.ts';
import type { RunData } from '../run-data.ts';
import { stagePassed, stageShare } from '../words.ts';
import { html, type Markup } from './escape.ts';
import { cityTable } from './city-table.ts';
import { listTable } from './list-table.ts';
import { outcomeTables } from './outcome-tables.ts';
import { shadowTables } from './shadow-tables.ts';
import { rollbackRequirements } from './rollback-requirements.ts';
import { table } from './table.ts';

/** More decisions than this are left to decisions.jsonl. */
const MOST_DECISIONS = 300;
const PERCENTILE_HEADS = ['mean', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max'];

export const tables = (run: RunData): Markup[] => [
  stageTable(run),
  cityTable(run),
  timesTable(run),
  shareTable(run),
  listTable(run),
  outcomeTables(run),
  shadowTables(run),
  harmTable(run),
  rollbackRequirements(run),
  guardTable(run),
  decisionTable(run),
];

function stageTable({ outcome }: RunData): Markup {
  const rows = outcome.stages.map((stage, i) => [
    stage.name,
    stageShare(stage.weightPercent) + (stage.segments === undefined ? '' : ` of ${stage.segments.join(', ')}`),
    duration(stage.startMs),
    duration(stage.endMs - stage.startMs),
    count(stage.requests),
    stagePassed(outcome, i) ? '✓ passed' : '✗ not passed',
  ]);
  return table('Stages', ['stage', 'candidate’s share', 'began at', 'lasted', 'requests', ''], rows);
}

const percentileCells = (p: Percentiles): string[] => [p.mean, p.p50, p.p90, p.p95, p.p99, p.p999, p.max].map(ms);

function timesTable({ outcome }: RunData): Markup {
  const kinds = [
    ['latency', outcome.latencyMs],
    ['wait in queue', outcome.waitMs],
    ['feature fetch', outcome.featureFetchMs],
  ] as const;
  const measured = kinds.filter(([, arms]) => arms.baseline.mean !== null || arms.candidate.mean !== null);
  const rows = measured.flatMap(([name, arms]) => [
    [`${name}, baseline`, ...percentileCells(arms.baseline)],
    [`${name}, candidate`, ...percentileCells(arms.candidate)],
  ]);
  return table('Times while users saw both arms (of the shadow when they never did)', ['', ...PERCENTILE_HEADS], rows);
}

function shareTable({ outcome }: RunData): Markup {
  if (outcome.requests.total === 0) return html``;
  const { utilisation, cacheHitRatio, requests, shadow } = outcome;
  const rows = [
    ['requests', count(requests.byArm.baseline), count(requests.byArm.candidate)],
    ['utilisation', percent(utilisation.baseline), percent(utilisation.candidate)],
    ['feature cache hits', percent(cacheHitRatio.baseline), percent(cacheHitRatio.candidate)],
    ['extra inferences by mirroring', NONE, count(shadow.extraInferences)],
    ['pairs that differ', NONE, percent(shadow.mismatchRatio)],
  ];
  return table('Load and shadow comparison', ['', 'baseline', 'candidate'], rows);
}

function harmTable(run: RunData): Markup {
  if (run.outcome.harm.requestsToCandidate === 0) return html``;
  const rows = harmRows(run).map((row) => [row.kind, count(row.requests), number(row.perThousand)]);
  const all = ['requests served by the candidate', count(run.outcome.harm.requestsToCandidate), NONE];
  return table('Cost to users, against the baseline', ['', 'requests', 'per 1,000'], [all, ...rows]);
}

function guardTable({ log, policy }: RunData): Markup {
  const verdicts = verdictsByGuard(log, policy);
  const rows = policy.guards.map((guard) => guardCells(guard, verdicts.get(guard) ?? []));
  return table(
    'Watched values',
    ['guard', 'metric', 'bound', 'for', 'on breach', 'last value', 'pass / breach / inconclusive'],
    rows,
    'words',
  );
}

function guardCells(guard: Guard, verdicts: readonly GuardVerdict[]): string[] {
  const last = verdicts.findLast((v) => v.value !== null);
  return [
    guard.name,
    metricName(guard.metric),
    boundText(guard),
    ruleText(guard),
    guard.action,
    last === undefined ? NONE : metricValue(guard.metric, last.value) + against(guard, last),
    saidText(guard, verdicts),
  ];
}

/** How often it said what. Without a bound there is nothing to say. */
function saidText({ bound }: Guard, verdicts: readonly GuardVerdict[]): string {
  if (verdicts.length === 0) return 'never evaluated';
  if (bound === null) return 'only shown';
  const times = (kind: GuardVerdict['verdict']) => count(verdicts.filter((v) => v.verdict === kind).length);
  return `${times('pass')} / ${times('breach')} / ${times('inconclusive')}`;
}

function against(guard: Guard, { value, reference }: GuardVerdict): string {
  if (guard.bound?.kind !== 'relative' || value === null || reference === null || reference === 0) return '';
  return ` (${change(value / reference - 1)})`;
}

function decisionTable({ log }: RunData): Markup {
  const decisions = log.filter(isDecision);
  const rows = decisions.slice(0, MOST_DECISIONS).map((d) => [duration(d.atMs), d.stage, d.kind, d.sentence]);
  const rest = decisions.length - rows.length;
  return html`${table('Every decision', ['at', 'stage', 'decision', 'why'], rows, 'words')}${rest > 0 && html`<p>${count(rest)} more in decisions.jsonl.</p>`}`;
}
