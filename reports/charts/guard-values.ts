import type { Guard } from '../../controller/policy.ts';
import type { Chart, LeftOut } from '../chart.ts';
import { plural } from '../format.ts';
import { verdictsByGuard } from '../guard-log.ts';
import type { RunData } from '../run-data.ts';
import type { TimeAxis } from '../time-axis.ts';
import { guardColumns, guardPanel, type GuardPanel, guardPanelSpec } from './guard-panel.ts';

/** Guards that another section of the page draws. */
export interface Elsewhere {
  readonly guards: ReadonlySet<Guard>;
  readonly section: string;
}

/** What every guard saw, against its bound: one small plot per guard, but for those that another section shows. */
export function guardValuesChart(run: RunData, axis: TimeAxis, elsewhere: Elsewhere | null = null): Chart | LeftOut {
  const head = { id: 'guards', title: 'What the guards saw' };
  const all = [...verdictsByGuard(run.log, run.policy)].map(([guard, verdicts]) => guardPanel(guard, verdicts, axis));
  const known = all.filter((panel) => panel.rows.length > 0);
  if (known.length === 0) return { ...head, because: 'no guard was evaluated on enough samples to have a value' };
  const panels = known.filter(({ guard }) => elsewhere?.guards.has(guard) !== true);
  if (panels.length === 0) return { ...head, because: `all that had values are in “${elsewhere!.section}”` };
  return {
    ...head,
    finding: findingOf(known),
    note: `Filled diamonds are breaches, hollow circles values over the bound that did not end the rollout. Relative guards show the change against the reference arm; a band is the interval of the guard’s test, which for a sequence holds at every look, and a breach is where it leaves the bound behind. Gaps: the guard had too few samples, or was not active.${shownElsewhere(known, panels, elsewhere)}`,
    datasets: { guards: panels.flatMap((panel) => panel.rows) },
    table: { dataset: 'guards', columns: guardColumns(axis) },
    fixedWidth: false,
    spec: (theme) => ({
      data: { name: 'guards' },
      spacing: 16,
      vconcat: panels.map((panel, i) => guardPanelSpec(panel, i, i === panels.length - 1, axis, theme)),
    }),
  };
}

const names = (list: readonly GuardPanel[]): string => list.map(({ guard }) => guard.name).join(', ');

function shownElsewhere(
  known: readonly GuardPanel[],
  panels: readonly GuardPanel[],
  elsewhere: Elsewhere | null,
): string {
  const others = known.filter((panel) => !panels.includes(panel));
  return others.length === 0 ? '' : ` In “${elsewhere!.section}”: ${names(others)}.`;
}

function findingOf(panels: readonly GuardPanel[]): string {
  const breached = panels.filter((panel) => panel.rows.some((row) => row['state'] === 'breach'));
  const over = panels.filter((panel) => !breached.includes(panel) && panel.rows.some((row) => row['state'] === 'over'));
  const parts = [
    `${plural(panels.length, 'guard')} had values`,
    breached.length === 0 ? 'none was breached' : `breached: ${names(breached)}`,
    ...(over.length === 0 ? [] : [`over the bound for a while: ${names(over)}`]),
  ];
  return `${parts.join('; ')}.`;
}
