import { describe, expect, it } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import { policyHash } from '../../controller/policy-hash.ts';
import { policyJsonSchema } from '../../controller/policy-schema.ts';

const GUARD = `
  - name: errors
    metric: error-ratio
    breachWhen: "> 0.1%"
    sustained: { for: 15m, reading: pooled }
    action: roll-back
    requiredToAdvance: true`;
const HEAD = `name: test
stages:
  - { name: canary, weight: 5%, hold: 30m }
  - { name: full, weight: 100%, hold: 0 }
guards:`;

const load = (text: string) => loadPolicy('policy.yaml', text);
const guards = (text: string) => load(HEAD + text).guards;

/** Issues without the file's name, one per line. */
function issuesOf(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof BadInput) return error.message.replaceAll('policy.yaml:', '').split('\n');
    throw error;
  }
  return [];
}
const guardIssues = (changes: string): string[] => issuesOf(`${HEAD}${GUARD}${changes}`);
const with_ = (metric: string, breachWhen: string, rest = ''): string => `
  - name: other
    metric: ${metric}
    breachWhen: ${breachWhen}
    sustained: { for: 15m, reading: pooled }
    action: alert${rest}`;

describe('a policy file', () => {
  it('is resolved with its defaults', () => {
    expect(load(HEAD + GUARD)).toEqual({
      name: 'test',
      description: null,
      dialect: 'coalmine',
      evaluateEveryMs: 60_000,
      maxGap: 5,
      coverage: 0.8,
      requireCompatibleSchemas: true,
      stages: [
        {
          name: 'canary',
          weightPercent: 5,
          mirrorPercent: 0,
          controlPercent: 0,
          holdMs: 1_800_000,
          extendMs: 1_800_000,
        },
        { name: 'full', weightPercent: 100, mirrorPercent: 0, controlPercent: 0, holdMs: 0, extendMs: 0 },
      ],
      guards: [
        {
          name: 'errors',
          description: null,
          metric: { kind: 'error-ratio' },
          bound: { kind: 'absolute', breachWhen: '>', value: 0.001 },
          sustained: { forMs: 900_000, reading: 'pooled' },
          action: 'roll-back',
          stages: null,
          segment: 'all',
          requiredToAdvance: true,
          minSamples: 5000,
          minPositives: 0,
          test: null,
          delayMs: 0,
          carryOver: false,
        },
      ],
      rollback: { deadlineMs: 120_000, preWarm: true, verifyMs: 10_000 },
    });
  });

  it.each([
    ['latency p95', '">= 50ms"', { kind: 'latency', quantile: 0.95 }, { breachWhen: '>=', value: 50 }, 100],
    ['latency p99.9', '"> 1.5s"', { kind: 'latency', quantile: 0.999 }, { breachWhen: '>', value: 1500 }, 5000],
    ['feature-fetch p99', '">5ms"', { kind: 'feature-fetch', quantile: 0.99 }, { breachWhen: '>', value: 5 }, 500],
    ['score median', '"> 0.7"', { kind: 'score', quantile: 0.5 }, { breachWhen: '>', value: 0.7 }, 1000],
    ['score p90', '"<= -1"', { kind: 'score', quantile: 0.9 }, { breachWhen: '<=', value: -1 }, 1000],
    ['features-missing-ratio', '"> 0.7%"', { kind: 'features-missing-ratio' }, { breachWhen: '>', value: 0.007 }, 715],
    ['outcome-ratio', '"< 0.03"', { kind: 'outcome-ratio' }, { breachWhen: '<', value: 0.03 }, 167],
  ])('%s breaches when %s', (metric, when, kind, bound, minSamples) => {
    expect(guards(GUARD + with_(metric, when))[1]).toMatchObject({
      metric: kind,
      bound: { kind: 'absolute', ...bound },
      minSamples,
    });
  });

  it.each([
    ['{ drop: 2%, relativeTo: baseline }', { direction: 'drop', by: 0.02, to: 'baseline' }],
    ['{ rise: 0.02, relativeTo: baseline }', { direction: 'rise', by: 0.02, to: 'baseline' }],
    ['{ change: 10%, relativeTo: baseline }', { direction: 'either', by: 0.1, to: 'baseline' }],
  ])('a change is written %s', (when, bound) => {
    const [, guard] = guards(GUARD + with_('outcome-ratio', when));
    expect(guard).toMatchObject({ bound: { kind: 'relative', ...bound }, minSamples: 1, minPositives: 50 });
  });

  it('per evaluation window one event at the bound is enough', () => {
    const every = GUARD.replace('pooled', 'every');
    expect(guards(every)[0]?.minSamples).toBe(1000);
  });

  it('its hash ignores how it is written and described, and nothing else', () => {
    const hash = policyHash(load(HEAD + GUARD));
    expect(policyHash(load(`description: words\n${HEAD}${GUARD}`.replace('30m', '0.5h')))).toBe(hash);
    expect(policyHash(load(HEAD + GUARD.replace('0.1%', '0.2%')))).not.toBe(hash);
  });
});

