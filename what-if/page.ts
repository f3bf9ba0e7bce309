/** The what-if page: recordings, a policy and its judge in one file that fetches nothing. */
import type { Policy } from '../controller/policy.ts';
import { html, inlineJson, Markup } from '../reports/html/escape.ts';
import { contentPolicy } from '../reports/html/page.ts';
import { STYLE } from '../reports/html/style.ts';
import type { Packed } from './pack.ts';

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

export interface WhatIf {
  readonly policy: Policy;
  readonly packed: Packed;
  /** Recordings that led the traffic otherwise than the policy does. */
  readonly otherSchedule: number;
  /** From `pageScript`. */
  readonly script: string;
  readonly coalmine: string;
}

export function whatIfPage({ policy, packed, otherSchedule, script, coalmine }: WhatIf): string {
  const scenarios = new Set(packed.recordings.map(({ head }) => head.provenance.scenario.name));
  const scaled = [...new Set(packed.recordings.map(({ head }) => head.provenance.scenario.timeScale))].filter(
    (scale) => scale !== 1,
  );
  const notes = [
    ...(packed.leftOut > 0 ? [`${plural(packed.leftOut, 'recording')} left out: the page is limited in size.`] : []),
    ...(otherSchedule > 0 ? [`${plural(otherSchedule, 'recording')} of another schedule left out.`] : []),
    ...(scaled.length > 0
      ? [
          'Recordings are of compressed schedules: durations below are those of the policy’s own schedule, times of the recordings are compressed.',
        ]
      : []),
    'A policy that extends a stage leaves the recorded traffic: only a rehearsal can tell what comes of it, so intervals count it both ways.',
  ];
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy([script])}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>What if: ${policy.name}</title>
<style>${new Markup(STYLE + OWN_STYLE)}</style></head><body>
<header>
<p class="what">Policy <strong>${policy.name}</strong> on ${plural(packed.recordings.length, 'recording')} of ${plural(scenarios.size, 'scenario')}</p>
<h1>What if?</h1>
<p>Move a slider: every recording is judged again, here, by the judge of <code>coalmine judge</code>.</p>
${notes.map((note) => html`<p class="note">${note}</p>`)}
<noscript><p class="caution">This page needs scripts: it judges recordings where you read it.</p></noscript>
</header>
<main class="what-if">
<section id="set" aria-labelledby="set-title"><h2 id="set-title">Guards</h2>
<div class="tools"><button type="button" id="reset">As the policy was</button></div>
<div id="settings"></div></section>
<div class="outcome">
<section id="how-often" aria-labelledby="figures-title"><h2 id="figures-title">How often is it wrong?</h2>
<p class="note">Events of rollouts, with the 95 % interval (Clopper-Pearson).</p>
<div id="figures" aria-live="polite"></div></section>
<section aria-labelledby="rollouts-title"><h2 id="rollouts-title">Recordings</h2>
<p class="note" id="legend"></p><div id="rollouts"></div></section>
<section aria-labelledby="timeline-title"><h2 id="timeline-title">The chosen recording</h2>
<p class="note">Line: the guard’s value; dashed: its bound; dots: over the bound; vertical line: where the policy stops, solid for the guard that stops it.</p>
<div id="timeline" tabindex="0" role="region" aria-label="The chosen recording over time"></div></section>
<section aria-labelledby="yaml-title"><h2 id="yaml-title">The policy as it is set</h2>
<p class="note">Save it and try it: <code>coalmine rehearse SCENARIO --policy FILE</code>, <code>coalmine tune … --policy FILE</code>.</p>
<div class="tools"><button type="button" id="copy">Copy policy YAML</button> <span id="copied" role="status"></span></div>
<pre id="yaml" tabindex="0" role="region" aria-label="Policy as YAML"></pre></section>
</div>
</main>
<footer>Coalmine ${coalmine}. Figures chosen by moving sliders look better than they are: confirm them on other seeds.</footer>
<script type="application/json" id="what-if-data">${new Markup(inlineJson({ policy, recordings: packed.recordings }))}</script>
<script type="text/plain" id="what-if-recordings">${packed.base64}</script>
<script type="module">${new Markup(script)}</script>
</body></html>
`.text;
}

const OWN_STYLE = `
main.what-if{max-width:1400px;display:grid;grid-template-columns:minmax(300px,400px) minmax(0,1fr);gap:0 34px;align-items:start}
#set{position:sticky;top:0;max-height:100vh;overflow-y:auto;padding-right:8px}
header,footer{max-width:1400px}
fieldset{border:1px solid var(--line);border-radius:6px;margin:0 0 12px;padding:4px 12px 10px}legend{font-weight:600;padding:0 4px}
fieldset .note{margin:0 0 6px}
.control{display:grid;grid-template-columns:1fr auto;gap:0 8px;margin:5px 0;font-size:13.5px;align-items:center}
.control label{color:var(--muted)}.control input{width:100%;grid-column:1/-1;grid-row:2;accent-color:var(--link)}.control output{font-variant-numeric:tabular-nums}
.what-if h2{margin-top:26px}
.control.changed output,.control.changed label{color:var(--link);font-weight:600}
select{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:4px;padding:2px 6px}
tr.changed td:nth-child(2){color:var(--link);font-weight:600}
#figures td,#figures th{text-align:left}#figures td{white-space:nowrap}#figures .note{font-weight:400}
.rollouts{display:flex;flex-wrap:wrap;gap:3px;align-items:center;margin:0 0 8px}.rollouts .name{flex:0 0 100%;font-size:13.5px}
button.rollout{width:24px;height:24px;padding:0;font-size:13px;line-height:1;color:#111}
button.right{background:#56B4E9}button.wrong{background:#D55E00}button.paused{background:#9aa3ad}button.unknown{background:var(--card);color:var(--ink)}
button.rollout[aria-pressed=true]{outline:3px solid var(--ink);outline-offset:1px}
#timeline{overflow-x:auto}#timeline svg{display:block;width:100%;height:auto}#timeline figcaption{margin:8px 0 2px;font-size:13.5px}
.strip .stage{fill:var(--card);stroke:var(--line)}.label,.tick{fill:var(--muted);font-size:11.5px}.tick{text-anchor:end}
.panel{background:var(--card);border-radius:4px}.panel .value{fill:none;stroke:#0072B2;stroke-width:1.6}.panel .bound{stroke:var(--ink);stroke-dasharray:4 3}
.panel .over{fill:#D55E00}.panel .decision{stroke:var(--muted);stroke-dasharray:2 3;stroke-width:1.5}.panel .decision.own{stroke:#D55E00;stroke-dasharray:none;stroke-width:2.5}
@media (prefers-color-scheme:dark){.panel .value{stroke:#56B4E9}.panel .over{fill:#E69F00}.panel .decision.own{stroke:#E69F00}button.right{background:#56B4E9}button.wrong{background:#E69F00}}
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:12px;overflow:auto;max-height:420px;font-size:12.5px}
.finding{font-weight:600;margin:0 0 8px}
@media (max-width:900px){main.what-if{display:flex;flex-direction:column;align-items:stretch}.outcome{display:contents}.outcome section{order:2}#set{order:1;position:static;max-height:none;padding:0}#how-often{order:0}#timeline svg{min-width:620px}}
`;
