/** The top of the page: what happened, whether that was right, and the figures people ask for first. */
import { count, duration, ms, number, percent } from '../format.ts';
import type { RunData } from '../run-data.ts';
import {
  calibrationText,
  expectationText,
  judgement,
  liveText,
  measuredRollbackText,
  rollbackText,
  VERDICT_WORDS,
} from '../words.ts';
import { trapNumbers } from '../trap.ts';
import { html, type Markup } from './escape.ts';
import { verdictShape } from './shape.ts';

export function header(run: RunData): Markup {
  const { outcome } = run;
  const { tone, text } = judgement(outcome);
  return html`<header class="${tone}">
<p class="what">Rollout rehearsal: <strong>${outcome.scenario.name}</strong> under policy <strong>${outcome.policy.name}</strong></p>
<div class="verdict">${verdictShape(tone)}<div><h1>${VERDICT_WORDS[outcome.verdict]}</h1><p class="judgement">${text}</p></div></div>
<p class="explanation">${outcome.explanation}</p>
${expectation(run)}${trap(run)}${live(run)}${caution(run)}
<dl class="figures">${figures(run).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

function expectation({ outcome }: RunData): Markup {
  const { expectation: wanted } = outcome;
  if (wanted === null) return html`<p class="expectation">The scenario states no expectation of this policy.</p>`;
  return html`<div class="expectation ${wanted.met ? 'met' : 'unmet'}">
<p><strong aria-hidden="true">${wanted.met ? '✓' : '✗'}</strong> ${capital(expectationText(outcome))}.</p>
${wanted.misses.length > 0 && html`<ul>${wanted.misses.map((miss) => html`<li>${miss}</li>`)}</ul>`}
${wanted.finding !== null && html`<p><strong>Finding:</strong> ${wanted.finding}</p>`}
</div>`;
}

function trap(run: RunData): Markup | null {
  const { outcome } = run;
  if (outcome.trap === undefined) return null;
  return html`<div class="expectation trap"><p><strong>The trap:</strong> ${outcome.trap}</p>
<p><strong>What the numbers show:</strong> ${trapNumbers(run)}</p></div>`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function live({ outcome }: RunData): Markup | null {
  const calibrated = calibrationText(outcome);
  const text = liveText(outcome) ?? calibrated;
  if (text === null) return null;
  const notes = outcome.live?.deviations ?? outcome.calibration?.notes ?? [];
  return html`<div class="expectation ${outcome.live?.valid === false ? 'unmet' : 'met'}"><p><strong>${calibrated === null ? 'Live' : 'Calibrated'}:</strong> ${text}.</p>
${notes.length > 0 && html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}</div>`;
}

function caution({ outcome }: RunData): Markup | null {
  const { timeScale } = outcome.scenario;
  if (timeScale === 1) return null;
  return html`<p class="caution"><strong>Caution:</strong> this rehearsal ran on a compressed schedule: every duration of policy and scenario was divided by ${number(timeScale)}. Guards saw about ${number(timeScale)} times fewer requests than they would in production, so error rates of the policy do not carry over.</p>`;
}

function figures({ outcome }: RunData): [string, string][] {
  const { guard, requests, timing } = outcome;
  return [
    ['decided at', duration(outcome.decidedAtMs)],
    [
      'detection delay',
      outcome.truth.candidate === 'healthy' ? 'no regression to detect' : duration(outcome.detectionDelayMs),
    ],
    ['rollback', [rollbackText(outcome), measuredRollbackText(outcome)].filter((text) => text !== null).join('; ')],
    ...(guard === null ? [] : [['ended by', `${guard.name} (${guard.arm})`] as [string, string]]),
    ['requests', `${count(requests.total)}, ${count(requests.mirrored)} mirrored`],
    ['served by candidate', count(outcome.harm.requestsToCandidate)],
    ['p99, baseline / candidate', `${ms(outcome.latencyMs.baseline.p99)} / ${ms(outcome.latencyMs.candidate.p99)}`],
    ['utilisation, b / c', `${percent(outcome.utilisation.baseline)} / ${percent(outcome.utilisation.candidate)}`],
    ['world', outcome.world === 'sim' ? 'simulated' : 'live servers'],
    ['seed', String(outcome.seed)],
    ['time', `${duration(timing.simulatedMs)} in ${duration(timing.wallMs)}`],
    ['digest', outcome.digest.slice(0, 19)],
  ];
}
