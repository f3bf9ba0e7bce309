import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeReport } from '../../reports/report.ts';
import type { FaultSpan } from '../../outcome.ts';
import type { RunData } from '../../reports/run-data.ts';
import { TimeRecorder } from '../../telemetry/histogram.ts';
import { fixture } from './fixture.ts';
import { MINUTE } from './fixture-policy.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'coalmine-report-'));
const read = (dir: string) => readFileSync(join(dir, 'report.html'), 'utf8');

describe('writeReport', () => {
  it('a run of 390 minutes in windows of 10 s: whole, under 1.5 MB, and written in seconds', async () => {
    const dir = folder();
    const run = await fixture('rolled-back', 10_000);
    const before = process.cpuUsage();
    const paths = await writeReport(run, dir, ['html', 'svg', 'png']);
    const { user, system } = process.cpuUsage(before);
    // Of processor time, which others at work hardly change.
    expect((user + system) / 1e6).toBeLessThan(20);
    expect(paths.map((p) => relative(dir, p))).toContain(join('specs', 'latency.png'));
    expect(Buffer.byteLength(read(dir))).toBeLessThan(1.5e6);
    const files = [...readdirSync(dir), ...readdirSync(join(dir, 'specs'))];
    expect(files.filter((f) => f.includes('.partial-'))).toEqual([]);
    expect(files).toHaveLength(paths.length + 1);
  });

  it('gives the same bytes for the same run', async () => {
    const dirs = [folder(), folder()] as const;
    for (const dir of dirs) await writeReport(await fixture('rolled-back', 10 * MINUTE), dir, ['html', 'svg']);
    expect(read(dirs[0])).toBe(read(dirs[1]));
    for (const file of readdirSync(join(dirs[0], 'specs')))
      expect(readFileSync(join(dirs[0], 'specs', file), 'utf8')).toBe(
        readFileSync(join(dirs[1], 'specs', file), 'utf8'),
      );
  });

  it('writes only what was asked for, and the specifications', async () => {
    const dir = folder();
    await writeReport(await fixture('promoted', 10 * MINUTE), dir, ['svg']);
    expect(readdirSync(dir)).toEqual(['specs']);
    const kinds = new Set(readdirSync(join(dir, 'specs')).map((f) => f.slice(f.indexOf('.'))));
    expect([...kinds].sort()).toEqual(['.svg', '.vl.json']);
  });

  it('a refused rollout still makes a page that says so', async () => {
    const dir = folder();
    await writeReport(await fixture('refused', 10 * MINUTE), dir, ['html', 'svg', 'png']);
    const page = read(dir);
    expect(page).toContain('<h1>Refused</h1>');
    expect(page).toContain('Left out: no request was answered.');
    expect(page).toContain('script-src &#39;none&#39;');
    expect(Buffer.byteLength(page)).toBeLessThan(50_000);
  });
});

const hostile = async (): Promise<RunData> => {
  const run = await fixture('rolled-back', 10 * MINUTE);
  const name = '</script><img src=x onerror=alert(1)>';
  const log = run.log.map((line) => (line.type === 'fault' ? { ...line, name } : line));
  return { ...run, log, outcome: { ...run.outcome, explanation: name, scenario: { ...run.outcome.scenario, name } } };
};

/** A run cut down to `windows` windows and a request each, whatever else its log and outcome say. */
async function tiny(windows: number): Promise<RunData> {
  const run = await fixture('rolled-back', MINUTE);
  const recorder = new TimeRecorder();
  const one = () => {
    recorder.record(3);
    return recorder.close();
  };
  const cut = run.windows.slice(0, windows).map((window) => ({
    ...window,
    rows: window.rows.map((row) => ({
      ...row,
      requests: 1,
      completed: 1,
      failed: 0,
      errors: 0,
      impressions: 0,
      outcomes: 0,
      latency: one(),
      featureFetch: one(),
      shadow: null,
    })),
  }));
  const never: FaultSpan = { name: 'for ever', kind: 'cold-cache', arm: null, startMs: 0, endMs: Infinity };
  const log = [...run.log.filter((line) => line.type !== 'verdict'), { type: 'fault' as const, ...never }];
  return { ...run, windows: cut, log };
}

describe('runs with hardly anything in them', () => {
  for (const windows of [1, 2, 7])
    it(`${windows} windows with a request each still make a report`, async () => {
      const dir = folder();
      await writeReport(await tiny(windows), dir, ['html', 'svg', 'png']);
      expect(read(dir)).toContain('<h1>Rolled back</h1>');
      for (const file of readdirSync(join(dir, 'specs')).filter((f) => f.endsWith('.svg')))
        expect(readFileSync(join(dir, 'specs', file), 'utf8'), file).not.toMatch(/NaN|Infinity|undefined/);
    });
});

describe('the page', () => {
  it('allows exactly its own scripts, and nothing from the network', async () => {
    const dir = folder();
    await writeReport(await fixture('rolled-back', 10 * MINUTE), dir, ['html']);
    const page = read(dir);
    const csp = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
    expect(csp).toContain("default-src 'none'");
    expect(csp).not.toContain('unsafe-eval');
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((m) => m[1]!);
    expect(scripts).toHaveLength(2);
    for (const script of scripts) expect(csp).toContain(createHash('sha256').update(script).digest('base64'));
    expect(page).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//);
    expect(page).not.toMatch(/url\(\s*["']?http/);
  });

  it('carries every picture as a URL that decodes to the very text of its SVG', async () => {
    const dir = folder();
    await writeReport(await fixture('rolled-back', 10 * MINUTE), dir, ['html', 'svg']);
    const urls = [
      ...read(dir).matchAll(/<section id="([^"]+)">(?:(?!<\/section>)[\s\S])*?<noscript><img [^>]*src="([^"]*)"/g),
    ];
    expect(urls).toHaveLength(9);
    const svgs = urls.map(([, id]) => readFileSync(join(dir, 'specs', `${id}.svg`), 'utf8'));
    expect(svgs.join(''), 'both kinds of quotes have to survive').toMatch(/"[^"]*'[^"]*"/);
    for (const [i, [, id, url]] of urls.entries()) {
      expect(url, id).toMatch(/^data:image\/svg\+xml,[^#<>&"\s]*(?: [^#<>&"\s]*)*$/);
      expect(decodeURIComponent(url!.slice(url!.indexOf(',') + 1)), id).toBe(svgs[i]);
    }
  });

  it('lets no text of a run become markup', async () => {
    const dir = folder();
    await writeReport(await hostile(), dir, ['html']);
    const page = read(dir);
    expect(page).not.toContain('<img src=x');
    expect(page.match(/<\/script>/g)).toHaveLength(3);
    const data = /id="report-data">([\s\S]*?)<\/script>/.exec(page)![1]!;
    expect(data).not.toContain('<');
    expect(() => JSON.parse(data) as unknown).not.toThrow();
  });

  it('warns when the schedule was compressed, and says what was expected instead', async () => {
    const dir = folder();
    await writeReport(await fixture('paused', 10 * MINUTE), dir, ['html']);
    const page = read(dir);
    expect(page).toContain('divided by 60');
    expect(page).toContain('Not as expected: wanted promoted, got paused.');
    expect(page).toContain('the median is noisier than its bound');
  });
});
