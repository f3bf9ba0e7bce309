/** The page in a real browser, from a file and without a network: its verdicts are those of `coalmine judge` on the recordings. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../scenarios/files.ts';
import { coalmine, temporaryFolder } from '../cli/process.ts';
import { seriousFindings } from '../reports/axe.ts';
import { chromium } from '../reports/chromium.ts';

const executablePath = chromium();
if (executablePath === null)
  console.warn('\nSKIPPED: no chromium found, so the what-if page is NOT tested in a browser. Set CHROMIUM_BIN.\n');

const SCENARIOS = ['seed-healthy', 'slow-tail', 'cold-cache', 'unit-bug'];
const PATIENCE = { timeout: 30_000 };

interface Verdict {
  readonly recording: string;
  readonly verdict: string;
  readonly at: string;
  readonly stage: string;
  readonly guard: string;
}

const ordered = (verdicts: readonly Verdict[]): readonly Verdict[] =>
  verdicts.toSorted((a, b) => (a.recording < b.recording ? -1 : 1));

/** The page forbids evaluating strings, so this waits for an attribute. */
const judged = (page: Page): Promise<unknown> =>
  page.waitForSelector('html[data-judged]:not([data-judged=""])', PATIENCE);

/** Moves a control as a reader does; a slider to a place among its values, a list to a word. */
async function set(page: Page, id: string, to: number | string): Promise<void> {
  const control = page.locator(`[id="${id}"]`);
  if (typeof to === 'string') await control.selectOption({ label: to });
  else {
    await control.focus();
    await control.press('Home');
    for (let i = 0; i < to; i++) await control.press('ArrowRight');
  }
  await judged(page);
}

const shown = (page: Page): Promise<Verdict[]> =>
  page.locator('button.rollout').evaluateAll((buttons) =>
    buttons.map((button) => {
      const { name, verdict, at, stage, guard } = (button as unknown as { dataset: Record<string, string> }).dataset;
      return { recording: name!, verdict: verdict!, at: at!, stage: stage!, guard: guard! };
    }),
  );

