import { expect, test } from 'vitest';
import { loadModel, rollbackIssues, schemaIssues } from '../../models/catalogue.ts';
import { SERVABLE } from './june.ts';

const baseline = loadModel('eta-baseline');

test.each(SERVABLE)('%s takes what the baseline takes', (name) => {
  expect(schemaIssues(baseline, loadModel(name))).toEqual([]);
});

test('eta-new-schema is refused: the extra feature is named, and so is the shape', () => {
  expect(schemaIssues(baseline, loadModel('eta-new-schema'))).toEqual([
    "eta-new-schema has input 'features' of shape [N, 10], expected [N, 9]",
    "eta-new-schema needs the feature 'is_weekend' (unit 0 or 1), which is not sent",
  ]);
});

test('a feature that the candidate does not take any more is named', () => {
  const issues = schemaIssues(loadModel('eta-new-schema'), baseline);
  expect(issues).toContain("eta-baseline does not take the feature 'is_weekend', which is sent");
});

test('features in another order, another unit or from another place are each named', () => {
  const [first, second, ...rest] = baseline.features;
  if (first === undefined || second === undefined) throw new Error('got fewer than two features');
  const swapped = { ...baseline, name: 'swapped', features: [second, first, ...rest] };
  expect(schemaIssues(baseline, swapped)).toEqual([
    expect.stringContaining('swapped takes features in the order hour_sin, distance_miles, hour_cos'),
  ]);
  const changed = { ...baseline, name: 'changed', features: [{ ...first, unit: 'km', stored: true }, second, ...rest] };
  expect(schemaIssues(baseline, changed)).toEqual([
    "changed takes feature 'distance_miles' in unit km, expected mi",
    "changed takes feature 'distance_miles' from the feature store, expected the request",
  ]);
});

test.each([
  { change: [], says: "odd has no input 'features', expected float32 [N, 9]" },
  {
    change: [{ name: 'features', type: 'float64', shape: [-1, 9] }] as const,
    says: "odd has input 'features' of type float64, expected float32",
  },
  {
    change: [{ name: 'features', type: 'float32', shape: [9] }] as const,
    says: "odd has input 'features' of rank 1, expected 2",
  },
  {
    change: [{ name: 'features', type: 'float32', shape: [1, 9] }] as const,
    says: "odd has input 'features' of shape [1, 9], expected [N, 9]",
  },
  {
    change: [...baseline.inputs, { name: 'mask', type: 'int64', shape: [-1] }] as const,
    says: "odd has the input 'mask' besides, expected none",
  },
])('a wrong input is named: $says', ({ change, says }) => {
  expect(schemaIssues(baseline, { ...baseline, name: 'odd', inputs: change })).toEqual([says]);
});

test('a candidate may take any number of rows where the baseline takes one, but not answer with any number', () => {
  const one = { ...baseline, inputs: [{ name: 'features', type: 'float32', shape: [1, 9] }] as const };
  expect(schemaIssues(one, baseline)).toEqual([]);
  const single = { ...baseline, outputs: [{ name: 'eta', type: 'float32', shape: [1, 1] }] as const };
  expect(schemaIssues(single, baseline)).toEqual(["eta-baseline has output 'eta' of shape [N, 1], expected [1, 1]"]);
});

test('a migration of stored features that the old model reads would break a rollback; of others it would not', () => {
  const rewritten = { feature: 'route_delay_min', unit: 's' };
  expect(rollbackIssues(baseline, [rewritten])).toEqual([
    "after the rollout's migration eta-baseline takes feature 'route_delay_min' in unit min, expected s, so a rollback would break",
  ]);
  expect(rollbackIssues(baseline, [{ feature: 'origin_delay_min', unit: null }])).toEqual([
    "after the rollout's migration eta-baseline needs the feature 'origin_delay_min' (unit min), which is not sent, so a rollback would break",
  ]);
  // Not read, not changed, not stored: nothing to break.
  const harmless = [
    { feature: 'weather', unit: null },
    { ...rewritten, unit: 'min' },
    { feature: 'distance_miles', unit: 'km' },
  ];
  expect(rollbackIssues(baseline, harmless)).toEqual([]);
  expect(rollbackIssues(baseline, [])).toEqual([]);
});
