/** What searches have found, as a table for the documents. */
import { mean } from '../../statistics/sample.ts';

/** One run of one search. */
export interface Run {
  /** Policies judged, each once. */
  readonly judged: number;
  /** Hypervolume over that of the whole space's front. */
  readonly volume: number;
  /** Share of the whole space's front that was found. */
  readonly front: number;
}

export interface Measured {
  readonly versions: Readonly<Record<string, string>>;
  readonly policies: number;
  /** Points on the front of the whole space. */
  readonly front: number;
  /** Objectives that are not the same all along it. */
  readonly objectives: readonly string[];
  /** By search, by budget, by seed. */
  readonly found: Readonly<Record<string, Readonly<Record<string, readonly Run[]>>>>;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Mean and worst seed of the volume, mean share of the front, and how many policies it took where it ended by itself. */
function cell(runs: readonly Run[] | undefined, budget: string): string {
  if (runs === undefined) return '–';
  const volumes = runs.map(({ volume }) => volume);
  const judged = mean(runs.map((run) => run.judged));
  const ended = judged < Number(budget) ? `, after ${Math.round(judged)}` : '';
  return `${percent(mean(volumes))} (${percent(Math.min(...volumes))}); ${percent(mean(runs.map(({ front }) => front)))}${ended}`;
}

export function tableOf({ versions, policies, front, objectives, found }: Measured): string {
  const budgets = [...new Set(Object.values(found).flatMap((each) => Object.keys(each)))].toSorted(
    (a, b) => Number(a) - Number(b),
  );
  const seeds = Math.max(...Object.values(found).flatMap((each) => Object.values(each).map(({ length }) => length)));
  return [
    `All ${policies.toLocaleString('en')} policies of the space are judged: ${front} distinct points are on its front, which differ in ${objectives.join(', ')}.`,
    `Per search and number of policies judged, over ${seeds} seeds: mean share of the whole space's hypervolume (worst seed); mean share of its front.`,
    `(${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}; the reference point is a tenth beyond the front's worst.)`,
    '',
    row(['search', ...budgets.map((budget) => `${Number(budget).toLocaleString('en')} policies`)]),
    row(['---', ...budgets.map(() => '---')]),
    ...Object.entries(found).map(([name, each]) => row([name, ...budgets.map((budget) => cell(each[budget], budget))])),
  ].join('\n');
}
