/** What the numbers of a trap show: both arms side by side, in labels where the policy looks at those alone, else from the mean latency to the far tail. */
import type { Policy } from '../controller/policy.ts';
import type { Outcome, Percentiles } from '../outcome.ts';
import type { Arm } from '../telemetry/window.ts';
import { change, count, ms, percent } from './format.ts';
import type { RunData } from './run-data.ts';
import { wholeRows } from './series.ts';

const FIGURES = [
  ['mean', 'mean'],
  ['p50', 'p50'],
  ['p95', 'p95'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
] as const satisfies readonly (readonly [string, keyof Percentiles])[];

const NOTHING = 'nobody saw both arms, so there is nothing to compare.';

/** One sentence on what the policy looks at, and one on retries where callers ask again. */
export function trapNumbers(run: RunData): string {
  const { outcome, policy } = run;
  const told = looksAtLabelsAlone(policy) ? labelWords(run) : latencyWords(outcome);
  return outcome.retries === undefined ? told : `${told} ${retriesWords(outcome.retries)}`;
}

/** Whether the policy judges outcomes, and no times. */
function looksAtLabelsAlone({ guards }: Policy): boolean {
  const kinds = guards.map(({ metric }) => metric.kind);
  return kinds.some((kind) => kind.endsWith('outcome-ratio')) && !kinds.includes('latency');
}

/** `mean 20.6 ms against the baseline's 20.5 ms (+0.5 %), p50 …`, over the windows in which users saw both arms. */
function latencyWords({ latencyMs: { baseline, candidate } }: Outcome): string {
  const parts = FIGURES.flatMap(([name, field]) => {
    const [b, c] = [baseline[field], candidate[field]];
    return b === null || c === null
      ? []
      : [`${name} ${ms(c)} against ${ms(b)} (${change(b === 0 ? null : c / b - 1)})`];
  });
  return parts.length === 0
    ? NOTHING
    : `the candidate's latency against the baseline's over the same windows: ${parts.join(', ')}.`;
}

/** Answers to users while both arms had some until the decision, how many of them had a label by then, and how many of those were positive. */
interface Labels {
  answered: number;
  labelled: number;
  positive: number;
}

function labelWords({ outcome, header, windows }: RunData): string {
  const arms: Record<Arm, Labels> = { baseline: none(), candidate: none(), control: none() };
  for (const window of windows) {
    if (window.endMs > (outcome.decidedAtMs ?? Infinity)) break;
    const rows = wholeRows(window);
    const served = (arm: Arm): number => {
      const row = rows.find((each) => each.arm === arm);
      return row === undefined ? 0 : row.requests - row.mirrored;
    };
    if (served('baseline') === 0 || served('candidate') === 0) continue;
    for (const { arm, impressions, outcomes } of rows) {
      arms[arm].answered += served(arm);
      arms[arm].labelled += impressions;
      arms[arm].positive += outcomes;
    }
  }
  const { baseline, candidate } = arms;
  if (baseline.labelled === 0 || candidate.labelled === 0) return NOTHING;
  const of = (part: keyof Labels, whole: keyof Labels): string => {
    const [c, b] = [candidate, baseline].map((arm) => arm[part] / arm[whole]) as [number, number];
    return `${percent(c)} against ${percent(b)} (${change(c / b - 1)})`;
  };
  const users = header.users === undefined ? '' : ` All of them came from ${count(header.users)} users.`;
  return (
    `until the decision, while users saw both arms, the candidate gave ${count(candidate.answered)} answers and the baseline ${count(baseline.answered)}. ` +
    `Positive labels per answer: ${of('positive', 'answered')}; per answer that had its label by then: ${of('positive', 'labelled')}.${users}`
  );
}

const none = (): Labels => ({ answered: 0, labelled: 0, positive: 0 });

/** `Callers sent 41,000 requests again; in the last minute 2,780 a second were offered and 610 answered.` */
function retriesWords({ sent, denied, lastMinute, offeredRps, goodputRps }: NonNullable<Outcome['retries']>): string {
  const kept = denied === 0 ? '' : `, a budget kept back ${count(denied)}`;
  return `Callers asked ${count(sent)} times again${kept}: over the whole run ${load(offeredRps, goodputRps)}, in its last minute ${load(lastMinute.offeredRps, lastMinute.goodputRps)}.`;
}

const load = (offered: number, answered: number): string =>
  `${count(offered)} requests a second were offered and ${count(answered)} answered in time`;
