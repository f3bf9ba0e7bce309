/**
 * Labels of vertical event rules, stacked into lanes so that no two overlap. Vega's own label placement cannot be reached
 * from Vega-Lite, so it is computed before the spec is written.
 */
export interface Label {
  /** Position of the rule, px from the left edge of the plot. */
  readonly x: number;
  readonly text: string;
}

export interface Place {
  /** 0 is the lane at the top. */
  readonly lane: number;
  readonly align: 'left' | 'right';
  readonly left: number;
  readonly right: number;
}

/** Mean advance of a glyph, in font sizes: a little more than what DejaVu Sans takes. */
const GLYPH = 0.6;
/** Between the rule and its text, and between two texts, px. */
const GAP = 4;

export const textWidth = (text: string, fontSize: number): number => text.length * GLYPH * fontSize;

/** Shortens a text so that it fits into `width` px. */
export function fitText(text: string, width: number, fontSize: number): string {
  const room = Math.floor(width / (GLYPH * fontSize));
  if (text.length <= room) return text;
  return room < 2 ? '' : `${text.slice(0, room - 1)}…`;
}

/**
 * A text stands right of its rule, or left of it where it would leave the plot. A label goes below all placed ones whose
 * text covers its rule or text: leader lines then run down beside the other texts, not through them.
 */
export function placeLabels<L extends Label>(labels: readonly L[], width: number, fontSize: number): (L & Place)[] {
  const sides = labels.map((label) => {
    const { x, text: full } = label;
    const text = fitText(full, width - GAP, fontSize);
    const size = textWidth(text, fontSize);
    if (x + GAP + size <= width) return { ...label, text, align: 'left' as const, left: x, right: x + GAP + size };
    const left = Math.max(0, x - GAP - size);
    return { ...label, text, align: 'right' as const, left, right: Math.max(x, left + size) };
  });
  const fromTheRight = sides.filter((s) => s.align === 'right').sort((a, b) => b.x - a.x);
  const fromTheLeft = sides.filter((s) => s.align === 'left').sort((a, b) => a.x - b.x);
  const placed: (L & Place)[] = [];
  for (const side of [...fromTheRight, ...fromTheLeft]) {
    const covering = placed.filter((p) => p.left < side.right + GAP && side.left < p.right + GAP);
    placed.push({ ...side, lane: Math.max(-1, ...covering.map((p) => p.lane)) + 1 });
  }
  return placed;
}

export const laneCount = (placed: readonly Place[]): number => Math.max(0, ...placed.map((p) => p.lane + 1));
