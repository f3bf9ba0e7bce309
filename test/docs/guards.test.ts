/** docs/guards.md names every test, its example is a policy, and its table of readings is what the controller does. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadPolicy } from '../../controller/load-policy.ts';
import { clopperPearson } from '../../statistics/binomial.ts';
import { sentences } from '../../tools/readings/cells.ts';
import { HALTING_RULES, HALTING_TRUTHS, measuredHalting } from '../../tools/readings/halting.ts';
import { DOCUMENT, written as writtenIn } from '../../tools/readings/main.ts';
import { type Cell, measured } from '../../tools/readings/table.ts';
import { policyJsonSchema } from '../../controller/policy-schema.ts';

const document = readFileSync(DOCUMENT, 'utf8');

/** `49 (46–52) [54]` → 0.49; `0 (≤ 0.3)` → 0. */
const rateOf = (cell: string): number => Number.parseFloat(cell) / 100;

test('every method of the policy schema has a row of its own', () => {
  const methods = [...JSON.stringify(policyJsonSchema()).matchAll(/"method":\{[^}]*"const":"([a-z-]+)"/g)].map(
    ([, name]) => name,
  );
  expect(methods).toHaveLength(12);
  for (const method of methods) expect(document, method).toMatch(new RegExp(`^\\| \`${method}\``, 'm'));
});

test('its example is a guard of a valid policy', () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(document)![1]!;
  const stages = ['canary-5', 'canary-25'].map((name, i) => `  - { name: ${name}, weight: ${[5, 25][i]}%, hold: 2h }`);
  const text = ['name: p', 'stages:', ...stages, '  - { name: full, weight: 100%, hold: 0 }', 'guards:', example].join(
    '\n',
  );
  expect(loadPolicy('policy.yaml', text).guards[0]).toMatchObject({
    name: 'errors',
    segment: 'Lyon',
    delayMs: 300_000,
  });
});

test('the table of readings: a small version of it, measured again, agrees with every cell', () => {
  const runs = 40;
  const written = writtenIn('readings');
  const all = sentences();
  for (const sentence of [all[0]!, all[3]!]) {
    expect(written).toContain(`**${sentence.title}**`);
    const rows = written
      .slice(written.indexOf(`**${sentence.title}**`))
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(1);
    const names = sentence.readings.map(({ name }) => name);
    expectAgreement(rows, names, sentence.truths, measured(sentence, runs), runs);
  }
});

test('the table of halting: a small version of it, measured again, agrees with every cell', () => {
  const runs = 30;
  const rows = writtenIn('halting')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1);
  const names = HALTING_RULES.map(({ words }) => words);
  expectAgreement(rows, names, HALTING_TRUTHS, measuredHalting(runs), runs);
});

/** Every written rate lies in the 99.9 % interval of what is measured here. */
function expectAgreement(
  rows: readonly string[],
  names: readonly string[],
  truths: readonly { readonly name: string }[],
  columns: readonly (readonly Cell[])[],
  runs: number,
): void {
  for (const [i, name] of names.entries()) {
    const [, said, ...cells] = rows[i]!.split('|').map((each) => each.trim());
    expect(said).toBe(name);
    for (const [j, column] of columns.entries()) {
      const [low, high] = clopperPearson(column[i]!.alarms, runs, 0.999);
      const rate = rateOf(cells[j]!);
      expect(
        rate >= low && rate <= high,
        `${name}, ${truths[j]!.name}: ${cells[j]} against ${column[i]!.alarms} of ${runs}`,
      ).toBe(true);
    }
  }
}
