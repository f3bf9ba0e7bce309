/* oxlint-disable typescript/no-unnecessary-type-assertion -- the linter reads tsconfig.json, this file's is tsconfig.browser.json */
/** Every recording as a button that shows how it ends, by scenario. */
import type { Judged, Judgement } from '../../tuning/judge.ts';
import { endedOf } from '../figures.ts';
import { el } from './dom.ts';
import { sentenceOf, SYMBOLS } from './words.ts';

export interface Rollouts {
  readonly show: (judgements: readonly Judgement[]) => void;
  readonly select: (place: number) => void;
}

/** Puts the buttons into `parent`; `onSelect` hears which recording is wanted. */
export function rollouts(
  parent: HTMLElement,
  recordings: readonly Judged[],
  names: readonly string[],
  onSelect: (place: number) => void,
): Rollouts {
  const buttons = recordings.map((_, place) => {
    const button = el('button', {
      type: 'button',
      class: 'rollout',
      'aria-pressed': 'false',
      'data-name': names[place]!,
    });
    button.addEventListener('click', () => onSelect(place));
    return button;
  });
  const groups = Map.groupBy(recordings.keys(), (place) => recordings[place]!.provenance.scenario.name);
  for (const [name, places] of groups) {
    const row = el('div', { class: 'rollouts', role: 'group', 'aria-label': `Recordings of ${name}` });
    row.append(el('span', { class: 'name' }, name), ...places.map((place) => buttons[place]!));
    parent.append(row);
  }
  const before: string[] = [];
  return {
    show(judgements) {
      for (const [place, judgement] of judgements.entries()) {
        const sentence = sentenceOf(recordings[place]!, judgement);
        if (before[place] === sentence) continue;
        before[place] = sentence;
        const ended = endedOf(recordings[place]!, judgement);
        const button = buttons[place]!;
        button.className = `rollout ${ended}`;
        button.textContent = SYMBOLS[ended];
        button.title = sentence;
        button.setAttribute('aria-label', sentence);
        const { verdict, decidedAtMs, stage, guard } = judgement;
        Object.assign(button.dataset, { verdict, at: String(decidedAtMs), stage: String(stage), guard: String(guard) });
      }
    },
    select(place) {
      for (const [i, button] of buttons.entries()) button.setAttribute('aria-pressed', String(i === place));
    },
  };
}
