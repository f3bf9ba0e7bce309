/** docs/scenarios.md has every shipped scenario, with what its file says of it, under the marker of its family. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../config/package-root.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { partOf } from '../../tools/document.ts';
import { FAMILIES } from '../../tools/families.ts';

const document = readFileSync(join(packageRoot, 'docs/scenarios.md'), 'utf8');
const shipped = readdirSync(join(packageRoot, 'scenarios')).flatMap((file) =>
  file.endsWith('.yaml') ? [file.slice(0, -5)] : [],
);

test('every shipped scenario belongs to one family', () => {
  expect(FAMILIES.flatMap(({ scenarios }) => scenarios).toSorted()).toEqual(shipped.toSorted());
});

test.each(FAMILIES.map((family) => [family.title, family.scenarios] as const))(
  '%s: a row for each, with its description, its truth and the verdict it expects',
  (title, scenarios) => {
    const rows = partOf(document, `<!-- scenarios: ${title} -->`, '<!-- /scenarios -->').split('\n').slice(2);
    expect(rows.map((row) => row.split(' | ')[0])).toEqual(scenarios.map((name) => `| \`${name}\``));
    for (const [i, name] of scenarios.entries()) {
      const { scenario } = loadScenario(join(packageRoot, 'scenarios', `${name}.yaml`));
      const [, description, truth, verdict] = rows[i]!.split(' | ');
      expect([description, truth, verdict], name).toEqual([
        scenario.description,
        scenario.truth.candidate,
        scenario.expect?.verdict,
      ]);
    }
  },
);

test('the front page counts them', () => {
  const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
  expect(readme).toContain(`All ${shipped.length}, with what they cost`);
});
