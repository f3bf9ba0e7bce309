/** Made-up sweeps, the same at every call: rollouts drawn from a named stream, added up by the code that adds up real ones. */
import { resolvePolicy } from '../../../controller/resolve-policy.ts';
import type { Classification } from '../../../outcome.ts';
import type { SweepData } from '../../../reports/sweep/sweep-data.ts';
import { Stream } from '../../../sim/random.ts';
import { characteristicsOf } from '../../../tuning/characteristics.ts';
import { mcnemar } from '../../../tuning/mcnemar.ts';
import type { Variation } from '../../../tuning/plan.ts';
import type { Rollout } from '../../../tuning/rollouts.ts';

interface World {
  readonly name: string;
  readonly family?: string;
  readonly variation?: Variation;
  readonly candidate: 'healthy' | 'regressed';
  /** Chance that the first policy rolls back; each further one does it a little less often. */
  readonly stopped: number;
}

const HOUR = 3_600_000;

export const HEALTHY: World = { name: 'seed-healthy', candidate: 'healthy', stopped: 0 };
export const COLD: World = { name: 'cold-cache', candidate: 'healthy', stopped: 0.7 };
export const SLOW: World = { name: 'slow-tail', candidate: 'regressed', stopped: 0.9 };
export const CREEPS: readonly World[] = ['0.05%', '0.1%', '0.2%', '0.5%'].map((value, i) => ({
  name: `error-creep-${i}`,
  family: 'error-creep',
  variation: { path: 'arms.candidate.errorRatio', value },
  candidate: 'regressed',
  stopped: [0.05, 0.3, 0.85, 1][i]!,
}));

export function sweepOf(worlds: readonly World[], policies: readonly string[], replications: number): SweepData {
  const rollouts = (world: World, p: number): Rollout[] =>
    Array.from({ length: replications }, (_, i) => rolloutOf(world, p, i + 1));
  const subjects = worlds.flatMap((world) => policies.map((policy, p) => ({ world, policy, own: rollouts(world, p) })));
  const eventOf = ({ candidate }: World): 'false-rollback' | 'missed-regression' =>
    candidate === 'healthy' ? 'false-rollback' : 'missed-regression';
  return {
    search: null,
    keepsRecordings: true,
    policies: policies.map((name) =>
      resolvePolicy({
        name,
        stages: [{ name: 'shadow', weight: 0, mirror: 100, hold: HOUR }],
        guards: [{ name: 'errors', metric: { kind: 'error-ratio' }, action: 'roll-back' }],
      }),
    ),
    result: {
      schemaVersion: 1,
      coalmine: '0.0.0',
      plan: 'sha256:plan',
      replications,
      scenarios: worlds.map(({ name, candidate }) => ({
        name,
        hash: `sha256:${name}`,
        timeScale: 1,
        firstSeed: 1,
        candidate,
        onsetMs: candidate === 'regressed' ? HOUR : null,
        cause: candidate === 'regressed' ? 'made up' : null,
      })),
      policies: policies.map((name) => ({ name, hash: `sha256:${name}` })),
      characteristics: subjects.map(({ world, policy, own }) =>
        characteristicsOf(
          {
            scenario: world.name,
            family: world.family ?? world.name,
            variation: world.variation ?? null,
            candidate: world.candidate,
            policy,
          },
          own,
        ),
      ),
      stop: null,
      comparisons: worlds.flatMap((world) =>
        policies.slice(1).map((second, i) => {
          const event = eventOf(world);
          const two = rollouts(world, i + 1);
          const pairs = rollouts(world, 0).map((one, r): [boolean, boolean] => [
            one.classification === event,
            two[r]!.classification === event,
          ]);
          return { scenario: world.name, first: policies[0]!, second, event, ...mcnemar(pairs) };
        }),
      ),
      rollouts: subjects.flatMap(({ world, policy, own }) =>
        own.map((each) => ({ scenario: world.name, policy, ...each })),
      ),
    },
  };
}

function rolloutOf({ name, candidate, stopped }: World, p: number, seed: number): Rollout {
  const draw = new Stream(`report-fixture/${name}/${seed}`);
  const isStopped = draw.next() < stopped / (1 + 0.5 * p);
  const isPaused = !isStopped && draw.next() < 0.2;
  const delayMs = HOUR * (0.25 + 0.5 * draw.next() + 0.3 * p);
  const size = 10 ** (3 + 2 * draw.next());
  const isHealthy = candidate === 'healthy';
  const classification: Classification = isStopped
    ? isHealthy
      ? 'false-rollback'
      : 'true-rollback'
    : isPaused
      ? 'inconclusive'
      : isHealthy
        ? 'true-promotion'
        : 'missed-regression';
  return {
    seed,
    verdict: isStopped ? 'rolled-back' : isPaused ? 'paused' : 'promoted',
    classification,
    decidedAtMs: isStopped ? HOUR + delayMs : 4 * HOUR,
    guard: isStopped ? (draw.next() < 0.7 ? 'p95-sustained' : 'errors') : null,
    detectionDelayMs: isStopped && !isHealthy ? delayMs : null,
    harm: {
      requestsToCandidate: Math.round(size * 20),
      excessErrors: Math.round(size * 0.02),
      excessSlow: Math.round(size * 0.3 - 400),
      lostOutcomes: Math.round(size * 0.01),
    },
    rollbackMs: isStopped && seed === 1 ? 20_000 + 1000 * p : null,
    withinDeadline: isStopped && seed === 1 ? true : null,
    offSchedule: isPaused,
    confirmed: seed === 1 && !isPaused,
  };
}
