/** One recording: every guard's value against its bound over time, and where the policy decides. */
import type { Policy } from '../../controller/policy.ts';
import type { Judged, Judgement } from '../../tuning/judge.ts';
import type { GuardSeries } from '../series.ts';
import { el, svg } from './dom.ts';
import { sentenceOf, time } from './words.ts';

const WIDTH = 760;
const HEIGHT = 78;
const LEFT = 62;

/** `policy` is at the recording's scale. */
export function showTimeline(
  parent: HTMLElement,
  recording: Judged,
  policy: Policy,
  judgement: Judgement,
  series: readonly GuardSeries[],
): void {
  const lastMs = Math.max(recording.provenance.endMs, policy.evaluateEveryMs);
  const x = (ms: number): number => LEFT + (ms / lastMs) * (WIDTH - LEFT - 6);
  parent.replaceChildren(
    el('p', { class: 'finding' }, sentenceOf(recording, judgement)),
    stages(recording, x),
    ...series.map((each) => panel(each, policy.evaluateEveryMs, judgement, x)),
  );
}

function stages({ provenance }: Judged, x: (ms: number) => number): SVGElement {
  const names = provenance.stages.map(({ name, weightPercent, startMs, endMs }) =>
    svg(
      'g',
      {},
      svg('rect', { x: x(startMs), y: 2, width: Math.max(0, x(endMs) - x(startMs) - 1), height: 22, class: 'stage' }),
      ...(x(endMs) - x(startMs) > 8 * name.length
        ? [
            svg(
              'text',
              { x: x(startMs) + 4, y: 17, class: 'label' },
              `${name} ${weightPercent} %`.slice(0, Math.floor((x(endMs) - x(startMs)) / 7)),
            ),
          ]
        : []),
    ),
  );
  const label = `Stages: ${provenance.stages.map(({ name, startMs }) => `${name} from ${time(startMs)}`).join(', ')}`;
  return svg('svg', { viewBox: `0 0 ${WIDTH} 26`, role: 'img', 'aria-label': label, class: 'strip' }, ...names);
}

function panel(
  { guard, title, values, over, bounds, text }: GuardSeries,
  everyMs: number,
  judgement: Judgement,
  x: (ms: number) => number,
): HTMLElement {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known, ...bounds, 0);
  const high = Math.max(...known, ...bounds, low + 1e-9);
  const room = (high - low) * 0.1;
  const y = (value: number): number => HEIGHT - 6 - ((value - low + room) / (high - low + 2 * room)) * (HEIGHT - 12);
  const at = (t: number): number => x((t + 1) * everyMs);
  const marks: SVGElement[] = bounds.map((bound) =>
    svg('line', { x1: LEFT, x2: WIDTH - 6, y1: y(bound), y2: y(bound), class: 'bound' }),
  );
  marks.push(svg('path', { d: pathOf(values, at, y), class: 'value' }));
  for (const [t, isOver] of over.entries()) {
    const value = values[t] ?? null;
    if (isOver === true && value !== null)
      marks.push(svg('circle', { cx: at(t), cy: y(value), r: 2.4, class: 'over' }));
  }
  if (judgement.decidedAtMs !== null && judgement.verdict !== 'promoted')
    marks.push(
      svg('line', {
        x1: x(judgement.decidedAtMs),
        x2: x(judgement.decidedAtMs),
        y1: 0,
        y2: HEIGHT,
        class: judgement.guard === guard ? 'decision own' : 'decision',
      }),
    );
  const axis = [...new Set([...bounds, ...(bounds.length === 0 && known.length > 0 ? [high] : [])])].map((value) =>
    svg('text', { x: LEFT - 5, y: y(value) + 4, class: 'tick' }, text(value)),
  );
  const highest =
    known.length === 0 ? 'never known' : `between ${text(Math.min(...known))} and ${text(Math.max(...known))}`;
  const times = over.filter((each) => each === true).length;
  const label = `${guard}, ${title}: ${highest}; over its bound at ${times} of ${known.length} evaluations`;
  return el(
    'figure',
    {},
    el('figcaption', {}, el('strong', {}, guard), ` ${title}`),
    svg(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label, class: 'panel' },
      ...marks,
      ...axis,
    ),
  );
}

/** Lines between neighbours that are both known. */
function pathOf(values: readonly (number | null)[], at: (t: number) => number, y: (value: number) => number): string {
  let pen = 'M';
  let path = '';
  for (const [t, value] of values.entries()) {
    if (value === null) pen = 'M';
    else {
      path += `${pen}${at(t).toFixed(1)},${y(value).toFixed(1)}`;
      pen = 'L';
    }
  }
  return path;
}
