import type { Tone } from '../words.ts';
import { Markup } from './escape.ts';

/** Shape as well as colour: a check in a circle, a cross in an octagon, two bars in a square. */
const SHAPES: Readonly<Record<Tone, string>> = {
  right: '<circle cx="24" cy="24" r="22"/><path class="glyph" d="M13 25l8 8 15-17"/>',
  wrong: '<path d="M15 2h18l13 13v18L33 46H15L2 33V15z"/><path class="glyph" d="M16 16l16 16M32 16L16 32"/>',
  open: '<rect x="3" y="3" width="42" height="42" rx="6"/><path class="glyph" d="M18 14v20M30 14v20"/>',
};

/** The sign beside a page's headline. */
export const verdictShape = (tone: Tone): Markup =>
  new Markup(`<svg class="shape ${tone}" viewBox="0 0 48 48" aria-hidden="true">${SHAPES[tone]}</svg>`);
