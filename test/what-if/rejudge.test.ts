/** What the page judges, from packed recordings, is what `coalmine judge` says of the whole ones, wherever the sliders stand. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { thresholdsOf } from '../../controller/thresholds.ts';
import type { Policy } from '../../controller/policy.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import { withCounters } from '../../tuning/derive-counters.ts';
import { type Judged, type Judgement, judge } from '../../tuning/judge.ts';
import { record } from '../../tuning/record.ts';
import { decode } from '../../what-if/codec.ts';
import { packOne } from '../../what-if/pack.ts';
import { Rejudge, scaledFor } from '../../what-if/rejudge.ts';
import { type Choice, countersOf, policyWith, settingsOf } from '../../what-if/settings.ts';
import { randomPolicy } from '../tuning/random-policy.ts';
import { recipe, recordingOf } from '../tuning/synthetic.ts';
import { WORLDS, worldOf } from '../tuning/worlds.ts';

beforeAll(histogramsReady);

/** By the whole recording, as the command line does it. */
function whole(policy: Policy, recording: Judged): Judgement {
  const scaled = scaledFor(policy, recording);
  const { verdict, decidedAtMs, stage, guard } = judge(scaled, withCounters(recording, thresholdsOf(scaled)));
  return { verdict, decidedAtMs, stage, guard };
}

const pageOf = (recordings: readonly Judged[], policy: Policy): Rejudge => {
  const counters = countersOf(policy);
  const packed = recordings.map((recording) => packOne(recording, policy, counters));
  return new Rejudge(
    packed.map(({ head, bytes }) => decode(JSON.parse(JSON.stringify(head)) as typeof head, bytes)),
    policy,
  );
};

/** Every slider somewhere, by numbers from 0 to 1. */
function chosen(policy: Policy, draws: readonly number[]): Choice {
  return Object.fromEntries(
    settingsOf(policy).flatMap(({ id, values }, i) => {
      const draw = draws[i % draws.length]!;
      // Half of them stay as they are.
      return draw < 0.5 ? [] : [[id, Math.floor((draw - 0.5) * 2 * values.length)] as const];
    }),
  );
}

const draws = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 7, maxLength: 7 });

describe('a packed recording', () => {
  test('is judged like the whole one: 200 policies, five positions each, on synthetic recordings with gaps', () => {
    const positions = fc.array(draws, { minLength: 5, maxLength: 5 });
    const verdicts = new Map<string, number>();
    fc.assert(
      fc.property(recipe, randomPolicy, positions, (made, policy, all) => {
        const recording = recordingOf(policy, made);
        const page = pageOf([recording], policy);
        for (const each of all) {
          const changed = policyWith(policy, settingsOf(policy), chosen(policy, each));
          const [found] = page.judge(changed);
          expect(found).toEqual(whole(changed, recording));
          verdicts.set(found!.verdict, (verdicts.get(found!.verdict) ?? 0) + 1);
        }
      }),
      { numRuns: 200 },
    );
    for (const verdict of ['promoted', 'rolled-back', 'paused', 'off-schedule'])
      expect(verdicts.get(verdict) ?? 0, verdict).toBeGreaterThan(5);
  });

  test('of a simulated rollout is as well, with histograms in windows shorter than an evaluation', async () => {
    const policies = fc.sample(randomPolicy, { numRuns: 25, seed: 7 });
    for (const name of ['healthy', 'failing', 'slow', 'ending']) {
      for (const policy of policies) {
        const recording = await simulated(name, policy);
        const page = pageOf([recording], policy);
        for (const each of fc.sample(draws, { numRuns: 4, seed: 11 })) {
          const changed = policyWith(policy, settingsOf(policy), chosen(policy, each));
          expect(page.judge(changed)).toEqual([whole(changed, recording)]);
        }
      }
    }
  });
});

test('guards on means, tests, and comparisons with the time before are judged by `decide` in the page as well', async () => {
  const scenario = loadScenario('queries.yaml', {
    text: WORLDS['healthy']!.replace(
      /outcomes: .*/,
      `outcomes:
  kind: queries
  baseline: { clickThrough: 62%, success: 48%, timeToSuccess: { kind: lognormal, median: 5s, sigma: 0.9 } }
  candidate: { clickThrough: 55%, success: 40%, timeToSuccess: { kind: lognormal, median: 8s, sigma: 0.9 } }
  labelWindow: 20s`,
    ),
  }).scenario;
  const [any] = fc.sample(randomPolicy, { numRuns: 1, seed: 1 });
  const guard = { ...any!.guards[0]!, stages: ['canary-50'], requiredToAdvance: false };
  const click = { ...guard, metric: { kind: 'measure' as const, name: 'click-through' } };
  const proof = { alpha: 0.01, passAlpha: 0.05, passBy: 'evidence' as const, inflation: 1 };
  const policy: Policy = {
    ...any!,
    guards: [
      any!.guards[0]!,
      {
        ...click,
        name: 'clicks',
        action: 'pause',
        bound: { kind: 'absolute', breachWhen: '<', value: 0.5 },
        sustained: { forMs: 10_000, reading: 'pooled' },
      },
      {
        ...guard,
        name: 'before',
        action: 'pause',
        metric: { kind: 'latency', quantile: 0.95 },
        bound: { kind: 'relative', to: 'baseline', earlier: true, direction: 'either', by: 0.1 },
        sustained: { forMs: 20_000, reading: 'pooled' },
      },
      {
        ...click,
        name: 'time',
        action: 'roll-back',
        metric: { kind: 'measure', name: 'time-to-success-ms' },
        bound: { kind: 'relative', to: 'baseline', direction: 'rise', by: 0.1 },
        sustained: null,
        test: { method: 'mean-sequence', ...proof, sharpestMs: 60_000 },
      },
      {
        ...guard,
        name: 'errors',
        action: 'roll-back',
        bound: { kind: 'absolute', breachWhen: '>', value: 0.01 },
        sustained: null,
        test: { method: 'e-process', ...proof, lateOnset: false },
      },
    ],
  };
  const recording = await record(scenario, policy, { thresholds: [], content: null, file: null });
  const page = pageOf([recording], policy);
  const ends = new Set<string>();
  for (const each of fc.sample(draws, { numRuns: 40, seed: 3 })) {
    const changed = policyWith(policy, settingsOf(policy), chosen(policy, each));
    const [found] = page.judge(changed);
    expect(found).toEqual(whole(changed, recording));
    ends.add(`${found!.verdict} ${found!.guard}`);
  }
  expect([...ends]).toEqual(expect.arrayContaining(['rolled-back time', 'paused clicks', 'paused before']));
});

const simulations = new Map<string, Promise<Judged>>();

/** One recording per world: random policies share their schedule. */
function simulated(name: string, policy: Policy): Promise<Judged> {
  let found = simulations.get(name);
  if (found === undefined) {
    found = record(worldOf(name), policy, { thresholds: [], content: null, file: null });
    simulations.set(name, found);
  }
  return found;
}
