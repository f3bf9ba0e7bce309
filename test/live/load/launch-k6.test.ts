/** How k6 is started and what is made of its end, with a shell script in its place: runs where there is no k6. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { LoadReport } from '../../../live/load/plan.ts';
import { readIndex } from '../../../live/load/slice-reader.ts';
import { startLoad } from '../../../live/load/start.ts';
import { NO_LIMITS, newFolder, now, slicesOf } from './support.ts';

afterEach(() => {
  delete process.env.K6_VUS;
});

/** Lets a shell script stand in for k6; 100 requests a second for half a second, all due when it starts. */
async function pretend(script: string, version = '1.8.1'): Promise<{ report: LoadReport; rows: number }> {
  const path = `${newFolder()}-k6`;
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  const { dir } = await slicesOf('100/s', 500);
  const plan = {
    slices: dir,
    url: 'http://127.0.0.1:9/infer',
    startAtMs: now() - 500,
    expectedMaxInFlight: 7,
    timeoutMs: 100,
  };
  const load = startLoad('k6', plan, { ...NO_LIMITS, k6: { path, version } });
  return { report: await load.done, rows: readIndex(dir).rows };
}

test('k6 is started offline, quiet, keeping nothing in memory, without the environment’s own options for it', async () => {
  const log = newFolder();
  process.env.K6_VUS = '1000';
  await pretend(`printf '%s\\n' "$@" > ${log}; env >> ${log}`);
  const said = readFileSync(log, 'utf8').split('\n');
  for (const flag of [
    '--no-usage-report',
    '--quiet',
    '--no-color',
    '--include-system-env-vars=false',
    '--no-thresholds',
    '--no-summary',
    'K6_AUTO_EXTENSION_RESOLUTION=false',
  ])
    expect(said).toContain(flag);
  expect(said[said.indexOf('--address') + 1]).toBe('');
  expect(said.join('\n')).not.toContain('K6_VUS');
  const plan = JSON.parse(
    said.find((line) => line.startsWith('COALMINE_LOAD='))!.replace('COALMINE_LOAD=', ''),
  ) as object;
  expect(plan).toMatchObject({ virtualUsers: 7, timeoutMs: 100, url: 'http://127.0.0.1:9/infer' });
});

test('k6 2 gets the flag that k6 1 does not know', async () => {
  const log = newFolder();
  await pretend(`printf '%s\\n' "$@" > ${log}`, '2.2.0');
  expect(readFileSync(log, 'utf8')).toContain('--summary-mode=disabled\n');
  expect(readFileSync(log, 'utf8')).not.toContain('--no-summary');
});

test('a k6 that is content without having sent everything has dropped the rest', async () => {
  const { report, rows } = await pretend('echo "~0 0.5 3.0 3.5 0"; echo "~1 0.5 3.0 3.5 1"');
  expect(report).toMatchObject({
    offered: rows,
    sent: 2,
    completed: 1,
    errors: 1,
    dropped: rows - 2,
    valid: false,
    exit: 5,
  });
});

test('a script that k6 does not understand is our fault, and its words are passed on', async () => {
  const { report } = await pretend('echo "SyntaxError: somewhere" ; echo "and on stderr" >&2; exit 107');
  expect(report).toMatchObject({ valid: false, exit: 1, sent: 0 });
  expect(report.reasons[0]).toContain('k6 did not understand the script (exit code 107)');
  expect(report.reasons[0]).toContain('SyntaxError: somewhere');
  expect(report.reasons[0]).toContain('and on stderr');
});

test('a k6 that cannot run here is the machine’s', async () => {
  const { report } = await pretend('exit 109');
  expect(report).toMatchObject({ valid: false, exit: 4 });
  expect(report.reasons[0]).toContain('k6 failed: it panicked (exit code 109)');
});

test('its CPU time is what the shell says', async () => {
  const { report } = await pretend('i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done');
  expect(report.cpuMs).toBeGreaterThan(0);
});

test('k6 is not looked for here: who wants it has found it', async () => {
  const { dir } = await slicesOf('100/s', 100);
  const plan = { slices: dir, url: 'http://127.0.0.1:9/', startAtMs: 0, expectedMaxInFlight: 1, timeoutMs: 100 };
  expect(() => startLoad('k6', plan)).toThrow('got no k6 to load with');
});
