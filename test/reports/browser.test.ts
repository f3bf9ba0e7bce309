import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNight } from '../../reports/nightly/report.ts';
import { writeReport } from '../../reports/report.ts';
import { seriousFindings } from './axe.ts';
import { chromium } from './chromium.ts';
import { fixture } from './fixture.ts';
import { writeSweepReport } from '../../reports/sweep/report.ts';
import { COLD, CREEPS, HEALTHY, SLOW, sweepOf } from './sweep/fixture.ts';
import { nightResult } from '../nightly/nights.ts';
import { searchOf, withSearch } from './sweep/fixture-search.ts';
import { type Kind, MINUTE } from './fixture-policy.ts';

const executablePath = chromium();
const PATIENCE = { timeout: 20_000 };
if (executablePath === null)
  console.warn(
    '\nSKIPPED: no chromium found, so the report is NOT tested in a browser. Install it or set CHROMIUM_BIN.\n',
  );

const picture = (page: Page, name: string) =>
  page.screenshot({ path: join(tmpdir(), `coalmine-${name}.png`), fullPage: true });
const drawn = (page: Page) => page.locator('div.chart svg').count();

describe.skipIf(executablePath === null)('the report in a browser', () => {
  const dir = mkdtempSync(join(tmpdir(), 'coalmine-report-'));
  let browser: Browser;

  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu'];
    browser = await driver.launch({ executablePath: executablePath!, args, headless: true });
    for (const kind of ['rolled-back', 'paused', 'refused'] as const)
      await writeReport(await fixture(kind, MINUTE), join(dir, kind), ['html']);
    const sweep = sweepOf([HEALTHY, COLD, SLOW, ...CREEPS], ['seed', 'calm'], 40);
    await writeSweepReport(sweep, join(dir, 'sweep'), ['html']);
    await writeNight(nightResult(), join(dir, 'night'), ['html']);
    await writeSweepReport(withSearch(sweepOf([HEALTHY, SLOW], ['seed'], 40)), join(dir, 'search'), ['html']);
  }, 60_000);
  afterAll(() => browser?.close());

  interface Opened {
    readonly page: Page;
    readonly requests: string[];
    readonly complaints: string[];
  }

  async function open(
    kind: Kind | 'sweep' | 'search' | 'night',
    options: Parameters<Browser['newPage']>[0],
  ): Promise<Opened> {
    const page = await browser.newPage(options);
    const requests: string[] = [];
    const complaints: string[] = [];
    const url = pathToFileURL(join(dir, kind, 'report.html')).href;
    page.on('request', (r) => {
      if (!r.url().startsWith('data:') && r.url() !== url) requests.push(r.url());
    });
    page.on('console', (m) => {
      if (['error', 'warning'].includes(m.type())) complaints.push(m.text());
    });
    page.on('pageerror', (e) => complaints.push(String(e)));
    await page.goto(url, { waitUntil: 'load' });
    if (kind !== 'refused' && options?.javaScriptEnabled !== false) await page.waitForSelector('html[data-drawn]');
    return { page, requests, complaints };
  }

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 400])
      it(`draws every chart in ${colorScheme} at ${width} px, without a request or a complaint`, async () => {
        const { page, requests, complaints } = await open('rolled-back', {
          colorScheme,
          viewport: { width, height: 900 },
        });
        expect(await drawn(page)).toBe(9);
        expect(requests).toEqual([]);
        expect(complaints).toEqual([]);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(overflow, 'the page itself never scrolls sideways').toBeLessThanOrEqual(0);
        await picture(page, `${colorScheme}-${width}`);
        await page.close();
      });

  for (const colorScheme of ['light', 'dark'] as const)
    for (const [kind, charts] of [
      ['sweep', 10],
      ['night', 2],
    ] as const)
      it(`draws a ${kind} in ${colorScheme} on a narrow screen, without a request, a complaint or a serious finding of axe`, async () => {
        const { page, requests, complaints } = await open(kind, {
          colorScheme,
          viewport: { width: 400, height: 900 },
        });
        expect(await drawn(page)).toBe(charts);
        expect(requests).toEqual([]);
        expect(complaints).toEqual([]);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(overflow, 'the page itself never scrolls sideways').toBeLessThanOrEqual(0);
        expect(await seriousFindings(page)).toEqual([]);
        await picture(page, `${kind}-${colorScheme}`);
        await page.close();
      });

  it('shows a policy of the front when it is chosen, in the picture or in the list', async () => {
    const { page, complaints } = await open('search', { viewport: { width: 1280, height: 900 } });
    const { policies, chosen } = searchOf();
    const shown = () => page.locator('[data-policy]:not([hidden])').getAttribute('data-policy');
    expect(await shown()).toBe(String(chosen.id));
    const [first, second] = policies.filter(({ id, isOnFront }) => isOnFront && id !== chosen.id);
    await page.selectOption('#policy-choice', String(first!.id));
    expect(await shown()).toBe(String(first!.id));
    const dots = page.locator('#pareto .mark-symbol path');
    const at = await dots.evaluateAll(
      (all, id) =>
        all.findIndex((dot) => (dot as unknown as { __data__: { datum: { id?: number } } }).__data__.datum.id === id),
      second!.id,
    );
    await dots.nth(at).click({ force: true });
    await expect.poll(shown, PATIENCE).toBe(String(second!.id));
    expect(await page.locator('#policy-choice').inputValue()).toBe(String(second!.id));
    expect(complaints).toEqual([]);
    expect(await seriousFindings(page)).toEqual([]);
    await page.close();
  });

  it('redraws when the colour scheme changes', async () => {
    const { page } = await open('rolled-back', { colorScheme: 'light' });
    const html = () => page.locator('#latency div.chart').innerHTML();
    const light = await html();
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForSelector('html[data-drawn=dark]');
    expect(await html()).not.toBe(light);
    await page.close();
  });

  it('passes axe without serious findings, in light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open('paused', { colorScheme });
      expect(await seriousFindings(page)).toEqual([]);
      await page.close();
    }
  });

  it('saves the picture, the data and the specification of a chart', async () => {
    const { page, complaints } = await open('rolled-back', {});
    for (const [kind, name] of [
      ['SVG', 'latency.svg'],
      ['PNG', 'latency.png'],
      ['CSV', 'latency.csv'],
      ['spec', 'latency.vl.json'],
    ] as const) {
      const waiting = page.waitForEvent('download');
      await page.click(`button[data-chart=latency][data-save=${kind}]`);
      const download = await waiting;
      expect(download.suggestedFilename()).toBe(name);
      const content = readFileSync(await download.path());
      expect(content.length).toBeGreaterThan(1000);
      if (kind === 'CSV') expect(content.toString().split('\n')[0]).toContain('candidate p99.9, ms');
      if (kind === 'spec') expect(JSON.parse(content.toString()).datasets.latency.length).toBeGreaterThan(100);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows the data as a table when asked', async () => {
    const { page } = await open('rolled-back', {});
    await page.click('details[data-chart=percentiles] summary');
    await expect
      .poll(() => page.locator('details[data-chart=percentiles] tbody tr').count(), PATIENCE)
      .toBeGreaterThan(50);
    await page.close();
  });

  it('shows values under the pointer', async () => {
    const { page, complaints } = await open('rolled-back', { viewport: { width: 1280, height: 900 } });
    const chart = page.locator('#percentiles div.chart svg');
    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.move(box.x + box.width / 2 + 5, box.y + box.height / 2);
    await expect.poll(() => page.locator('#vg-tooltip-element').innerText(), PATIENCE).toContain('latency, ms');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('reads without scripts, with pictures made beforehand', async () => {
    const { page } = await open('rolled-back', { javaScriptEnabled: false });
    const images = page.locator('noscript img');
    const widths = await images.evaluateAll((all) =>
      all.map((image) => (image as { naturalWidth?: number }).naturalWidth),
    );
    expect(widths).toHaveLength(9);
    for (const width of widths) expect(width, 'a picture that cannot be read has no width').toBeGreaterThan(0);
    await picture(page, 'noscript');
    await page.close();
  });

  it('makes sense when no request was ever sent', async () => {
    const { page, complaints } = await open('refused', {});
    expect(await page.locator('h1').innerText()).toBe('Refused');
    expect(await drawn(page)).toBe(0);
    expect(complaints).toEqual([]);
    await picture(page, 'refused');
    await page.close();
  });
});
