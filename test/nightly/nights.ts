/** Nights made up for tests: one rehearsal, whose figures a test sets. */
import { FIGURES } from '../../nightly/figures.ts';
import type { Night, NightRun } from '../../nightly/night.ts';
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
