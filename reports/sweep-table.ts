/** A sweep for a terminal: what each policy does to healthy candidates, and what it lets bad ones do. */
import type { Characteristics } from '../tuning/characteristics.ts';
import type { Spread } from '../tuning/distribution.ts';
import type { SweepResult } from '../tuning/result.ts';
import { count, duration, NONE, plural } from './format.ts';
import { byGuard, gainText, incompleteRollbacks, interval, moreNeeded, share } from './rate-words.ts';
import { stopSentences } from './stop-words.ts';
import { section } from './text-table.ts';

type Row = readonly string[];

export function sweepTable(result: SweepResult): string {
  const healthy = result.characteristics.filter(({ candidate }) => candidate === 'healthy');
  const regressed = result.characteristics.filter(({ candidate }) => candidate === 'regressed');
  const parts = [
    ...section('Healthy candidates: how often they are taken back', HEALTHY, healthy.map(healthyRow)),
    ...section(
      'Regressed candidates: how many come through, and how long the others take',
      REGRESSED,
      regressed.map(regressedRow),
    ),
    ...section('Compared on the same seeds: wrong rollouts', COMPARED, result.comparisons.map(comparedRow)),
    ...notes(result),
  ];
  return parts.join('\n');
}

const HEALTHY: Row = [
  'scenario',
  'policy',
  'runs',
  'false rollbacks',
  '95 % interval',
  'by guard',
  'paused',
  'promoted after',
];

const healthyRow = (c: Characteristics): Row => [
  c.scenario,
  c.policy,
  count(c.replications),
  share(c.falseRollback),
  interval(c.falseRollback),
  byGuard(c.falseRollbackByGuard),
  count(c.verdicts.paused),
  spread(c.timeToPromoteMs),
];

const REGRESSED: Row = [
  'scenario',
  'policy',
  'runs',
  'caught',
  'missed',
  '95 % interval',
  'paused',
  'delay (90 %)',
  'rollback takes',
  'requests served',
];

const regressedRow = (c: Characteristics): Row => [
  c.scenario,
  c.policy,
  count(c.replications),
  c.detected === null ? NONE : share(c.detected),
  c.missedRegression === null ? NONE : share(c.missedRegression),
  c.missedRegression === null ? NONE : interval(c.missedRegression),
  count(c.verdicts.paused),
  spread(c.detectionDelayMs),
  duration(c.rollbackMs?.p50 ?? null),
  count(c.harm.requestsToCandidate?.p50 ?? null),
];

const COMPARED: Row = [
  'scenario',
  'first',
  'second',
  'only first',
  'only second',
  'both',
  'p (McNemar)',
  'rollouts worth',
];

const comparedRow = (c: SweepResult['comparisons'][number]): Row => [
  c.scenario,
  c.first,
  c.second,
  ...[c.onlyFirst, c.onlySecond, c.both].map(count),
  c.p < 0.001 ? c.p.toExponential(1) : c.p.toFixed(3),
  gainText(c.gain),
];

/** Median, and the value that nine in ten keep to. */
const spread = (of: Spread | null): string => (of === null ? NONE : `${duration(of.p50)} (${duration(of.p90)})`);

function notes(result: SweepResult): string[] {
  const { characteristics, scenarios } = result;
  const sum = (of: (c: Characteristics) => number): number => characteristics.reduce((total, c) => total + of(c), 0);
  const off = sum((c) => c.offSchedule);
  const confirmed = sum((c) => c.confirmed);
  const scaled = scenarios.filter(({ timeScale }) => timeScale !== 1);
  return [
    ...stopSentences(result),
    ...(off > 0
      ? [`${plural(off, 'rollout')} left the recorded schedule (an extended stage) and had to be rehearsed.`]
      : []),
    ...incompleteRollbacks(characteristics),
    ...moreNeeded(characteristics),
    ...(confirmed > 0 ? [`${plural(confirmed, 'judgement')} confirmed by a full rehearsal.`] : []),
    ...(scaled.length > 0
      ? [
          `Caution: schedules are compressed (${scaled.map(({ name, timeScale }) => `${name} ÷${Number(timeScale.toPrecision(3))}`).join(', ')}); times are compressed times, and guards see fewer samples.`,
        ]
      : []),
  ];
}
