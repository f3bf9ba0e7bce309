import { type Chart, PLOT_WIDTH, type Row } from '../chart.ts';
import { plural } from '../format.ts';
import { bandHeight, bandY } from './bands.ts';
import { leftOutPolicies, nameOf, shown, shownPolicies, type SweepData } from './sweep-data.ts';

/** What became of the rollouts, in the words of what was right. */
const KINDS = ['right', 'paused for a person', 'false rollback', 'missed regression'] as const;

/** How all rollouts ended, and whether that was right. */
export function verdictsChart(sweep: SweepData): Chart {
  const policies = shownPolicies(sweep);
  const all = shown(sweep);
  const rows = all.flatMap((each): Row[] => {
    const { candidate, policy, replications: n } = each;
    const wrongly = each.falseRollback.events;
    const missed = each.missedRegression?.events ?? 0;
    const paused = each.paused.events;
    const counts = [n - wrongly - missed - paused, paused, wrongly, missed];
    return KINDS.map((kind, i) => ({
      subject: `${nameOf(each)} (${candidate})`,
      policy,
      kind,
      order: i,
      rollouts: counts[i]!,
      share: n === 0 ? 0 : counts[i]! / n,
    }));
  });
  const subjects = [...new Set(rows.map((row) => row['subject'] as string))];
  const wrong = all.reduce((sum, c) => sum + c.falseRollback.events + (c.missedRegression?.events ?? 0), 0);
  const total = all.reduce((sum, c) => sum + c.replications, 0);
  return {
    id: 'verdicts',
    title: 'How the rollouts ended',
    finding: `${plural(total, 'rollout')} were judged; ${wrong === 0 ? 'none ended wrongly' : `${wrong} ended wrongly`}.`,
    note: `Right: a healthy candidate promoted, a regressed one rolled back or refused. A pause is neither: a person decides. Within a scenario the policies stand in the order of the legends below: ${policies.join(', ')}.${leftOutPolicies(sweep)}`,
    datasets: { verdicts: rows },
    table: {
      dataset: 'verdicts',
      columns: [
        { field: 'subject', label: 'scenario' },
        { field: 'policy', label: 'policy' },
        { field: 'kind', label: 'ended' },
        { field: 'rollouts', label: 'rollouts' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => ({
      data: { name: 'verdicts' },
      width: PLOT_WIDTH - 190,
      height: bandHeight(subjects, policies),
      mark: { type: 'bar', height: { band: 0.82 }, aria: false },
      encoding: {
        x: {
          field: 'share',
          type: 'quantitative',
          stack: 'zero',
          scale: { domain: [0, 1], nice: false },
          axis: { title: 'share of the rollouts', format: '.0%', grid: false },
        },
        ...bandY(subjects, policies),
        color: {
          field: 'kind',
          type: 'nominal',
          title: null,
          scale: {
            domain: KINDS,
            range: [theme.state.pass, theme.state.inconclusive, theme.state.breach, theme.onset],
          },
        },
        order: { field: 'order', type: 'quantitative' },
        tooltip: [
          { field: 'subject', title: 'scenario' },
          { field: 'policy', title: 'policy' },
          { field: 'kind', title: 'ended' },
          { field: 'rollouts', title: 'rollouts' },
        ],
      },
    }),
  };
}
