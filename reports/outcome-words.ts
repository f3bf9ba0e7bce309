/** What the outcome metrics say, in plain words: halted or not, when, on which look, and what nobody could know yet. */
import type { Test } from '../controller/guard-tests.ts';
import { change, count, duration, number, percent, plural } from './format.ts';
import { looksOf, type OutcomeMetric, type OutcomeMetrics, type Watch } from './outcome-metrics.ts';
import type { RunData } from './run-data.ts';

type Verdict = Watch['verdicts'][number];

export function outcomeWords(run: RunData, outcomes: OutcomeMetrics): string {
  const ending = endingOf(run, outcomes);
  const first = ending === null ? goneOn(outcomes) : halted(run, ending.metric, ending.watch);
  return [first, labelWords(outcomes)].filter((part) => part !== null).join(' ');
}

/** The metric and the guard on it that ended the rollout. */
function endingOf({ outcome }: RunData, { metrics }: OutcomeMetrics): { metric: OutcomeMetric; watch: Watch } | null {
  if (outcome.verdict !== 'rolled-back' && outcome.verdict !== 'paused') return null;
  for (const metric of metrics)
    for (const watch of metric.watches) if (watch.guard.name === outcome.guard?.name) return { metric, watch };
  return null;
}

function halted({ outcome, policy }: RunData, metric: OutcomeMetric, watch: Watch): string {
  const last = watch.verdicts.at(-1)!;
  const stage = outcome.stages.findLast(({ name }) => name === last.stage);
  const holdMs = policy.stages.find(({ name }) => name === last.stage)?.holdMs ?? 0;
  const afterMs = last.atMs - (stage?.startMs ?? 0);
  const within =
    holdMs === 0
      ? ''
      : afterMs <= holdMs
        ? ` of the ${duration(holdMs)} it holds`
        : `, past the ${duration(holdMs)} it holds`;
  const looks = looksOf(watch).filter((look) => look.stage === last.stage).length;
  const wrong = outcome.classification === 'false-rollback' ? ', though the candidate is as good' : '';
  return `${outcome.verdict === 'paused' ? 'Paused' : 'Halted'} ${duration(afterMs)} into ${last.stage}${within}${wrong}, at ${ordinal(looks)} look of ${watch.guard.name} that had labels (${levelWords(watch.guard.test)}): ${lookWords(metric, last)}.`;
}

/** `the 15th`, `the first`. */
function ordinal(n: number): string {
  if (n === 1) return 'the first';
  const tens = n % 100;
  const end = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `the ${count(n)}${end}`;
}

/** What α of a test is about: all looks together, or each of them. */
export function levelWords(test: Test | null): string {
  if (test === null) return 'estimates';
  if (!('alpha' in test)) return test.method;
  return `α ${percent(test.alpha)} ${'passAlpha' in test ? 'over all looks' : 'at each look'}`;
}

/** `outcome-ratio 47.1 % against 48.1 % (−2.1 %; −3.9 % to −0.3 %)`. */
function lookWords({ name, scale, unit }: OutcomeMetric, { value, reference, test }: Verdict): string {
  const shown = (mean: number | null): string =>
    mean === null ? '–' : `${number(mean * scale, 4)}${unit === '' ? '' : ` ${unit}`}`;
  const moved = value === null || reference === null || reference === 0 ? null : value / reference - 1;
  const between = test?.low == null || test.high == null ? '' : `; ${change(test.low)} to ${change(test.high)}`;
  return `${name} ${shown(value)} against ${shown(reference)} (${change(moved)}${between})`;
}

function goneOn({ metrics }: OutcomeMetrics): string {
  const watched = metrics.flatMap((metric) => metric.watches.slice(0, 1).map((watch) => ({ metric, watch })));
  if (watched.length === 0) return 'No guard compares an outcome metric with another arm.';
  const stages = [...new Set(watched.flatMap(({ watch }) => looksOf(watch).map(({ stage }) => stage)))];
  const most = (stage: string): number =>
    Math.max(...watched.map(({ watch }) => looksOf(watch).filter((look) => look.stage === stage).length));
  const looks = stages.map((stage) => `${plural(most(stage), 'look')} in ${stage}`).join(', ');
  const lasts = watched.flatMap(({ metric, watch }) => {
    const last = looksOf(watch).at(-1);
    return last === undefined ? [] : [lookWords(metric, last)];
  });
  return looks === ''
    ? 'No label came in time for any look.'
    : `No look halted it (${looks}). At the last one: ${lasts.join('; ')}.`;
}

/** How late labels are, and how many were missing when it was decided. */
function labelWords({ labels, lateMs }: OutcomeMetrics): string | null {
  const last = labels.at(-1);
  if (last === undefined) return null;
  if (lateMs === null)
    return `Of the ${count(last.answered)} predictions that the candidate’s users had, none had a label.`;
  const open = last.answered - last.counted;
  return `A label counts ${duration(lateMs)} after its answer: of the ${count(last.answered)} answers the candidate had given when it was decided, ${count(open)} (${percent(open / last.answered)}) were not counted yet.`;
}
