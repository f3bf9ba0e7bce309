/** One chart into its files' contents: Vega-Lite, SVG and PNG. The same data give the same bytes. */
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Chart } from './chart.ts';
import { escapeXml } from './html/escape.ts';
import { config, PAPER, type Theme } from './theme.ts';

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
const PNG_SCALE = 2;

/** Takes warnings of Vega and Vega-Lite. A reader gets the picture all the same; tests insist that there are none. */
type Warn = (message: string) => void;
const ignore: Warn = () => undefined;

/** Hands warnings on, without those about layers that happen to have no rows. Errors throw. */
function logger(warn: Warn): vega.LoggerInterface {
  const silent = () => self;
  const self: vega.LoggerInterface = {
    level: silent,
    info: silent,
    debug: silent,
    warn: (...parts: readonly unknown[]) => {
      const message = parts.map(String).join(' ');
      if (!message.includes('Infinite extent')) warn(message);
      return self;
    },
    error: (...parts: readonly unknown[]) => {
      throw new Error(`a chart of the report cannot be drawn: ${parts.map(String).join(' ')}`);
    },
  };
  return self;
}

/** The chart's specification for a theme; its data stay outside. */
export function themedSpec(chart: Chart, theme: Theme): Readonly<Record<string, unknown>> {
  return { $schema: SCHEMA, description: chart.finding, config: config(theme), ...chart.spec(theme) };
}

/** What is written to `specs/<chart>.vl.json`: complete in itself, opens in any Vega-Lite editor. */
export const portableSpec = (chart: Chart): Readonly<Record<string, unknown>> => ({
  ...themedSpec(chart, PAPER),
  datasets: chart.datasets,
});

/** Vega for a theme, its named datasets still empty. */
export function compiled(chart: Chart, theme: Theme, warn: Warn = ignore): vega.Spec {
  return compile(themedSpec(chart, theme) as unknown as TopLevelSpec, { logger: logger(warn) }).spec;
}

function withData(spec: vega.Spec, datasets: Chart['datasets']): vega.Spec {
  const data = spec.data?.map((d) => (datasets[d.name] === undefined ? d : { ...d, values: [...datasets[d.name]!] }));
  return { ...spec, ...(data && { data }) };
}

export async function svg(chart: Chart, warn: Warn = ignore): Promise<string> {
  const runtime = vega.parse(withData(compiled(chart, PAPER, warn), chart.datasets));
  const view = new vega.View(runtime, { renderer: 'none', logger: logger(warn) });
  const drawn = await view.toSVG();
  view.finalize();
  const id = `${chart.id}-title ${chart.id}-desc`;
  const names = `<title id="${chart.id}-title">${escapeXml(chart.title)}</title><desc id="${chart.id}-desc">${escapeXml(chart.finding)}</desc>`;
  return renumbered(drawn).replace(/<svg([^>]*)>/, `<svg$1 role="img" aria-labelledby="${id}">${names}`);
}

/** Vega counts clips and gradients over everything the process draws, also at the same time: here each picture begins with 0. */
function renumbered(drawn: string): string {
  const numbers = new Map<string, number>();
  return drawn.replace(/(id="|url\(#)(clip|gradient_)(\d+)/g, (_, before: string, kind: string, number: string) => {
    const key = kind + number;
    if (!numbers.has(key)) numbers.set(key, numbers.size);
    return `${before}${kind}${numbers.get(key)!}`;
  });
}

/** resvg drops all text silently without fonts, and the host's fonts would differ by machine: the shipped ones only. */
export function png(svgText: string): Uint8Array {
  const require = createRequire(import.meta.url);
  const font = (name: string) => require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);
  const fontFiles = [font('DejaVuSans'), font('DejaVuSans-Bold')];
  const options = { loadSystemFonts: false, fontFiles, defaultFontFamily: 'DejaVu Sans' };
  return new Resvg(svgText, { font: options, fitTo: { mode: 'zoom', value: PNG_SCALE } }).render().asPng();
}
