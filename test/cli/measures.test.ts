/** A policy that reads a measure which the scenario's requests do not have is refused, with the place and what there is. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkTogether } from '../../cli/inputs.ts';
import { BadInput } from '../../config/issues.ts';
import { misfits } from '../../controller/misfits.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { guardOf, headerOf, policyOf } from '../controller/support.ts';

const scenario = (name: string) => loadScenario(join(packageRoot, 'scenarios', `${name}.yaml`));
const policy = (name: string): string => join(packageRoot, 'policies', `${name}.yaml`);

const lists = (): void => checkTogether(scenario('netflix-shadow'), policy('google-ranking'));

test('a scenario of lists has no time to success, and one of trips no measure at all', () => {
  expect(lists).toThrow(BadInput);
  expect(lists).toThrow(
    "got 'time-to-success-ms', expected one of the measures of netflix-shadow: precision@10, diversity, novelty-bits, overlap@10, rank-biased-overlap",
  );
  expect(() => checkTogether(scenario('seed-healthy'), policy('google-ranking'))).toThrow(
    "got 'click-through', expected no measure: the outcomes of seed-healthy have none",
  );
  expect(() => checkTogether(scenario('google-ranking'))).not.toThrow();
});

test('a recording without the measure is told apart from one that has it, and pairs have no arm to be compared with', () => {
  const guard = guardOf({
    metric: { kind: 'measure', name: 'overlap@10' },
    bound: { kind: 'relative', to: 'baseline', direction: 'drop', by: 0.1 },
  });
  const read = policyOf({ guards: [guard] });
  const header = headerOf(read);
  const info = { name: 'overlap@10', description: 'overlap', step: 0.1 };
  expect(misfits(read, header)).toEqual([
    "guard errors reads measure 'overlap@10', which this run does not have, expected a scenario that measures something",
  ]);
  expect(misfits(read, { ...header, measures: [], pairMeasures: [info] })).toEqual([
    "guard errors compares 'overlap@10' with baseline, expected an absolute bound: it compares both arms already",
  ]);
  expect(misfits(read, { ...header, measures: [info] })).toEqual([]);
});
