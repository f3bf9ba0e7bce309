import { expect, test } from 'vitest';
import { benches } from './all.ts';
import { median, reached } from './bench.ts';
import { markdown, terminalTable } from './table.ts';

const place = { machine: 'a machine', loadBefore: 2, loadAfter: 3, small: true };

for (const bench of benches) {
  test(`${bench.name}: runs at its small size and prints finite figures`, async () => {
    const report = await bench.run({ small: true });
    const skipped = report.notes.filter((note) => note.startsWith('SKIPPED'));
    for (const note of skipped) process.stderr.write(`${bench.name}: ${note}\n`);
    if (skipped.length === 0) expect(report.figures.length).toBeGreaterThan(0);
    for (const { what, values, ratio } of report.figures) {
      expect(values.length, what).toBeGreaterThan(0);
      expect(values.every(Number.isFinite), what).toBe(true);
      if (ratio !== undefined) expect(ratio.times, what).toBeGreaterThan(0);
    }
    expect(report.notes.join('\n')).not.toContain('NaN');
    const text = terminalTable([{ name: bench.name, about: bench.about, report }], place);
    expect(text).toContain(bench.name);
    expect(text).not.toMatch(/NaN|undefined/);
    // The first run of all installs SimPy.
  }, 180_000);
}

const figure = { what: 'requests', unit: 'M/s', values: [3, 1, 2], target: { atLeast: 2.5 } };

test('a target is compared with the median, or with the ratio when it is about that', () => {
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(reached(figure)).toBe(false);
  expect(reached({ ...figure, values: [3, 2.6, 2] })).toBe(true);
  expect(reached({ ...figure, ratio: { times: 70, to: 'SimPy' }, target: { on: 'ratio', atLeast: 60 } })).toBe(true);
  expect(reached({ what: 'file', unit: 'MB', values: [1] })).toBeNull();
});

test('the Markdown file says where, when and how busy, and has a row per figure', () => {
  const text = markdown(
    [{ name: 'core', about: 'the core', report: { figures: [figure], notes: ['a note'] } }],
    { ...place, small: false },
    '2026-01-02',
  );
  expect(text).toContain('2026-01-02. a machine.');
  expect(text).toContain('others were at work');
  expect(text).toContain('| requests | 2 M/s | 1 – 3 |  | ≥ 2.5 M/s: MISSED |');
  expect(text).toContain('- a note');
});
