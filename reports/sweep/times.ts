/** How long things took: until a regression was stopped, until a healthy candidate was promoted, and until all was back. */
import type { Characteristics } from '../../tuning/characteristics.ts';
import type { Spread } from '../../tuning/distribution.ts';
import type { Chart, LeftOut } from '../chart.ts';
import { duration } from '../format.ts';
import { timeAxis } from '../time-axis.ts';
import { type SpreadRow, spreadsChart, type Unit } from './spreads.ts';
import { leftOutPolicies, nameOf, shown, shownPolicies, type SweepData, underPolicy } from './sweep-data.ts';

interface Times {
  readonly head: Pick<Chart, 'id' | 'title'>;
  readonly of: (c: Characteristics) => Spread | null;
  /** Of one rollout; null where it has none. */
  readonly each: ((rollout: SweepData['result']['rollouts'][number]) => number | null) | null;
  readonly since: string;
  readonly because: string;
  readonly note: string;
  readonly longest: string;
}

export const delayChart = (sweep: SweepData): Chart | LeftOut =>
  timesChart(sweep, {
    head: { id: 'detection-delay', title: 'How long a regression went on' },
    of: ({ detectionDelayMs }) => detectionDelayMs,
    each: ({ detectionDelayMs }) => detectionDelayMs,
    since: 'the onset',
    because: 'no regression was stopped',
    note: 'From the onset of the regression to the decision, of those that were stopped.',
    longest: 'The longest median delay',
  });

export const promotionChart = (sweep: SweepData): Chart | LeftOut =>
  timesChart(sweep, {
    head: { id: 'time-to-promote', title: 'How long a promotion took' },
    of: ({ candidate, timeToPromoteMs }) => (candidate === 'healthy' ? timeToPromoteMs : null),
    each: null,
    since: 'the rollout began',
    because: 'no healthy candidate was promoted',
    note: 'Healthy candidates that were promoted. Where nothing is extended, all take the same time.',
    longest: 'The longest median',
  });

export const rollbackTimesChart = (sweep: SweepData): Chart | LeftOut =>
  timesChart(sweep, {
    head: { id: 'rollback-times', title: 'How long a rollback took' },
    of: ({ rollbackMs }) => rollbackMs,
    each: ({ rollbackMs }) => rollbackMs,
    since: 'the decision',
    because: 'no rollback was rehearsed in full',
    note: 'From the decision to the verified baseline. Only full rehearsals know: those of extended rollouts, and those that confirm a judgement.',
    longest: 'The longest median',
  });

function timesChart(sweep: SweepData, { head, of, each, since, because, note, longest }: Times): Chart | LeftOut {
  const policies = shownPolicies(sweep);
  const rows = shown(sweep).flatMap((c): SpreadRow[] => {
    const spread = of(c);
    if (spread === null) return [];
    const own = sweep.result.rollouts.filter(({ scenario, policy }) => scenario === c.scenario && policy === c.policy);
    const values = each === null ? [] : own.flatMap((rollout) => each(rollout) ?? []);
    return [{ subject: nameOf(c), policy: c.policy, spread, values }];
  });
  if (rows.length === 0) return { ...head, because };
  const axis = timeAxis(Math.max(...rows.map(({ spread }) => spread.max)), since);
  const unit: Unit = { per: axis.unitMs, title: axis.title, text: (value) => `median ${duration(value)}` };
  const worst = rows.reduce((a, b) => (b.spread.p50 > a.spread.p50 ? b : a));
  const where = underPolicy(worst.subject, worst.policy, policies.length > 1);
  return spreadsChart(
    {
      ...head,
      finding: `${longest}: ${duration(worst.spread.p50)} (${where}); nine in ten of these within ${duration(worst.spread.p90)}.`,
      note: `${note} Thin: all; thick: the middle eight tenths; dot: the median${rows.some(({ values }) => (values?.length ?? 0) > 0) ? '; strokes: every rollout' : ''}.${leftOutPolicies(sweep)}`,
    },
    rows,
    policies,
    unit,
  );
}
