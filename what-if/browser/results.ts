/* oxlint-disable typescript/no-unnecessary-type-assertion -- the linter reads tsconfig.json, this file's is tsconfig.browser.json */
/** The figures: per scenario, what the policy does as it is set, beside what it does as it was. */
import { ENDED, SYMBOLS, time } from './words.ts';
import type { Ended, Interval, ScenarioFigures } from '../figures.ts';
import { el } from './dom.ts';

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;

const rateText = ({ events, of, low, high }: Interval): string =>
  `${events} of ${of} (${percent(low)} – ${percent(high)})`;

const HEADS = ['scenario', 'rolled back', 'as the policy was', 'others', 'median delay'];

export function showResults(
  parent: HTMLElement,
  now: readonly ScenarioFigures[],
  before: readonly ScenarioFigures[],
): void {
  const rows = now.map((each, i) => row(each, before[i]!));
  const table = el(
    'table',
    {},
    el('thead', {}, el('tr', {}, ...HEADS.map((head) => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, ...rows),
  );
  parent.replaceChildren(el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Figures' }, table));
}

function row(now: ScenarioFigures, before: ScenarioFigures): HTMLElement {
  const { scenario, candidate, rate, counts, delayMs } = now;
  const isChanged = rate.events !== before.rate.events || counts.unknown !== before.counts.unknown;
  const wanted = candidate === 'healthy' ? 'healthy: wrongly' : 'regressed: rightly';
  const delay = delayMs === null ? '–' : time(delayMs);
  const delayBefore = before.delayMs === null || before.delayMs === delayMs ? '' : ` (was ${time(before.delayMs)})`;
  return el(
    'tr',
    { class: isChanged ? 'changed' : null, 'data-scenario': scenario },
    el('th', { scope: 'row' }, scenario, el('span', { class: 'note' }, ` ${wanted}`)),
    el('td', { 'data-rate': `${rate.events}/${rate.of}` }, rateText(rate)),
    el('td', {}, rateText(before.rate)),
    el('td', {}, others(counts, candidate)),
    el('td', {}, candidate === 'healthy' ? '–' : delay + delayBefore),
  );
}

/** How the rollouts ended that are not in the rate. */
function others(counts: Readonly<Record<Ended, number>>, candidate: ScenarioFigures['candidate']): string {
  const kinds: readonly (readonly [Ended, string])[] = [
    candidate === 'healthy' ? ['right', 'promoted'] : ['wrong', 'wrong'],
    ['paused', 'paused'],
    ['unknown', 'extended'],
  ];
  return (
    kinds
      .flatMap(([kind, word]) => (counts[kind] > 0 ? [`${SYMBOLS[kind]} ${counts[kind]} ${word}`] : []))
      .join(', ') || '–'
  );
}

export const LEGEND: string = (Object.keys(ENDED) as Ended[])
  .map((kind) => `${SYMBOLS[kind]} ${ENDED[kind]}`)
  .join(' · ');
