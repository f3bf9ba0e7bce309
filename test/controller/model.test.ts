/** The controller as a state machine under random worlds: what must hold whatever happens. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Guard, Policy } from '../../controller/policy.ts';
import type { RolloutState } from '../../controller/state.ts';
import type { ArmWindow } from '../../telemetry/window.ts';
import { guardOf, MINUTE, policyOf, rehearse, type Run, rowOf, type Script, scoresOf, stageOf } from './support.ts';

const SEED = 20_260_401;

const guards: readonly Guard[] = [
  guardOf({ sustained: { forMs: 2 * MINUTE, reading: 'pooled' }, minSamples: 500 }),
  guardOf({
    name: 'p95',
    metric: { kind: 'latency', quantile: 0.95 },
    bound: { kind: 'absolute', breachWhen: '>', value: 50 },
    sustained: { forMs: 3 * MINUTE, reading: 'every' },
    minSamples: 20,
    requiredToAdvance: false,
  }),
  guardOf({
    name: 'outcome',
    metric: { kind: 'outcome-ratio' },
    bound: { kind: 'relative', to: 'baseline', direction: 'drop', by: 0.5 },
    action: 'pause',
    requiredToAdvance: false,
    minPositives: 5,
  }),
  guardOf({
    name: 'median',
    metric: { kind: 'score', quantile: 0.5 },
    bound: { kind: 'relative', to: 'baseline', direction: 'either', by: 0.1 },
    action: 'alert',
    requiredToAdvance: false,
    carryOver: true,
  }),
];

const policy: Policy = policyOf({
  maxGap: 1,
  guards,
  stages: [
    stageOf('shadow', 0, { mirrorPercent: 100, holdMs: 2 * MINUTE }),
    stageOf('canary', 20, { holdMs: 3 * MINUTE }),
    stageOf('full', 100, { holdMs: 0, extendMs: 0 }),
  ],
});

interface Weather {
  /** Of 10; 0 lost, 1 idle, 2 starved candidate, 3 failing, 4 slow, 5 shifted, the rest healthy. */
  readonly kind: number;
  readonly size: number;
}

/** One kind of weather per minute; a world without an entry is healthy. */
const scriptOf =
  (weather: readonly Weather[]): Script =>
  (index, { weight, mirror }) => {
    const { kind, size } = weather[Math.floor(index / 6) % weather.length] ?? { kind: 9, size: 1000 };
    if (kind === 0) return null;
    const total = kind === 1 ? 0 : size;
    const users = kind === 2 ? 0 : Math.round((total * weight) / 100);
    const mirrored = kind === 2 ? 0 : Math.round((total * mirror) / 100);
    const requests = users + mirrored;
    const score = kind === 5 ? 70 : 50;
    const candidate: Partial<ArmWindow> = {
      requests,
      mirrored,
      errors: kind === 3 ? Math.ceil(requests / 50) : 0,
      over: [kind === 4 ? Math.ceil(requests / 10) : 0],
      impressions: users,
      outcomes: Math.floor(users / 10),
      scores: scoresOf(score, requests),
    };
    const rest = total - users;
    const baseline = {
      requests: rest,
      over: [0],
      impressions: rest,
      outcomes: Math.floor(rest / 10),
      scores: scoresOf(50, rest),
    };
    return [rowOf('baseline', index, baseline), rowOf('candidate', index, candidate)];
  };

const someWeather = fc.array(
  fc.record({ kind: fc.integer({ min: 0, max: 12 }), size: fc.integer({ min: 1, max: 20_000 }) }),
  { minLength: 1, maxLength: 12 },
);
const settings = fc.record({
  weather: someWeather,
  trafficMs: fc.constantFrom(Infinity, 95_000, 4 * MINUTE, 6.5 * MINUTE),
  drainMs: fc.constantFrom(0, 1500, 130_000),
  warmMs: fc.constantFrom(0, 2500),
  baselineLoadedAtMs: fc.constantFrom(0, 5 * MINUTE),
});
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;
const runOf = ({ weather, ...rest }: Settings, more: object = {}): Run =>
  rehearse(policy, { script: scriptOf(weather), ...rest, ...more });

