/** The top of a sweep's page: the findings in plain words, and how much stands behind them. */
import type { Characteristics } from '../../tuning/characteristics.ts';
import { count, duration, NONE, number, plural } from '../format.ts';
import { html, type Markup } from '../html/escape.ts';
import { incompleteRollbacks, moreNeeded } from '../rate-words.ts';
import { stopSentences } from '../stop-words.ts';
import { rateText } from './rates.ts';
import { nameOf, type SweepData, underPolicy } from './sweep-data.ts';

/** More sentences than this are a table. */
const MOST_SENTENCES = 8;

export function sweepHeader(sweep: SweepData): Markup {
  const { result } = sweep;
  const many = result.policies.length > 1;
  const sentences = result.characteristics.slice(0, MOST_SENTENCES).map((c) => sentenceOf(c, many));
  const rest = result.characteristics.length - sentences.length;
  return html`<header>
<p class="what">Sweep: ${plural(result.scenarios.length, 'scenario')}, ${many ? html`<strong>${result.policies.length} policies</strong>` : html`policy <strong>${result.policies[0]?.name ?? NONE}</strong>`}, ${result.stop === null ? '' : 'up to '}${plural(result.replications, 'replication')} each</p>
<h1>How often is it wrong?</h1>
<ul class="findings">${sentences.map((text) => html`<li>${text}</li>`)}</ul>
${[...stopSentences(result), ...incompleteRollbacks(result.characteristics), ...moreNeeded(result.characteristics)].map((text) => html`<p class="note">${text}</p>`)}${rest > 0 && html`<p class="note">${plural(rest, 'more finding')} in the tables below.</p>`}
${cautionOf(sweep)}${sweep.keepsRecordings && html`<p class="note">Other bounds, durations and samples on the same recordings: <code>coalmine what-if</code> with this sweep’s directory.</p>`}
<dl class="figures">${figures(sweep).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

/** What the policy does to one scenario's candidate. */
function sentenceOf(c: Characteristics, many: boolean): Markup {
  const subject = underPolicy(nameOf(c), c.policy, many);
  const paused = c.paused.events > 0 ? `, paused ${c.paused.events} of ${c.paused.of}` : '';
  if (c.candidate === 'healthy')
    return html`<strong>${subject}</strong> (healthy): rolled back wrongly ${rateText(c.falseRollback)}${paused}.`;
  const delay = c.detectionDelayMs === null ? '' : `, after a median of ${duration(c.detectionDelayMs.p50)}`;
  return html`<strong>${subject}</strong> (regressed): caught ${rateText(c.detected ?? c.falseRollback)}${delay}; let through ${c.missedRegression?.events ?? 0}${paused}.`;
}

function cautionOf({ result }: SweepData): Markup | null {
  const scaled = result.scenarios.filter(({ timeScale }) => timeScale !== 1);
  if (scaled.length === 0) return null;
  const names = scaled.map(({ name, timeScale }) => `${name} by ${number(timeScale)}`).join(', ');
  return html`<p class="caution"><strong>Caution:</strong> schedules are compressed (${names}): times are compressed times, and guards saw that many times fewer requests than in production, so the rates do not carry over.</p>`;
}

function figures({ result }: SweepData): [string, string][] {
  const sum = (of: (c: Characteristics) => number): number =>
    result.characteristics.reduce((total, c) => total + of(c), 0);
  return [
    ['rollouts judged', count(sum((c) => c.replications))],
    ['healthy / regressed scenarios', ['healthy', 'regressed'].map((kind) => kindCount(result, kind)).join(' / ')],
    ['rehearsed in full: left the schedule', count(sum((c) => c.offSchedule))],
    ['judgements confirmed', count(sum((c) => c.confirmed))],
  ];
}

const kindCount = ({ scenarios }: SweepData['result'], kind: string): number =>
  scenarios.filter(({ candidate }) => candidate === kind).length;
