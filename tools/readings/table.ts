/** What each reading did, counted and with intervals, as a table of the documents. */
import { clopperPearson, clopperPearsonUpper } from '../../statistics/binomial.ts';
import { LOOKS, type Sentence } from './cells.ts';
import { alarmsOf, watching } from './rollouts.ts';

export interface Cell {
  readonly alarms: number;
  readonly rollouts: number;
  /** Median delay of the rollouts that alarmed, in minutes from the onset; null when none did. */
  readonly medianDelay: number | null;
}

/** Per truth, then per reading. The seed names sentence and truth, so that adding one leaves the others' draws alone. */
export function measured(sentence: Sentence, rollouts: number): readonly (readonly Cell[])[] {
  const policy = watching(sentence.readings, sentence.weightPercent, LOOKS);
  return sentence.truths.map(({ name, world, onset }) => {
    const alarms = alarmsOf(policy, world, rollouts, LOOKS, `readings/${sentence.title}/${name}`);
    return sentence.readings.map((reading) => {
      const after = alarms.get(reading.name)!.filter((at) => at > onset);
      return cellOf(
        after.map((at) => at - onset),
        rollouts,
      );
    });
  });
}

export function cellOf(delays: readonly number[], rollouts: number): Cell {
  const sorted = delays.toSorted((a, b) => a - b);
  return { alarms: delays.length, rollouts, medianDelay: sorted[(sorted.length - 1) >> 1] ?? null };
}

/** As many digits as tell it from 0 and from 100. */
function percent(fraction: number): string {
  const value = fraction * 100;
  if (value > 99 && value < 100) return String(Number(value.toFixed(1)));
  return value === 0 || value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}

/** `49 % (46–52) [54]`: rate, 95 % interval by Clopper and Pearson, median delay in minutes; `0 (≤ 0.3)` when nothing happened. */
export function cellText({ alarms, rollouts, medianDelay }: Cell): string {
  if (alarms === 0) return `0 (≤ ${percent(clopperPearsonUpper(0, rollouts))})`;
  const [low, high] = clopperPearson(alarms, rollouts);
  return `${percent(alarms / rollouts)} (${percent(low)}–${percent(high)}) [${medianDelay}]`;
}

export const tableOf = (sentence: Sentence, cells: readonly (readonly Cell[])[]): string =>
  tableWith(
    sentence.readings.map(({ name }) => name),
    sentence.truths,
    cells,
  );

/** A row per rule, a column per truth. */
export function tableWith(
  rules: readonly string[],
  truths: readonly { readonly name: string; readonly healthy: boolean }[],
  cells: readonly (readonly Cell[])[],
): string {
  const heads = truths.map(({ name, healthy }) => `${name}: ${healthy ? 'false rollbacks' : 'found'}, %`);
  const rows = rules.map((name, i) => `| ${name} | ${cells.map((column) => cellText(column[i]!)).join(' | ')} |`);
  return [`| reading | ${heads.join(' | ')} |`, `|---|${heads.map(() => '---|').join('')}`, ...rows].join('\n');
}