describe.skipIf(executablePath === null)('the what-if page of a sweep over shipped scenarios', () => {
  const home = temporaryFolder();
  const cwd = home.path;
  let browser: Browser;

  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu'];
    browser = await driver.launch({ executablePath: executablePath!, args, headless: true });
    const files = SCENARIOS.map((name) => join(packageRoot, 'scenarios', `${name}.yaml`));
    const quick = ['--policy', join(packageRoot, 'policies', 'quick.yaml'), '--requests', '4M'];
    const tuned = await coalmine(
      ['tune', ...files, ...quick, '--replications', '2', '--confirm', '0', '--quiet', '--out', 'sweep'],
      { cwd },
    );
    expect(tuned.code, tuned.stderr).toBe(0);
    const made = await coalmine(['what-if', 'sweep', '--json'], { cwd });
    expect(made.code, made.stderr).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ policy: 'quick', recordings: 8, leftOut: 0 });
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    home.remove();
  });

  async function open(options: Parameters<Browser['newPage']>[0] = {}): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    const url = pathToFileURL(join(cwd, 'sweep', 'what-if.html')).href;
    page.on('request', (request) => {
      if (request.url() !== url) complaints.push(`asked for ${request.url()}`);
    });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(url);
    await judged(page);
    return { page, complaints };
  }

  /** By the policy that the page gives away. */
  async function byCommandLine(page: Page): Promise<Verdict[]> {
    writeFileSync(join(cwd, 'chosen.yaml'), await page.locator('#yaml').innerText());
    const { code, stdout, stderr } = await coalmine(['judge', 'sweep', '--policy', 'chosen.yaml', '--json'], { cwd });
    expect(code, stderr).toBe(0);
    const { judgements } = JSON.parse(stdout) as {
      judgements: {
        recording: string;
        verdict: string;
        decidedAtMs: number;
        stage: string | null;
        guard: string | null;
      }[];
    };
    return judgements.map(({ recording, verdict, decidedAtMs, stage, guard }) => ({
      recording: basename(recording),
      verdict,
      at: String(decidedAtMs),
      stage: String(stage),
      guard: String(guard),
    }));
  }

  const POSITIONS: Readonly<Record<string, readonly (readonly [string, number | string])[]>> = {
    'as the policy was': [],
    'a looser rollback on latency': [['p95-sustained/bound', 16]],
    'a latency bound that no recording counts, sooner and pooled': [
      ['p95-sustained/bound', 3],
      ['p95-sustained/for', 2],
      ['p95-sustained/reading', 'pooled'],
    ],
    'every bound wide, few samples needed': [
      ['p95-gate/bound', 19],
      ['p95-sustained/bound', 19],
      ['errors/bound', 20],
      ['errors/minSamples', 0],
      // Labels come too late for stages of five minutes.
      ['outcome-within/required', 'no'],
      ['outcome-drop/bound', 19],
    ],
    'errors pause, however few': [
      ['p95-sustained/bound', 19],
      ['errors/bound', 0],
      ['errors/minSamples', 0],
      ['errors/action', 'pause'],
    ],
    'shifts of the median over a longer time': [
      ['median-shift-shadow/reading', 'pooled'],
      ['median-shift-shadow/for', 3],
      ['median-shift-shadow/bound', 1],
    ],
  };
  const endings = new Set<string>();

  test.each(Object.keys(POSITIONS))('judges like `coalmine judge`: %s', async (name) => {
    const { page, complaints } = await open();
    for (const [id, to] of POSITIONS[name]!) await set(page, id, to);
    const verdicts = await shown(page);
    expect(ordered(verdicts)).toEqual(ordered(await byCommandLine(page)));
    for (const { verdict, guard } of verdicts) endings.add(`${verdict} ${guard}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('the positions made a difference', () => {
    for (const ending of ['promoted', 'paused errors', 'rolled-back p95-sustained', 'off-schedule'])
      expect([...endings].join(', ')).toContain(ending);
  });

  test('counts what it shows, and goes back to how the policy was', async () => {
    const { page } = await open();
    const cell = page.locator('tr[data-scenario=cold-cache] td').first();
    const before = await cell.innerText();
    await set(page, 'p95-sustained/bound', 19);
    const wrong = (await shown(page)).filter(
      ({ recording, verdict }) => recording.startsWith('cold-cache') && verdict === 'rolled-back',
    );
    expect(await cell.getAttribute('data-rate')).toBe(`${wrong.length}/2`);
    expect(await cell.innerText()).not.toBe(before);
    await page.click('#reset');
    await judged(page);
    expect(await cell.innerText()).toBe(before);
    expect(await page.locator('#yaml').innerText()).toContain('name: "quick"');
    await page.close();
  });

  test('shows the recording that is chosen, by mouse or keyboard', async () => {
    const { page } = await open();
    const button = page.locator('button.rollout[data-name^=unit-bug]').first();
    await button.focus();
    await button.press('Enter');
    expect(await page.locator('#timeline').innerText()).toMatch(/unit-bug \(regressed\), seed \d+: rolled back/);
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator('#timeline svg.panel').count()).toBe(6);
    await page.close();
  });

  test.each(['light', 'dark'] as const)('has no serious finding of axe in %s, wide and narrow', async (colorScheme) => {
    for (const width of [1280, 400]) {
      const { page, complaints } = await open({ colorScheme, viewport: { width, height: 900 } });
      expect(await seriousFindings(page)).toEqual([]);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(overflow, 'the page itself never scrolls sideways').toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await page.close();
    }
  });

  test('leaves recordings out when it is to stay small, and says so', async () => {
    const { code, stdout } = await coalmine(['what-if', 'sweep', '--max-mb', '0.18', '--out', 'small.html'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/policy quick on \d recordings, \d left out for size/);
    const page = readFileSync(join(cwd, 'small.html'), 'utf8');
    expect(page).toMatch(/recordings? left out: the page is limited in size/);
    expect(page.length).toBeLessThan(200_000);
  });

  test('refuses recordings of another schedule', async () => {
    const seed = join(packageRoot, 'policies', 'seed.yaml');
    const { code, stderr } = await coalmine(['what-if', 'sweep', '--policy', seed], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('got no recording whose traffic was led as policy seed leads it');
  });
});