const check = (property: (given: Settings) => void, numRuns = 150): void =>
  fc.assert(fc.property(settings, property), { seed: SEED, numRuns });

const viaJson = (state: RolloutState): RolloutState => {
  const copy = JSON.parse(JSON.stringify(state)) as RolloutState;
  expect(copy).toEqual(state);
  return copy;
};

describe('the controller under random worlds', () => {
  it('sees every verdict of a running rollout, so the properties below are about something', () => {
    const seen = new Set<string>();
    check((given) => void seen.add(runOf(given).state.verdict));
    expect([...seen].sort()).toEqual(['paused', 'promoted', 'rolled-back']);
  });

  it('law L3: never promotes a candidate that a required guard has not passed on in every stage', () => {
    check((given) => {
      const { state, verdicts } = runOf(given);
      if (state.verdict !== 'promoted') return;
      for (const { name } of policy.stages.slice(0, -1)) {
        const passed = verdicts.findLast((each) => each.guard === 'errors' && each.stage === name);
        expect(passed).toMatchObject({ verdict: 'pass' });
        expect(passed?.samples).toBeGreaterThanOrEqual(500);
      }
    });
  });

  it('INV-8, INV-9: weights are those of the stages, and none is positive after a roll-back action', () => {
    check((given) => {
      const { actions, state } = runOf(given);
      const rolledBack = actions.findIndex(({ action }) => action.kind === 'roll-back');
      for (const [i, { action }] of actions.entries()) {
        if (action.kind !== 'set-weight' && action.kind !== 'mirror') continue;
        const share = action.kind === 'mirror' ? action.percent : action.weightPercent;
        if (rolledBack >= 0 && i > rolledBack) expect(share).toBe(0);
        else {
          const stage = policy.stages.find(({ name }) => name === action.stage);
          expect(share).toBe(action.kind === 'mirror' ? stage?.mirrorPercent : stage?.weightPercent);
        }
      }
      if (rolledBack >= 0) expect(state.verdict).toBe('rolled-back');
    });
  });

  it('time never goes back, stages and steps follow each other without gaps', () => {
    check((given) => {
      const { state, decisions } = runOf(given);
      for (const [i, decision] of decisions.entries())
        expect(decision.atMs).toBeGreaterThanOrEqual(decisions[i - 1]?.atMs ?? 0);
      for (const [i, stage] of state.stages.entries()) expect(stage.startMs).toBe(state.stages[i - 1]?.endMs ?? 0);
      const steps = state.rollback?.steps ?? [];
      for (const [i, step] of steps.entries())
        expect(step.startMs).toBe(steps[i - 1]?.endMs ?? state.rollback?.decidedAtMs);
    });
  });

  it('a trip of the state through JSON changes no later decision', () => {
    check((given) => {
      expect(runOf(given, { through: viaJson })).toEqual(runOf(given));
    }, 60);
  });

  it('the batches windows come in change no decision', () => {
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });
    fc.assert(
      fc.property(settings, cuts, (given, shares) => {
        const stops = (fromMs: number, wakeMs: number): number[] =>
          shares.map((share) => fromMs + share * (wakeMs - fromMs)).sort((a, b) => a - b);
        expect(runOf(given, { stops })).toEqual(runOf(given));
      }),
      { seed: SEED, numRuns: 80 },
    );
  });

  it('decide leaves the state it is given alone', () => {
    const freeze = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
      Object.freeze(value);
      for (const each of Object.values(value)) freeze(each);
    };
    const through = (state: RolloutState): RolloutState => {
      freeze(state);
      return state;
    };
    check((given) => void runOf(given, { through }), 30);
  });

  it('every decision is one sentence with a number or a name in it', () => {
    check((given) => {
      for (const { sentence } of runOf(given).decisions) {
        expect(sentence).not.toMatch(/undefined|null|NaN|Infinity|\n/);
        expect(sentence.length).toBeGreaterThan(10);
      }
    }, 40);
  });
});
