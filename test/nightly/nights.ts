/** Nights made up for tests: one rehearsal, whose figures a test sets. */
import { compareNights } from '../../nightly/compare-nights.ts';
import { FIGURES } from '../../nightly/figures.ts';
import type { Night, NightRun } from '../../nightly/night.ts';
import { type NightResult, resultOf } from '../../nightly/result.ts';
import { Stream } from '../../sim/random.ts';

export const HOST = { platform: 'linux', arch: 'x64', cores: 2, cpu: 'a processor', memoryMb: 1000 } as const;

const NONE = Object.fromEntries(FIGURES.map(({ name }) => [name, null]));

export const run = (seed: number, figures: NightRun['figures'], more: Partial<NightRun> = {}): NightRun => ({
  rehearsal: 'steady',
  seed,
  key: `key-${seed}`,
  isLive: false,
  verdict: 'promoted',
  guard: null,
  end: 'right',
  isUnexpected: false,
  isInvalid: false,
  digest: `sha256:${seed}`,
  ...more,
  figures: { ...NONE, ...figures },
});

/** Night number `at`. */
export const night = (at: number, runs: readonly NightRun[], more: Partial<Night> = {}): Night => ({
  date: new Date(Date.UTC(2026, 0, 1 + at)).toISOString().slice(0, 10),
  startedAtMs: Date.UTC(2026, 0, 1 + at),
  suite: { name: 'suite', hash: 'sha256:0' },
  coalmine: '0.1.0',
  code: 'sha256:1',
  host: HOST,
  isAccepted: false,
  ...more,
  runs,
});

/** Standard normal draws (Box and Muller 1958). */
export class Normal {
  readonly #stream: Stream;

  constructor(name: string) {
    this.#stream = new Stream(name);
  }

  next(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#stream.next())) * Math.cos(2 * Math.PI * this.#stream.next());
  }
}

/** A night after eight quiet ones, of two rehearsals or more: every second one has a slower candidate, which is wrong with one seed. */
export function nightResult(rehearsals = 2): NightResult {
  const normal = new Normal('result');
  const of = (at: number): Night =>
    night(
      at,
      Array.from({ length: rehearsals }, (_, r) => r).flatMap((r) =>
        [1, 2, 3, 4, 5].map((seed) => {
          const isWorse = at === 8 && r % 2 === 1;
          const figures = {
            'candidate-latency-p99': 40 + seed + (isWorse ? 12 + normal.next() : 0),
            'candidate-latency-p95': 30 + seed + (at === 8 ? normal.next() / 3 : 0),
            'time-to-promote': 1.8e7 - (at === 8 && r === 0 ? 5e6 + 1e5 * seed : 0),
            'excess-slow': 0.001 * seed,
            speed: 2e6 * Math.exp(normal.next() / 30),
          };
          const ended = isWorse && seed === 2 ? ({ end: 'wrong', verdict: 'rolled-back', guard: 'p95' } as const) : {};
          return run(seed, figures, { rehearsal: `slow-tail+sequential-${r + 1}`, ...ended });
        }),
      ),
    );
  const nights = Array.from({ length: 9 }, (_, at) => of(at));
  const tonight = nights.at(-1)!;
  return resultOf(tonight, compareNights(tonight, nights.slice(0, -1), { alpha: 0.05, tolerances: {} }));
}
