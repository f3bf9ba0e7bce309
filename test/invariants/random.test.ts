/** Invariants on random small scenarios: INV-1, 3, 8, 9 always; INV-2, 4, 5, FIFO and the sums where no crash or hang rewrites records. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaUnder, causality, earliestStart, fifo, littlesLaw, slotsAndWork, utilisationLaw } from './checkers.ts';
import { type Trial, trials } from './random-scenario.ts';
import { carryOut, type Finished, sumOf } from './trial.ts';

/** Printed by fast-check with a failure, together with the path to the smallest one. */
const SEED = 20_260_718;
const MORE = process.env.COALMINE_TIER === 'full' ? 20 : 1;
const TIMEOUT = 120_000 * MORE;
const ARMS = ['baseline', 'candidate'] as const;

const always = (rough: boolean, check: (trial: Trial, finished: Finished) => void): Promise<void> =>
  fc.assert(
    fc.asyncProperty(trials(rough), async (trial) => check(trial, await carryOut(trial))),
    { seed: SEED, numRuns: MORE * (rough ? 150 : 60), endOnFailure: true },
  );

/** What must hold whatever happens. */
function conserved({ scenario }: Trial, { requests, windows, arrivedTotal }: Finished): void {
  const perArm = ARMS.map((_, a) => requests.arm.slice(0, requests.size).filter((arm) => arm === a).length);
  for (const [a, arm] of ARMS.entries()) {
    const arrived = sumOf(windows, arm, (row) => row.arrived);
    expect(arrived, `INV-1: ${arm} arrivals in windows and at the probe`).toBe(perArm[a]);
    expect(
      sumOf(windows, arm, (row) => row.requests),
      `INV-1: ${arm} outcomes`,
    ).toBe(arrived);
    expect(
      sumOf(windows, arm, (row) => row.over[0]!),
      `${arm}: errors are over every threshold`,
    ).toBeGreaterThanOrEqual(sumOf(windows, arm, (row) => row.errors));
  }
  const mirrored = sumOf(windows, 'candidate', (row) => row.mirrored);
  expect(perArm[0]! + perArm[1]! - mirrored, 'INV-1: sum over arms = requests of the rollout').toBe(arrivedTotal);
  const pairs = sumOf(windows, 'candidate', (row) => (row.shadow?.compared ?? 0) + (row.shadow?.incomplete ?? 0));
  expect(pairs, 'pairing: every mirrored request is compared or lost, once').toBe(mirrored);
  if (scenario.outcomes.kind === 'bernoulli' && scenario.outcomes.labelDelayMs === 0) {
    const answered = sumOf(windows, 'baseline', (row) => row.completed);
    expect(
      sumOf(windows, 'baseline', (row) => row.impressions),
      'labels',
    ).toBe(answered);
  }
}

describe('on random scenarios', () => {
  test(
    'INV-1, INV-3, INV-8, INV-9 and the pairs hold through crashes, hangs, spikes, brownouts and scaling; all ends when traffic does',
    async () => {
      await always(true, conserved);
    },
    TIMEOUT,
  );

  test(
    'INV-2 causality: arrival, queue, start, finish in this order, and no timeout after its limit',
    async () => {
      await always(false, ({ scenario }, { requests }) => {
        const limits = [scenario.arms.baseline, scenario.arms.candidate].map(({ queueTimeoutMs, timeoutMs }) => ({
          queueTimeout: queueTimeoutMs,
          timeout: timeoutMs,
        }));
        expect(causality(requests, limits)).toBeNull();
      });
    },
    TIMEOUT,
  );

  test(
    'INV-4 capacity and INV-5 work conservation: brute force over every station, with fleets that grow and shrink',
    async () => {
      await always(false, ({ scenario }, { requests }) => {
        const slots = [scenario.arms.baseline.slotsPerReplica, scenario.arms.candidate.slotsPerReplica];
        expect(slotsAndWork(requests, slots)).toBeNull();
        expect(earliestStart(requests, slots)).toBeNull();
        expect(fifo(requests)).toBeNull();
      });
    },
    TIMEOUT,
  );

  test(
    "utilisation law and Little's law: the windows' sums are those of the requests, to nine digits",
    async () => {
      await always(false, (_, { requests, windows, endMs }) => {
        for (const [a, arm] of ARMS.entries()) {
          const lines = Array.from({ length: requests.size }, (__, i) => i).filter((i) => requests.arm[i] === a);
          expect(
            utilisationLaw(
              requests,
              a,
              sumOf(windows, arm, (row) => row.busyMs!),
              endMs,
            ),
          ).toBeNull();
          const answered = lines.filter((i) => requests.status[i] === 0);
          const stays = (from: Float64Array, to: Float64Array): [number, number][] =>
            answered.map((i) => [from[i]!, to[i]!]);
          const { arrival, queued, start, done } = requests;
          const system = sumOf(windows, arm, (row) => row.latency.sumMs);
          expect(littlesLaw(`${arm} system, windows`, system, stays(arrival, done), endMs)).toBeNull();
          expect(
            littlesLaw(`${arm} system`, areaUnder(stays(arrival, done), endMs), stays(arrival, done), endMs),
          ).toBeNull();
          const queue = sumOf(windows, arm, (row) => row.wait.sumMs);
          expect(littlesLaw(`${arm} queue, windows`, queue, stays(queued, start), endMs)).toBeNull();
        }
      });
    },
    TIMEOUT,
  );

  test(
    "N(t) at every window's end, counted from the requests, is what the window says is in flight",
    async () => {
      await always(false, (_, { requests, windows }) => {
        for (const { endMs, rows } of windows) {
          for (const [a, arm] of ARMS.entries()) {
            let inFlight = 0;
            for (let i = 0; i < requests.size; i++) {
              if (requests.arm[i] !== a || requests.arrival[i]! >= endMs) continue;
              // An outcome known before its dispatch (the caller gave up while features were fetched) counts at dispatch.
              if (Math.max(requests.done[i]!, requests.queued[i]!) >= endMs) inFlight++;
            }
            expect(rows.find((row) => row.arm === arm)!.inFlight, `${arm} at ${endMs} ms`).toBe(inFlight);
          }
        }
      });
    },
    TIMEOUT,
  );
});
