/** A comparison in words. */
import type { Comparison, Figure, Status } from '../../comparison/comparison.ts';
import { change, duration, ms, NONE, number, percent } from '../format.ts';

/** Shape as well as colour. */
export const STATUS_MARKS: Readonly<Record<Status, string>> = { agrees: '✓', differs: '✗', 'too few samples': '?' };

export const valueText = (value: number | null, unit: Figure['unit']): string =>
  unit === 'ms' ? ms(value) : unit === 'share' ? percent(value) : number(value);

/** Differences of shares are in percentage points. */
const points = (value: number): string => `${value > 0 ? '+' : ''}${number(value * 100)} pt`;

export const differenceText = ({ difference, unit }: Figure): string =>
  difference === null ? NONE : unit === 'share' ? points(difference) : change(difference);

const sizeText = (value: number | null, unit: Figure['unit']): string =>
  value === null ? NONE : unit === 'share' ? `${number(value * 100)} pt` : percent(value);

export const halfWidthText = ({ halfWidth, unit }: Figure): string =>
  halfWidth === null ? NONE : `± ${sizeText(halfWidth, unit)}`;
export const bandText = ({ band, unit }: Figure): string => sizeText(band, unit);
export const statusText = ({ status }: Figure): string => `${STATUS_MARKS[status]} ${status}`;

const by = ({ guard }: Comparison['sim']): string => (guard === null ? '' : ` by ${guard}`);
const ending = (end: Comparison['sim']): string =>
  `${end.verdict}${by(end)}${end.decidedAtMs === null ? '' : ` at ${duration(end.decidedAtMs)}`}`;

/** Whether the worlds decided alike, as a title. */
export const verdictTitle = ({ agreement: { verdict, inconclusive } }: Comparison): string =>
  verdict ? `Same verdict${inconclusive === null ? '' : `, inconclusive: ${inconclusive}`}` : 'Verdicts differ';

/** Whether the worlds decided alike, in a sentence. */
export function verdictSentence({ agreement, sim, live }: Comparison): string {
  const { verdict, guard, decidedLaterMs } = agreement;
  if (!verdict) return `The worlds disagree: simulated ${ending(sim)}, live ${ending(live)}`;
  const when =
    decidedLaterMs === null
      ? ''
      : Math.abs(decidedLaterMs) < 1000
        ? ', at the same time'
        : `, live ${duration(Math.abs(decidedLaterMs))} ${decidedLaterMs > 0 ? 'later' : 'earlier'}`;
  return `Both worlds ${guard ? ending(sim) : `${sim.verdict}, though simulated${by(sim) || ' by no guard'} and live${by(live) || ' by no guard'}`}${when}`;
}

export function figuresSentence({ agreement: { figures } }: Comparison): string {
  const { agrees, differs, 'too few samples': few } = figures;
  return `${agrees} figures agree, ${differs} ${differs === 1 ? 'differs' : 'differ'}, ${few} have too few samples to tell`;
}

export function sensitivitySentence({ sensitivity }: Comparison): string {
  const { error, source, verdicts, flips } = sensitivity;
  const sizes = `${percent(error.baseline)} and ${percent(error.candidate)}`;
  const known = source === 'calibration' ? 'known to' : 'off by';
  const decided =
    verdicts.faster === verdicts.stated && verdicts.slower === verdicts.stated
      ? 'the decision stays'
      : `the decision would be ${verdicts.faster} if answers were faster, ${verdicts.slower} if slower`;
  const guards =
    flips.length === 0
      ? 'no guard says anything else'
      : `${new Set(flips.map(({ guard }) => guard)).size} guards would say something else at times`;
  return `Mean service times are ${known} ${sizes} (baseline, candidate): within that, ${decided}, and ${guards}`;
}
