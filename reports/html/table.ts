import { html, type Markup } from './escape.ts';

/** A cell: text, or markup. */
export type Cell = string | Markup;

const row = (cells: readonly Cell[]): Markup =>
  html`<tr>${cells.map((cell, i) => (i === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>`;

/** A table with a caption, or nothing without rows; the first column names the row. Wide ones scroll, also by keyboard. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  kind: 'numbers' | 'words' = 'numbers',
): Markup {
  if (rows.length === 0) return html``;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="${kind}"><caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(row)}</tbody></table></div>`;
}
