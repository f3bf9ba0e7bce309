/** What users did with the answers, as far as it is known: outcome metrics of both arms, who watched them, and how much late labels hide. */
import type { GuardVerdict } from '../controller/decision.ts';
import type { Bound, Guard } from '../controller/policy.ts';
import { logMeanChange, Z95 } from '../statistics/means.ts';
import { NO_MOMENTS } from '../telemetry/measures.ts';
import type { Arm, ArmWindow, Window } from '../telemetry/window.ts';
import { isDecision, verdictsByGuard } from './guard-log.ts';
import { measuresLists } from './list-quality.ts';
import { type Band, meanBand, measureTotals, OUTCOME_RATIO } from './measure-series.ts';
import type { RunData } from './run-data.ts';
import { wholeRows } from './series.ts';

/** A guard that compares a metric with another arm, and what it said at each look. */
export interface Watch {
  readonly guard: Guard & { readonly bound: Extract<Bound, { kind: 'relative' }> };
  readonly verdicts: readonly GuardVerdict[];
}

export interface OutcomeMetric {
  readonly name: string;
  readonly description: string;
  /** Means are multiplied by it to be shown, in `unit`. */
  readonly scale: number;
  readonly unit: '%' | 's' | '';
  readonly step: number;
  /** While users saw both arms, as they are, not as they are shown. */
  readonly baseline: Band | null;
  readonly candidate: Band | null;
  /** candidate/baseline − 1 with its 95 % interval at one look, as fractions. */
  readonly change: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Those that can end the rollout first. */
  readonly watches: readonly Watch[];
}

/** Answers to users, and how many of them had a label, up to an instant. */
export interface Counted {
  readonly atMs: number;
  readonly answered: number;
  readonly counted: number;
}

export interface OutcomeMetrics {
  readonly metrics: readonly OutcomeMetric[];
  /** Of the candidate, window by window from its first answer on to the decision. */
  readonly labels: readonly Counted[];
  /** From the candidate's first answer to its first label, ms; null when there was none. */
  readonly lateMs: number | null;
}

/** Null for a run whose users' outcomes are not measured beside the label; lists have a section of their own. */
export function outcomeMetrics(run: RunData): OutcomeMetrics | null {
  const { header, windows } = run;
  if (header.measures === undefined || measuresLists(header)) return null;
  const shared = measureTotals(windows.filter(seenByUsers)).arms;
  const infos = [{ name: OUTCOME_RATIO, description: 'positive labels per prediction', step: 1 }, ...header.measures];
  const labels = labelsOf(run);
  const [answered, counted] = [labels[0], labels.find((each) => each.counted > 0)];
  return {
    metrics: infos.flatMap(({ name, description, step }): OutcomeMetric[] => {
      const [baseline, candidate] = [shared.baseline?.[name] ?? NO_MOMENTS, shared.candidate?.[name] ?? NO_MOMENTS];
      if (baseline.count === 0 && candidate.count === 0) return [];
      const band = meanBand({ [name]: baseline }, name, step);
      const moved = logMeanChange(candidate, baseline);
      const at = (z: number): number => Math.expm1(moved!.value + z * moved!.standardError);
      return [
        {
          name,
          description,
          ...shownAs(name, step === 1 && baseline.sum === baseline.squares, band?.value ?? 0),
          step,
          baseline: band,
          candidate: meanBand({ [name]: candidate }, name, step),
          change: moved === null ? null : { value: at(0), low: at(-Z95), high: at(Z95) },
          watches: watchesOf(run, name),
        },
      ];
    }),
    labels,
    lateMs: answered === undefined || counted === undefined ? null : counted.atMs - answered.atMs,
  };
}

/** Of zeros and ones the mean is a share; milliseconds that are many are seconds. */
function shownAs(name: string, isShare: boolean, mean: number): Pick<OutcomeMetric, 'scale' | 'unit'> {
  if (isShare) return { scale: 100, unit: '%' };
  return name.endsWith('-ms') && mean >= 1000 ? { scale: 0.001, unit: 's' } : { scale: 1, unit: '' };
}

const served = (row: ArmWindow | undefined): number => (row === undefined ? 0 : row.requests - row.mirrored);
const rowOf = (window: Window, arm: Arm): ArmWindow | undefined => wholeRows(window).find((row) => row.arm === arm);

/** Whether users saw both arms. */
const seenByUsers = (window: Window): boolean =>
  served(rowOf(window, 'baseline')) > 0 && served(rowOf(window, 'candidate')) > 0;

function watchesOf({ log, policy }: RunData, name: string): readonly Watch[] {
  const watches = [...verdictsByGuard(log, policy)].flatMap(([guard, verdicts]): Watch[] => {
    const { metric, bound } = guard;
    const isOf =
      metric.kind === 'outcome-ratio' ? name === OUTCOME_RATIO : metric.kind === 'measure' && metric.name === name;
    return isOf && bound?.kind === 'relative' && guard.segment === 'all'
      ? [{ guard: { ...guard, bound }, verdicts }]
      : [];
  });
  return watches.toSorted((a, b) => Number(ends(b.guard)) - Number(ends(a.guard)));
}

export const ends = ({ action }: Guard): boolean => action === 'roll-back' || action === 'pause';

/** Looks at which a guard had a value. */
export const looksOf = ({ verdicts }: Watch): readonly GuardVerdict[] => verdicts.filter(({ value }) => value !== null);

function labelsOf({ windows, log }: RunData): Counted[] {
  const decided = log
    .filter(isDecision)
    .find(({ kind }) => kind === 'roll-back' || kind === 'promote' || kind === 'pause');
  const labels: Counted[] = [];
  let [answered, counted] = [0, 0];
  for (const window of windows) {
    if (window.endMs > (decided?.atMs ?? Infinity)) break;
    const row = rowOf(window, 'candidate');
    if (row === undefined) continue;
    answered += served(row);
    counted += row.impressions;
    if (answered > 0) labels.push({ atMs: window.endMs, answered, counted });
  }
  return labels;
}
