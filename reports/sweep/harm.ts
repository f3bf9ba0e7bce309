import type { Characteristics } from '../../tuning/characteristics.ts';
import type { Chart, LeftOut } from '../chart.ts';
import { count } from '../format.ts';
import { type SpreadRow, spreadsChart } from './spreads.ts';
import { leftOutPolicies, nameOf, shown, shownPolicies, type SweepData, underPolicy } from './sweep-data.ts';

const KINDS = {
  requestsToCandidate: 'requests it answered',
  excessErrors: 'excess errors',
  excessSlow: 'excess slow answers',
  lostOutcomes: 'lost outcomes',
} as const;

/** What regressed candidates did to users until the decision, by kind. */
export function harmSpreadChart(sweep: SweepData): Chart | LeftOut {
  const head = { id: 'harm', title: 'What regressions cost users' };
  const policies = shownPolicies(sweep);
  const regressed = shown(sweep).filter(({ candidate }) => candidate === 'regressed');
  const rows = regressed.flatMap((c) => rowsOf(c));
  if (rows.length === 0) return { ...head, because: 'no regressed candidate answered a user' };
  const worst = regressed.reduce((a, b) => (harmful(b) > harmful(a) ? b : a));
  return spreadsChart(
    {
      ...head,
      finding: `Most was done by ${underPolicy(nameOf(worst), worst.policy, policies.length > 1)}: ${harmWords(worst)}.`,
      note: `Until the decision, beyond what the baseline would have done to as many requests; below 0 the candidate was better. Symmetric logarithmic scale.${leftOutPolicies(sweep)}`,
    },
    rows,
    policies,
    { per: 1, title: 'requests', text: count, symlog: true },
  );
}

const rowsOf = (c: Characteristics): SpreadRow[] =>
  Object.entries(KINDS).flatMap(([kind, words]) => {
    const spread = c.harm[kind as keyof typeof KINDS];
    const isNothing = spread === null || (spread.min === 0 && spread.max === 0);
    return isNothing ? [] : [{ subject: `${nameOf(c)}: ${words}`, policy: c.policy, spread }];
  });

function harmWords({ harm }: Characteristics): string {
  const parts = (['excessErrors', 'excessSlow', 'lostOutcomes'] as const).flatMap((kind) => {
    const median = Math.round(harm[kind]?.p50 ?? 0);
    return median > 0 ? [`${count(median)} ${KINDS[kind]}`] : [];
  });
  return parts.length === 0
    ? 'in the median nothing that the baseline would not have done'
    : `a median of ${parts.join(', ')}`;
}

const harmful = ({ harm: { excessErrors, excessSlow, lostOutcomes } }: Characteristics): number =>
  [excessErrors, excessSlow, lostOutcomes].reduce((sum, spread) => sum + Math.max(0, spread?.p50 ?? 0), 0);
