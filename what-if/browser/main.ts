/* oxlint-disable typescript/no-unnecessary-type-assertion -- the linter reads tsconfig.json, this file's is tsconfig.browser.json */
/** Runs in the page: every change of a control judges all recordings again and shows what has become of them. */
import { policyText } from '../../controller/policy-text.ts';
import type { Policy } from '../../controller/policy.ts';
import { judge as judgeFully, type Judgement } from '../../tuning/judge.ts';
import { figuresOf } from '../figures.ts';
import { decidingPart } from '../guards.ts';
import { Rejudge, scaledFor } from '../rejudge.ts';
import { isCounted, judgedSeries, seriesOf } from '../series.ts';
import { policyWith, settingsOf } from '../settings.ts';
import { controls } from './controls.ts';
import { load } from './data.ts';
import { place } from './dom.ts';
import { LEGEND, showResults } from './results.ts';
import { rollouts } from './rollouts.ts';
import { showTimeline } from './timeline.ts';

const { policy, names, recordings } = await load();
const settings = settingsOf(policy);
const judge = new Rejudge(recordings, policy);
const before: readonly Judgement[] = judge.judge(policy);
const figuresBefore = figuresOf(recordings, before);
let judgements: Judgement[] = [...before];
let current: Policy = policy;
let selected = 0;
let turn = 0;

const buttons = rollouts(place('rollouts'), recordings, names, select);
const panel = controls(place('settings'), policy, settings, change);

function select(chosen: number): void {
  selected = chosen;
  buttons.select(chosen);
  drawTimeline();
}

function drawTimeline(): void {
  const recording = recordings[selected];
  if (recording === undefined) return;
  const scaled = scaledFor(decidingPart(current), recording);
  const grid = judge.grid(selected, current);
  const verdicts = scaled.guards.every(isCounted) ? [] : judgeFully(scaled, recording).verdicts;
  const series = scaled.guards.map((guard) =>
    isCounted(guard)
      ? seriesOf(guard, scaled, grid)
      : judgedSeries(guard, verdicts, scaled.evaluateEveryMs, grid.evaluations),
  );
  showTimeline(place('timeline'), recording, scaled, judgements[selected]!, series);
}

function show(): void {
  showResults(place('figures'), figuresOf(recordings, judgements), figuresBefore);
  buttons.show(judgements);
  drawTimeline();
}

function change(): void {
  current = policyWith(policy, settings, panel.choice());
  const mine = ++turn;
  const found = [...judgements];
  const steps = judge.run(current);
  const yaml = policyText(named(current), ['Made on the what-if page; rehearse it before you trust it.']);
  place('yaml').textContent = yaml;
  document.documentElement.dataset['judged'] = '';
  const slice = (): void => {
    if (mine !== turn) return;
    const step = steps.next();
    if (step.done !== true) {
      for (const [at, judgement] of step.value) found[at] = judgement;
      requestAnimationFrame(slice);
      return;
    }
    judgements = found;
    show();
    document.documentElement.dataset['judged'] = String(mine);
  };
  requestAnimationFrame(slice);
}

/** Another policy needs another name. */
function named(changed: Policy): Policy {
  return Object.keys(panel.choice()).length === 0 ? changed : { ...changed, name: `${changed.name}-what-if` };
}

place('legend').textContent = LEGEND;
place('reset').addEventListener('click', panel.reset);
place('copy').addEventListener('click', () => void copy());

async function copy(): Promise<void> {
  const text = place('yaml').textContent;
  try {
    await navigator.clipboard.writeText(text);
    place('copied').textContent = 'Copied.';
  } catch {
    // Pages opened from a file may not write to the clipboard: select the text, so that one key copies it.
    getSelection()?.selectAllChildren(place('yaml'));
    place('copied').textContent = 'Selected: press Ctrl+C.';
  }
}

select(0);
change();
