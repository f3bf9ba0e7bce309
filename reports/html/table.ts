import { html, type Markup } from './escape.ts';

/** A table with a caption; first column names the row. Wide ones scroll, and can be scrolled by keyboard. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[], kind: 'numbers' | 'words' = 'numbers'): Markup {
  const row = (cells: readonly string[]) =>
    html`<tr>${cells.map((cell, i) => (i === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="${kind}"><caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(row)}</tbody></table></div>`;
}
