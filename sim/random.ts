import seedrandom from 'seedrandom';

/** Numbers made at a time: enough that a refill costs little, few enough that a dozen streams stay in the nearest cache. */
const BLOCK = 128;

/**
 * One named stream of uniform numbers in [0, 1), multiples of 2⁻³². Seeded by seedrandom's Alea and drawn in blocks:
 * the same numbers as `seedrandom.alea(name)` (a test compares them), without a call per number.
 * One stream per purpose (law L5): changing how often one component draws leaves every other component's draws alone.
 */
export class Stream {
  private readonly block = new Float64Array(BLOCK);
  private at = BLOCK;
  /** Alea's state: three fractions and the carry. */
  private readonly state: Float64Array;

  constructor(name: string) {
    const { s0, s1, s2, c } = seedrandom.alea(name, { state: true }).state() as unknown as AleaState;
    this.state = Float64Array.of(s0, s1, s2, c);
  }

  next(): number {
    if (this.at === BLOCK) {
      this.fill(this.block);
      this.at = 0;
    }
    return this.block[this.at++]!;
  }

  /** The next `into.length` numbers. A stream is read either so or one by one: `next` has already drawn ahead. */
  fill(into: Float64Array): void {
    const { state } = this;
    let s0 = state[0]!;
    let s1 = state[1]!;
    let s2 = state[2]!;
    let carry = state[3]!;
    // Alea (J. Baagøe 2010): a lagged multiply-with-carry, as in seedrandom/lib/alea.js. t is never negative, so floor is its `| 0`
    // without the way through an integer.
    for (let i = 0; i < into.length; i++) {
      const t = 2091639 * s0 + carry * 2.3283064365386963e-10;
      s0 = s1;
      s1 = s2;
      carry = Math.floor(t);
      s2 = t - carry;
      into[i] = s2;
    }
    state[0] = s0;
    state[1] = s1;
    state[2] = s2;
    state[3] = carry;
  }
}

interface AleaState {
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;
  readonly c: number;
}

/** Makes the streams of one run: `streams('service/candidate')` is `alea('<seed>/service/candidate')`. */
export type Streams = (purpose: string) => Stream;
export const streamsOf =
  (seed: number): Streams =>
  (purpose) =>
    new Stream(`${seed}/${purpose}`);
