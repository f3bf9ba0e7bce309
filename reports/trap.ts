/** What the numbers of a trap show: both arms side by side, from the mean to the far tail. */
import type { Outcome, Percentiles } from '../outcome.ts';
import { change, count, ms } from './format.ts';

const FIGURES = [
  ['mean', 'mean'],
  ['p50', 'p50'],
  ['p95', 'p95'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
] as const satisfies readonly (readonly [string, keyof Percentiles])[];

/** `mean 20.6 ms against the baseline's 20.5 ms (+0.5 %), p50 …`, over the windows in which users saw both arms. */
export function trapNumbers({ latencyMs: { baseline, candidate }, retries }: Outcome): string {
  const parts = FIGURES.flatMap(([name, field]) => {
    const [b, c] = [baseline[field], candidate[field]];
    return b === null || c === null
      ? []
      : [`${name} ${ms(c)} against ${ms(b)} (${change(b === 0 ? null : c / b - 1)})`];
  });
  const latency =
    parts.length === 0
      ? 'nobody saw both arms, so there is nothing to compare.'
      : `the candidate's latency against the baseline's over the same windows: ${parts.join(', ')}.`;
  return retries === undefined ? latency : `${latency} ${retriesWords(retries)}`;
}

/** `Callers sent 41,000 requests again; in the last minute 2,780 a second were offered and 610 answered.` */
function retriesWords({ sent, denied, lastMinute, offeredRps, goodputRps }: NonNullable<Outcome['retries']>): string {
  const kept = denied === 0 ? '' : `, a budget kept back ${count(denied)}`;
  return `Callers asked ${count(sent)} times again${kept}: over the whole run ${load(offeredRps, goodputRps)}, in its last minute ${load(lastMinute.offeredRps, lastMinute.goodputRps)}.`;
}

const load = (offered: number, answered: number): string =>
  `${count(offered)} requests a second were offered and ${count(answered)} answered in time`;
