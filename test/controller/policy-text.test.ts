import { readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadPolicy } from '../../controller/load-policy.ts';
import { policyHash } from '../../controller/policy-hash.ts';
import { fractionText, policyText } from '../../controller/policy-text.ts';
import type { Policy } from '../../controller/policy.ts';
import { randomPolicy } from '../tuning/random-policy.ts';

const again = (policy: Policy): Policy => loadPolicy('again.yaml', policyText(policy));

for (const file of readdirSync('policies').filter((name) => name.endsWith('.yaml')))
  test(`${file} is the same policy after it was written and read`, () => {
    const policy = loadPolicy(`policies/${file}`);
    expect(again(policy)).toEqual(policy);
  });

test('so is any other one', () => {
  fc.assert(
    fc.property(randomPolicy, (policy) => {
      // A file cannot ask for an action without a bound, nor for outcomes of copies that no user sees.
      const guards = policy.guards.map((guard) => ({
        ...guard,
        action: guard.bound === null ? ('watch' as const) : guard.action,
        requiredToAdvance: guard.requiredToAdvance && guard.metric.kind !== 'outcome-ratio',
      }));
      const valid = { ...policy, guards };
      expect(policyHash(again(valid))).toBe(policyHash(valid));
    }),
    { numRuns: 200 },
  );
});

test('a stage of some segments keeps them, and names may hold anything', () => {
  const policy = loadPolicy('policies/quick.yaml');
  const stages = policy.stages.map((stage, i) =>
    i === 1 ? { ...stage, name: 'city "one": # {x}', segments: ['north', "south's"] } : stage,
  );
  const guards = policy.guards.map((guard) => ({ ...guard, stages: null, segment: 'all' }));
  const odd = {
    ...policy,
    name: '- yes\\',
    stages,
    guards: guards.filter(({ metric }) => metric.kind !== 'outcome-ratio'),
  };
  expect(again(odd)).toEqual(odd);
});

test('fractions keep every digit', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (fraction) => {
      const text = fractionText(fraction);
      expect(text.endsWith('%') ? Number(`${text.slice(0, -1)}e-2`) : Number(text)).toBe(fraction);
    }),
  );
});
