/** The figures behind a sweep's pictures, for every policy. */
import type { Spread } from '../../tuning/distribution.ts';
import { count, duration, NONE } from '../format.ts';
import type { Markup } from '../html/escape.ts';
import { table } from '../html/table.ts';
import { byGuard, gainText, interval, share } from '../rate-words.ts';
import { pText } from './paired.ts';
import type { SweepData } from './sweep-data.ts';

export const sweepTables = (sweep: SweepData): Markup[] => [
  healthyTable(sweep),
  regressedTable(sweep),
  harmTable(sweep),
  pairedTable(sweep),
];

const times = (spread: Spread | null): string =>
  spread === null ? NONE : `${duration(spread.p50)} (${duration(spread.p10)} – ${duration(spread.p90)})`;
const counts = (spread: Spread | null): string =>
  spread === null ? NONE : `${count(spread.p50)} (${count(spread.p10)} – ${count(spread.p90)})`;

function healthyTable({ result }: SweepData): Markup {
  const rows = result.characteristics
    .filter(({ candidate }) => candidate === 'healthy')
    .map((c) => [
      c.scenario,
      c.policy,
      count(c.replications),
      share(c.falseRollback),
      interval(c.falseRollback),
      byGuard(c.falseRollbackByGuard),
      count(c.paused.events),
      times(c.timeToPromoteMs),
    ]);
  const heads = [
    'scenario',
    'policy',
    'rollouts',
    'false rollbacks',
    '95 % interval',
    'by guard',
    'paused',
    'promoted after',
  ];
  return table('Healthy candidates', heads, rows, 'words');
}

function regressedTable({ result }: SweepData): Markup {
  const rows = result.characteristics
    .filter(({ candidate }) => candidate === 'regressed')
    .map((c) => [
      c.scenario,
      c.policy,
      count(c.replications),
      c.detected === null ? NONE : share(c.detected),
      c.missedRegression === null ? NONE : share(c.missedRegression),
      c.missedRegression === null ? NONE : interval(c.missedRegression),
      count(c.falseRollback.events),
      count(c.paused.events),
      times(c.detectionDelayMs),
      times(c.rollbackMs),
    ]);
  const heads = [
    'scenario',
    'policy',
    'rollouts',
    'caught',
    'let through',
    '95 % interval',
    'stopped before the onset',
    'paused',
    'delay: median (10 – 90 %)',
    'rollback takes',
  ];
  return table('Regressed candidates', heads, rows);
}

function harmTable({ result }: SweepData): Markup {
  const rows = result.characteristics
    .filter(({ candidate }) => candidate === 'regressed')
    .map(({ scenario, policy, harm }) => [
      scenario,
      policy,
      ...[harm.requestsToCandidate, harm.excessErrors, harm.excessSlow, harm.lostOutcomes].map(counts),
    ]);
  const heads = ['scenario', 'policy', 'requests answered', 'excess errors', 'excess slow answers', 'lost outcomes'];
  return table('Cost to users until the decision: median (10 – 90 %)', heads, rows);
}

function pairedTable({ result }: SweepData): Markup {
  const rows = result.comparisons.map((c) => [
    c.scenario,
    `${c.first} against ${c.second}`,
    c.event.replace('-', ' '),
    ...[c.onlyFirst, c.onlySecond, c.both, c.neither].map(count),
    pText(c.p),
    gainText(c.gain),
  ]);
  const heads = [
    'scenario',
    'policies',
    'counted',
    'only first',
    'only second',
    'both',
    'neither',
    'p (McNemar)',
    'rollouts worth',
  ];
  return table('Policies on the same seeds: who was wrong', heads, rows);
}
