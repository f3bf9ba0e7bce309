/** Policies that are refused. */

/** A document, and every issue it must be refused with. */
export type Case = readonly [title: string, text: string, issues: readonly string[]];

/** Stages, and a guard that they advance by: what a case does not talk about. */
const STAGES = `stages:
  - { name: canary, weight: 5%, hold: 30m }
  - { name: full, weight: 100%, hold: 0 }`;
const guard = (changes: Readonly<Record<string, string>> = {}): string => {
  const fields = {
    name: 'errors',
    metric: 'error-ratio',
    breachWhen: '"> 0.1%"',
    sustained: '{ for: 15m, reading: pooled }',
    action: 'roll-back',
    ...changes,
  };
  const parts = Object.entries(fields).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`]));
  return `  - { requiredToAdvance: true, ${parts.join(', ')} }`;
};

export const policies: readonly Case[] = [
  [
    'nothing but a name',
    'name: p\n',
    ['policy.yaml:1:1 stages: got nothing, expected a list', 'policy.yaml:1:1 guards: got nothing, expected a list'],
  ],
  [
    'no stages, no guards and no time to evaluate',
    'name: p\nevaluateEvery: 0\nstages: []\nguards: []\n',
    [
      'policy.yaml:2:16 evaluateEvery: got 0, expected a duration above 0 with its unit, such as 250ms, 10s, 30m or 1h30m',
      'policy.yaml:3:9 stages: got a list of 0, expected a list of a length ≥ 1',
      'policy.yaml:4:9 guards: got a list of 0, expected a list of a length ≥ 1',
    ],
  ],
  [
    'misspelled keys',
    `name: p\nmaxgap: 5\n${STAGES}\nguards:\n${guard({ acton: 'watch' })}\n`,
    [
      "policy.yaml:2:1 maxgap: got the unknown key 'maxgap', expected one of: name, description, evaluateEvery, maxGap, coverage, requireCompatibleSchemas, alarmBudget, stages, guards, rollback; did you mean 'maxGap'?",
      "policy.yaml:7:150 guards.0.acton: got the unknown key 'acton', expected one of: name, description, metric, breachWhen, sustained, test, delay, action, stages, segment, requiredToAdvance, minSamples, minPositives, carryOver; did you mean 'action'?",
    ],
  ],
  [
    'stages out of order',
    `name: p\nstages:\n  - { name: b, weight: 25%, hold: 30m }\n  - { name: b, weight: 5%, hold: 0 }\n  - { name: c, weight: 50%, hold: 1h }\nguards:\n${guard()}\n`,
    [
      "policy.yaml:4:13 stages.1.name: got 'b' a second time, expected a name of its own",
      'policy.yaml:4:24 stages.1.weight: got 5 % after 25 %, expected weights that never fall',
      'policy.yaml:4:34 stages.1.hold: got 0, expected a duration: only a last stage after another one may be promoted when reached',
      'policy.yaml:5:24 stages.2.weight: got 50 % in the last stage, expected 100%: that is what promotion means',
    ],
  ],
  [
    'a stage that advances without evidence',
    `name: p\n${STAGES}\nguards:\n${guard({ requiredToAdvance: 'false' }).replace('requiredToAdvance: true, ', '')}\n`,
    [
      "policy.yaml:3:13 stages.0.name: got no guard with requiredToAdvance in stage 'canary', expected one: without evidence nothing advances",
    ],
  ],
  [
    'a metric and an action in other words',
    `name: p\n${STAGES}\nguards:\n${guard({ metric: 'latncy p95', sustained: '{ for: 15m, reading: evry }', action: 'rollback' })}\n`,
    [
      "policy.yaml:6:54 guards.0.metric: got 'latncy p95', expected one of: latency p95, feature-fetch p95, score p95, score median, error-ratio, outcome-ratio, young-outcome-ratio, mismatch-ratio, features-missing-ratio, slow-ratio 50ms, measure precision@10, latency distribution, score distribution; did you mean 'latency p95'?",
      "policy.yaml:6:120 guards.0.sustained.reading: got 'evry', expected one of: pooled, every; did you mean 'every'?",
      "policy.yaml:6:136 guards.0.action: got 'rollback', expected one of: watch, alert, hold, pause, roll-back; did you mean 'roll-back'?",
    ],
  ],
  [
    'amounts that are no bounds on their metrics',
    `name: p\n${STAGES}\nguards:\n${guard({ breachWhen: '"> 50ms"' })}\n${guard({ name: 'slow', metric: 'latency p95', breachWhen: '"> 50"' })}\n`,
    [
      "policy.yaml:6:79 guards.0.breachWhen: got an amount that is no bound on error-ratio, expected a percentage such as '> 0.1%'",
      "policy.yaml:7:77 guards.1.breachWhen: got an amount that is no bound on latency, expected a time such as '> 50ms'",
    ],
  ],
  [
    'bounds that are none',
    `name: p\n${STAGES}\nguards:\n${guard({ breachWhen: '"= 1%"' })}\n${guard({ name: 'drop', metric: 'outcome-ratio', breachWhen: '{ drop: 2%, relativeTo: candidate }' })}\n`,
    [
      "policy.yaml:6:79 guards.0.breachWhen: got '= 1%', expected an operator with an amount (> 50ms, > 0.1%, < 0.2) or a map",
      "policy.yaml:7:103 guards.1.breachWhen.relativeTo: got 'candidate', expected one of: baseline, control, before",
    ],
  ],
  [
    'an action without a bound',
    `name: p\n${STAGES}\nguards:\n${guard({ breachWhen: '' })}\n`,
    [
      'policy.yaml:6:26 guards.0.requiredToAdvance: got true without breachWhen, expected a bound that can pass',
      'policy.yaml:6:117 guards.0.action: got roll-back without breachWhen, expected a bound to act on, or watch',
    ],
  ],
  [
    'a look back of another length than its windows, in a stage that does not exist',
    `name: p\n${STAGES}\nguards:\n${guard()}\n${guard({ name: 'x', sustained: '{ for: 90s, reading: every }', stages: '[canary-9]' })}\n`,
    [
      'policy.yaml:7:102 guards.1.sustained.for: got 1m30s, expected a multiple of evaluateEvery, 1m',
      "policy.yaml:7:153 guards.1.stages.0: got 'canary-9', expected a stage: one of canary, full; did you mean 'canary'?",
    ],
  ],
  [
    'a look back longer than its stage, and two guards of one name',
    `name: p\n${STAGES}\nguards:\n${guard({ sustained: '{ for: 2h, reading: pooled }' })}\n${guard()}\n`,
    [
      "policy.yaml:3:39 stages.0.hold: got at most 1h with its extension, expected at least the 2h that guard 'errors' must look back",
      "policy.yaml:7:38 guards.1.name: got 'errors' a second time, expected a name of its own",
    ],
  ],
  [
    'mirrored answers compared where nothing is mirrored',
    `name: p\n${STAGES}\nguards:\n${guard()}\n${guard({ name: 'm', metric: 'mismatch-ratio' })}\n`,
    [
      'policy.yaml:7:49 guards.1.metric: got mismatch-ratio in canary, full, expected only stages that mirror: it compares mirrored answers',
    ],
  ],
  [
    'a change against a control cohort that its stages do not have',
    `name: p\n${STAGES}\nguards:\n${guard()}\n${guard({ name: 'drop', metric: 'outcome-ratio', breachWhen: '{ drop: 2%, relativeTo: control }' })}\n`,
    [
      "policy.yaml:3:13 stages.0.name: got no control cohort in stage 'canary', expected control: 5%, since guard 'drop' is relative to it (or name the guard's stages)",
    ],
  ],
  [
    'a rollback and limits that cannot be',
    `name: p\ncoverage: 120%\nmaxGap: -1\n${STAGES}\nguards:\n${guard()}\nrollback: { deadline: soon, preWarm: 1 }\n`,
    [
      "policy.yaml:2:11 coverage: got '120%', expected a percentage from 0% to 100%, or a fraction from 0 to 1",
      'policy.yaml:3:9 maxGap: got -1, expected a whole number, such as 250, 10_000, 500k or 10M',
      "policy.yaml:9:23 rollback.deadline: got 'soon', expected a duration above 0 with its unit, such as 250ms, 10s, 30m or 1h30m",
      'policy.yaml:9:38 rollback.preWarm: got 1, expected true or false or first',
    ],
  ],
];
