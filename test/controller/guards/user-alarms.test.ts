/** Few users with many impressions each: false alarms of a guard that takes impressions for independent, and of one that takes users. */
import { describe, expect, it } from 'vitest';
import type { RatioSequence, Test } from '../../../controller/guard-tests.ts';
import type { Guard } from '../../../controller/policy.ts';
import { clopperPearsonLower, clopperPearsonUpper } from '../../../statistics/binomial.ts';
import { type Alarms, alarmsOf, telling, watching, type WindowWorld } from '../../../tools/readings/rollouts.ts';
import type { Stream } from '../../../sim/random.ts';
import type { ArmWindow } from '../../../telemetry/window.ts';

const ALPHA = 0.05;
const LOOKS = 30;
const IMPRESSIONS = 5;
const AVERAGE = 0.3;
/** Of the candidate, and of the baseline. */
const USERS = [100, 300] as const;

const sequence: RatioSequence = {
  method: 'ratio-sequence',
  alpha: ALPHA,
  passAlpha: 0.05,
  passBy: 'evidence',
  inflation: 1,
  sharpestMs: 30 * 60_000,
};
const clicks = (name: string, test: Test): Guard =>
  telling({
    name,
    metric: { kind: 'outcome-ratio' },
    bound: { kind: 'relative', to: 'baseline', direction: 'drop', by: 0 },
    test,
    minPositives: 50,
  });
const GUARDS = [clicks('by impression', sequence), clicks('by user', { ...sequence, clusterBy: 'user' })];

/** An arm whose users keep their inclination for the whole rollout: uniform in `average` × (1 ± spread). */
function arm(users: number, average: number, spread: number): (at: number) => (stream: Stream) => Partial<ArmWindow> {
  const places = Array.from({ length: users }, (_, i) => i);
  let inclined: number[] = [];
  return (at) => (stream) => {
    if (at === 0) inclined = places.map(() => average * (1 + spread * (2 * stream.next() - 1)));
    const outcomes = inclined.map((p) => {
      let positive = 0;
      for (let i = 0; i < IMPRESSIONS; i++) if (stream.next() < p) positive++;
      return positive;
    });
    return {
      impressions: IMPRESSIONS * users,
      outcomes: outcomes.reduce((a, b) => a + b, 0),
      users: { at: places, impressions: places.map(() => IMPRESSIONS), outcomes },
    };
  };
}

function world(spread: number, factor = 1): WindowWorld {
  const [candidate, baseline] = [arm(USERS[0], factor * AVERAGE, spread), arm(USERS[1], AVERAGE, spread)];
  return (at) => ({
    candidate: { requests: IMPRESSIONS * USERS[0], more: candidate(at) },
    baseline: { requests: IMPRESSIONS * USERS[1], more: baseline(at) },
  });
}

const alarms = (of: WindowWorld, rollouts: number, seed: string): Alarms =>
  alarmsOf(watching(GUARDS, 25, LOOKS), of, rollouts, LOOKS, `users/${seed}`);
const count = (found: Alarms, name: string): number => found.get(name)!.length;

describe('arms that differ in nothing but their users, with a look every window', () => {
  const rollouts = 600;

  it('impressions taken for independent: far more false alarms than α; users taken for it: at most α', () => {
    const found = alarms(world(1), rollouts, 'null');
    const [naive, clustered] = [count(found, 'by impression'), count(found, 'by user')];
    expect(clopperPearsonLower(naive, rollouts), `by impression: ${naive} alarms`).toBeGreaterThan(2 * ALPHA);
    expect(clopperPearsonUpper(clustered, rollouts), `by user: ${clustered} alarms`).toBeLessThan(ALPHA);
    // A guard that never fires would pass any such gate.
    expect(clustered).toBeGreaterThan(0);
  });

  it('where users do not differ, both keep α', () => {
    const found = alarms(world(0), rollouts, 'alike');
    for (const name of ['by impression', 'by user'])
      expect(clopperPearsonUpper(count(found, name), rollouts), `${name}: ${count(found, name)}`).toBeLessThan(ALPHA);
  });
});

it('a drop of 40 % is found by users as well, within the half hour', () => {
  expect(count(alarms(world(1, 0.6), 60, 'power'), 'by user')).toBeGreaterThanOrEqual(50);
});