const stages = (lines: string[]): string[] =>
  issuesOf(
    `name: test\nstages:\n${lines.map((line) => `  - { ${line} }`).join('\n')}\nguards:${GUARD}\n    stages: [a, b]`,
  );

describe('what is wrong with a policy file', () => {
  it('the reading of "sustained" has no default', () => {
    expect(issuesOf(HEAD + GUARD.replace(', reading: pooled', ''))).toEqual([
      '9:16 guards.0.sustained.reading: got nothing, expected one of: pooled, every',
    ]);
  });

  it('reports everything at once, with places', () => {
    const text = `${HEAD.replace('5%', '5')}${GUARD.replace('error-ratio', 'eror-ratio').replace('action', 'acton')}`;
    expect(issuesOf(text)).toEqual([
      '3:29 stages.0.weight: got 5, expected a percentage with its sign, from 0% to 100%, such as 5%',
      '6:5 guards.0.action: got nothing, expected one of: watch, alert, hold, pause, roll-back',
      expect.stringMatching(
        /^7:13 guards.0.metric: got 'eror-ratio', expected one of: .*; did you mean 'error-ratio'\?$/,
      ),
      expect.stringMatching(/^10:5 guards.0.acton: got the unknown key 'acton'.*; did you mean 'action'\?$/),
    ]);
  });

  it('bounds that cannot be read, or do not fit their metric', () => {
    expect(guardIssues(with_('error-ratio', '"more than 5"'))[0]).toMatch(
      /^14:17 guards.1.breachWhen: got 'more than 5', expected an operator with an amount .* or a map$/,
    );
    expect(guardIssues(with_('latency p95', '"> 50"'))).toEqual([
      "14:17 guards.1.breachWhen: got an amount that is no bound on latency, expected a time such as '> 50ms'",
    ]);
    expect(guardIssues(with_('error-ratio', '"> 50ms"'))[0]).toContain('expected a percentage');
    expect(guardIssues(with_('score median', '"> 5%"'))[0]).toContain('expected a number');
    expect(guardIssues(with_('error-ratio', '"> 0%"'))[0]).toContain('expected minSamples beside it');
    expect(guardIssues(with_('error-ratio', '"> 0%"', '\n    minSamples: 100'))).toEqual([]);
  });

  it('changes without exactly one direction, or of a metric that compares already', () => {
    expect(guardIssues(with_('outcome-ratio', '{ relativeTo: baseline }'))[0]).toContain(
      'got none, expected exactly one of',
    );
    expect(guardIssues(with_('outcome-ratio', '{ drop: 1%, rise: 1%, relativeTo: baseline }'))[0]).toContain(
      'got rise and drop',
    );
    expect(guardIssues(with_('outcome-ratio', '{ dorp: 1%, relativeTo: baseline }'))[0]).toContain(
      "did you mean 'drop'?",
    );
    const mirrored = HEAD.replace('hold: 30m', 'hold: 30m, mirror: 10%');
    const compared = issuesOf(
      mirrored + GUARD + with_('mismatch-ratio', '{ rise: 1%, relativeTo: baseline }', '\n    stages: [canary]'),
    );
    expect(compared).toEqual([expect.stringContaining('it compares both arms already')]);
  });

  it('mismatch-ratio where nothing is mirrored, required outcomes where nobody sees the answers', () => {
    expect(guardIssues(with_('mismatch-ratio', '"> 1%"'))).toEqual([
      '13:13 guards.1.metric: got mismatch-ratio in canary, full, expected only stages that mirror: it compares mirrored answers',
    ]);
    const shadow = HEAD.replace('weight: 5%', 'weight: 0%');
    expect(issuesOf(shadow + GUARD + with_('outcome-ratio', '"< 2%"', '\n    requiredToAdvance: true'))[0]).toContain(
      'copies no user sees have no outcome',
    );
  });

  it('actions and requirements without a bound', () => {
    expect(issuesOf(HEAD + GUARD.replace('    breachWhen: "> 0.1%"\n', ''))).toEqual([
      '9:13 guards.0.action: got roll-back without breachWhen, expected a bound to act on, or watch',
      '10:24 guards.0.requiredToAdvance: got true without breachWhen, expected a bound that can pass',
    ]);
  });

  it('a stretch that is no whole number of evaluation windows', () => {
    expect(issuesOf(HEAD + GUARD.replace('15m', '90s'))).toEqual([
      '9:23 guards.0.sustained.for: got 1m30s, expected a multiple of evaluateEvery, 1m',
    ]);
    expect(issuesOf(`evaluateEvery: 20s\n${HEAD}${GUARD.replace('15m', '10s')}`)).toHaveLength(1);
  });

  it('guards of stages that do not exist, and names used twice or taken', () => {
    expect(guardIssues(with_('error-ratio', '"> 1%"', '\n    stages: [canray]'))).toEqual([
      "17:14 guards.1.stages.0: got 'canray', expected a stage: one of canary, full; did you mean 'canary'?",
    ]);
    expect(guardIssues(GUARD)).toEqual(["12:11 guards.1.name: got 'errors' a second time, expected a name of its own"]);
    expect(guardIssues(GUARD.replace('errors', 'starved'))[0]).toContain('bear this one');
  });

  it('segments that a stage takes back, names twice, or leaves out at the end', () => {
    expect(
      stages([
        'name: a, weight: 1%, segments: [ATL, LAX], hold: 30m',
        'name: b, weight: 5%, segments: [ATL, PHX], hold: 30m',
        'name: b, weight: 50%, segments: [ATL, PHX, all, ATL], hold: 30m',
        'name: b, weight: 60%, hold: 30m',
        'name: c, weight: 100%, segments: [ATL], hold: 0',
      ]),
    ).toEqual([
      '4:38 stages.1.segments: got ATL, PHX without LAX, which had 1 % in a, expected weights that never fall for any segment',
      "5:13 stages.2.name: got 'b' a second time, expected a name of its own",
      "5:39 stages.2.segments: got 'ATL' twice, expected each segment once",
      "5:39 stages.2.segments: got 'all', expected names of segments, or none for every request",
      "6:13 stages.3.name: got 'b' a second time, expected a name of its own",
      '7:40 stages.4.segments: got ATL without all others, which had 60 % in b, expected weights that never fall for any segment',
      '7:40 stages.4.segments: got ATL in the last stage, expected none: promotion is about every request',
    ]);
  });

  it('stages that fall, repeat, end early or cannot be proven', () => {
    expect(
      stages(['name: a, weight: 5%, hold: 30m', 'name: b, weight: 1%, hold: 30m', 'name: b, weight: 100%, hold: 0']),
    ).toEqual([
      '4:24 stages.1.weight: got 1 % after 5 %, expected weights that never fall',
      "5:13 stages.2.name: got 'b' a second time, expected a name of its own",
    ]);
    expect(stages(['name: a, weight: 5%, hold: 0', 'name: b, weight: 50%, hold: 30m'])).toEqual([
      '3:34 stages.0.hold: got 0, expected a duration: only a last stage after another one may be promoted when reached',
      '4:24 stages.1.weight: got 50 % in the last stage, expected 100%: that is what promotion means',
    ]);
    expect(
      stages([
        'name: a, weight: 5%, hold: 5m, extend: 5m',
        'name: b, weight: 6%, hold: 1h',
        'name: c, weight: 100%, hold: 1h',
      ]),
    ).toEqual([
      "3:34 stages.0.hold: got at most 10m with its extension, expected at least the 15m that guard 'errors' must look back",
      "5:13 stages.2.name: got no guard with requiredToAdvance in stage 'c', expected one: without evidence nothing advances",
    ]);
  });
});

it('the published JSON Schema describes every field of what people write', () => {
  const undescribed: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties = {}, items, anyOf = [] } = node as { properties?: object; items?: unknown; anyOf?: unknown[] };
    for (const [name, each] of Object.entries(properties)) {
      if (!('description' in each)) undescribed.push(`${path}.${name}`);
      walk(each, `${path}.${name}`);
    }
    walk(items, `${path}[]`);
    for (const each of anyOf) walk(each, path);
  };
  const schema = policyJsonSchema();
  walk(schema, '');
  expect(undescribed).toEqual([]);
  expect(schema).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#', additionalProperties: false });
});
