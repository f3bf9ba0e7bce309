/** How often policies are wrong: healthy candidates taken back, by whom, and regressions let through. */
import type { Chart, LeftOut } from '../chart.ts';
import { rateText, ratesChart, type RateRow } from './rates.ts';
import { leftOutPolicies, nameOf, shown, shownPolicies, type SweepData, underPolicy } from './sweep-data.ts';

/** Of healthy candidates: a regressed one can be taken back too early as well, but that is rare and in the table. */
export function falseRollbacksChart(sweep: SweepData): Chart | LeftOut {
  const head = { id: 'false-rollbacks', title: 'Healthy candidates taken back' };
  const healthy = shown(sweep).filter(({ candidate, replications }) => candidate === 'healthy' && replications > 0);
  if (healthy.length === 0) return { ...head, because: 'no scenario of the sweep has a healthy candidate' };
  const policies = shownPolicies(sweep);
  const worst = healthy.reduce((a, b) => (b.falseRollback.events > a.falseRollback.events ? b : a));
  const rows = healthy.map((c): RateRow => ({ subject: nameOf(c), policy: c.policy, rate: c.falseRollback }));
  const most = `${underPolicy(nameOf(worst), worst.policy, policies.length > 1)}: ${rateText(worst.falseRollback)}`;
  return ratesChart(
    {
      ...head,
      finding:
        worst.falseRollback.events === 0
          ? `Not one healthy candidate was taken back: ${most}.`
          : `Taken back most often: ${most}.`,
      note: `Clopper-Pearson intervals. A dashed line that ends in a bar is an upper bound: nothing happened in so many rollouts.${leftOutPolicies(sweep)}`,
    },
    rows,
    policies,
    'false rollbacks per rollout',
  );
}

export function guardsChart(sweep: SweepData): Chart | LeftOut {
  const head = { id: 'false-by-guard', title: 'Which guard took them back' };
  const policies = shownPolicies(sweep);
  const rows = shown(sweep)
    .filter(({ candidate }) => candidate === 'healthy')
    .flatMap((c) =>
      c.falseRollbackByGuard.map(
        ({ guard, ...rate }): RateRow => ({ subject: `${guard} on ${nameOf(c)}`, policy: c.policy, rate }),
      ),
    );
  if (rows.length === 0) return { ...head, because: 'no guard took a healthy candidate back' };
  const first = rows.reduce((a, b) => (b.rate.events > a.rate.events ? b : a));
  return ratesChart(
    {
      ...head,
      finding: `${first.subject} fired most often: ${rateText(first.rate)}.`,
      note: `The guard that ended the rollout; guards that never did are not shown.${leftOutPolicies(sweep)}`,
    },
    rows,
    policies,
    'false rollbacks per rollout',
  );
}

export function missedChart(sweep: SweepData): Chart | LeftOut {
  const head = { id: 'missed', title: 'Regressions let through' };
  const policies = shownPolicies(sweep);
  const rows = shown(sweep).flatMap((c): RateRow[] =>
    c.missedRegression === null || c.missedRegression.of === 0
      ? []
      : [{ subject: nameOf(c), policy: c.policy, rate: c.missedRegression }],
  );
  if (rows.length === 0) return { ...head, because: 'no scenario of the sweep has a regressed candidate' };
  const worst = rows.reduce((a, b) => (b.rate.events > a.rate.events ? b : a));
  const most = `${underPolicy(worst.subject, worst.policy, policies.length > 1)}: ${rateText(worst.rate)}`;
  return ratesChart(
    {
      ...head,
      finding:
        worst.rate.events === 0
          ? `Not one regressed candidate was promoted: ${most}.`
          : `Let through most often: ${most}.`,
      note: `Promoted although regressed. A pause lets nothing through, and is counted above.${leftOutPolicies(sweep)}`,
    },
    rows,
    policies,
    'missed regressions per rollout',
  );
}
