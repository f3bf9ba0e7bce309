import type { Comparison } from '../../tuning/result.ts';
import { type Chart, type LeftOut, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { plural } from '../format.ts';
import type { SweepData } from './sweep-data.ts';

/** More pairs of policies than this are left to the table. */
const MOST_PAIRS = 24;

export const pText = (p: number): string => (p < 0.001 ? p.toExponential(1) : p.toFixed(3));

/** Two policies on the same seeds: only the rollouts in which they differ say which one is better. */
export function pairedChart({ result: { comparisons } }: SweepData): Chart | LeftOut {
  const head = { id: 'paired', title: 'Policies compared on the same seeds' };
  if (comparisons.length === 0) return { ...head, because: 'the sweep has one policy per scenario' };
  const rows = comparisons.slice(0, MOST_PAIRS).map((c): Row => {
    const { scenario, first, second, event, onlyFirst, onlySecond, both, neither, p } = c;
    const subject = `${scenario}: ${first} against ${second}`;
    return { subject, event, onlyFirst, onlySecond, left: -onlyFirst, both, neither, p, text: `p = ${pText(p)}` };
  });
  const most = Math.max(1, ...comparisons.flatMap(({ onlyFirst, onlySecond }) => [onlyFirst, onlySecond]));
  const x = (field: string): Spec => ({
    field,
    type: 'quantitative',
    scale: { domain: [-most * 1.3, most * 1.3], nice: false },
    axis: { title: 'rollouts', labelExpr: 'format(abs(datum.value), "d")', tickMinStep: 1, tickCount: 9 },
  });
  const subjects = rows.map((row) => row['subject'] as string);
  return {
    ...head,
    finding: findingOf(comparisons),
    note: 'Left: rollouts in which only the first policy was wrong; right: only the second. Wrong is a false rollback of a healthy candidate, or a regression let through. p: exact two-sided McNemar test.',
    datasets: { paired: rows },
    table: {
      dataset: 'paired',
      columns: [
        { field: 'subject', label: 'what' },
        { field: 'event', label: 'counted' },
        { field: 'onlyFirst', label: 'only the first' },
        { field: 'onlySecond', label: 'only the second' },
        { field: 'both', label: 'both' },
        { field: 'neither', label: 'neither' },
        { field: 'p', label: 'p (McNemar)' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => {
      const y = {
        field: 'subject',
        type: 'nominal',
        sort: subjects,
        scale: { domain: subjects },
        axis: { title: null, labelLimit: 330, labelFontSize: 12 },
      };
      const bar = (field: string, color: string): Spec => ({
        mark: { type: 'bar', height: { band: 0.55 }, color, aria: false },
        encoding: { x: x(field), y },
      });
      return {
        data: { name: 'paired' },
        width: PLOT_WIDTH - 260,
        height: rows.length * 30,
        layer: [
          bar('left', theme.arm.baseline),
          bar('onlySecond', theme.arm.candidate),
          {
            mark: { type: 'text', align: 'left', dx: 6, fontSize: 11, color: theme.ink, aria: false },
            encoding: { x: x('onlySecond'), y, text: { field: 'text' } },
          },
        ],
      };
    },
  };
}

function findingOf(comparisons: readonly Comparison[]): string {
  const told = comparisons.filter(({ p }) => p < 0.05);
  const [best] = told.toSorted((a, b) => a.p - b.p);
  if (best === undefined) return `None of ${plural(comparisons.length, 'comparison')} tells the policies apart at 5 %.`;
  const { scenario, first, second, onlyFirst, onlySecond, p } = best;
  const [better, worse] = onlyFirst > onlySecond ? [second, first] : [first, second];
  return `${told.length} of ${plural(comparisons.length, 'comparison')} tell them apart at 5 %; most clearly on ${scenario}, where ${better} is right ${Math.max(onlyFirst, onlySecond)} times when ${worse} is wrong, and ${Math.min(onlyFirst, onlySecond)} times the other way round (p = ${pText(p)}).`;
}
