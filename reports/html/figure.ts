import type { Chart, LeftOut } from '../chart.ts';
import { isChart } from '../chart.ts';
import { html, Markup } from './escape.ts';

/** A chart's place in the page. Scripts draw into it; without scripts the picture made beforehand stands in. */
export function figure(result: Chart | LeftOut, svgs: ReadonlyMap<string, string>): Markup {
  if (!isChart(result))
    return html`<section id="${result.id}" class="absent"><h2>${result.title}</h2><p class="left-out">Left out: ${result.because}.</p></section>`;
  const { id, title, finding, note, fixedWidth } = result;
  const button = (kind: string) =>
    html`<button type="button" data-chart="${id}" data-save="${kind}" aria-label="Save “${title}” as ${kind}">${kind}</button>`;
  return html`<section id="${id}"><h2>${title}</h2>
<figure><figcaption>${finding}</figcaption>
<div class="chart${fixedWidth ? ' fixed' : ''}" data-chart="${id}" role="region" tabindex="0" aria-label="${title}. ${finding}"></div>
<noscript><img alt="${finding}" src="${dataUrl(svgs.get(id)!)}"></noscript>
<p class="note">${note}</p></figure>
<div class="tools"><span aria-hidden="true">Save:</span>${['SVG', 'PNG', 'CSV', 'spec'].map(button)}</div>
<details data-chart="${id}"><summary>Data of “${title}”</summary><div class="scroll" tabindex="0" role="region" aria-label="Data of ${title}"></div></details>
</section>`;
}

/**
 * An image of its own, so that ids and styles of several pictures cannot meet. Only what a URL or its attribute would
 * change is escaped, so that it decodes to the very text of the SVG and the page stays small.
 */
const dataUrl = (svg: string): Markup =>
  new Markup(`data:image/svg+xml,${svg.replace(/[%"#<>&\t\r\n]/g, encodeURIComponent)}`);
