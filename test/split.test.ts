/** Which arm serves a user: sticky, monotone in the weight, and as many users as the weight says. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidateBelow, hashText, mix32, routingPoint } from '../split.ts';
import { goesToCandidate } from './goes-to-candidate.ts';

const SEED = 15;
const user = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const salt = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const weight = fc.double({ min: 0, max: 100, noNaN: true });

describe('the split', () => {
  test('is monotone: who saw the candidate at a weight sees it at every higher one', () => {
    fc.assert(
      fc.property(user, salt, weight, weight, (u, s, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        if (goesToCandidate(u, s, low)) expect(goesToCandidate(u, s, high)).toBe(true);
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  test('is sticky: it depends on nothing but user, salt and weight', () => {
    const answers = Array.from({ length: 1000 }, (_, u) => goesToCandidate(u, 99, 30));
    const again = Array.from({ length: 1000 }, (_, i) => goesToCandidate(999 - i, 99, 30)).toReversed();
    expect(again).toEqual(answers);
  });

  test('gives the candidate nobody at 0 % and everybody at 100 %', () => {
    fc.assert(
      fc.property(user, salt, (u, s) => {
        expect(goesToCandidate(u, s, 0)).toBe(false);
        expect(goesToCandidate(u, s, 100)).toBe(true);
        const point = routingPoint(u, s);
        expect(point >= 0 && point < 2 ** 32 && Number.isInteger(point)).toBe(true);
      }),
      { seed: SEED, numRuns: 5000 },
    );
    expect(candidateBelow(100)).toBe(2 ** 32);
  });

  test.each([0.1, 1, 5, 25, 50, 99])(
    'gives the candidate %d per cent of a million users, within binomial bounds',
    (percent) => {
      const n = 1e6;
      for (const name of ['rollout-a', 'rollout-b']) {
        const s = hashText(name);
        let count = 0;
        for (let u = 0; u < n; u++) if (goesToCandidate(u, s, percent)) count++;
        const p = percent / 100;
        expect(Math.abs(count - n * p), name).toBeLessThan(4 * Math.sqrt(n * p * (1 - p)));
      }
    },
  );

  test('deals users anew for another rollout: who sees one candidate says nothing about another', () => {
    const n = 1e6;
    const [a, b] = [hashText('rollout-a'), hashText('rollout-b')];
    let both = 0;
    for (let u = 0; u < n; u++) if (goesToCandidate(u, a, 10) && goesToCandidate(u, b, 10)) both++;
    expect(Math.abs(both - n / 100)).toBeLessThan(4 * Math.sqrt(n / 100));
  });
});

describe('known answers', () => {
  test('mix32', () => {
    expect([0, 1, 2, 42, -1, 2 ** 31].map(mix32)).toEqual(KNOWN_MIX);
  });

  test('mix32 is a bijection on a sample: no two numbers meet', () => {
    expect(new Set(Array.from({ length: 200_000 }, (_, i) => mix32(i))).size).toBe(200_000);
  });

  test('FNV-1a of the empty text, of "a" and of "foobar" as published', () => {
    expect(['', 'a', 'foobar'].map((text) => hashText(text).toString(16))).toEqual([
      '811c9dc5',
      'e40c292c',
      'bf9cf968',
    ]);
  });

  test('the first ten users of rollout "seed-healthy" at 50 %', () => {
    const s = hashText('seed-healthy');
    const arms = Array.from({ length: 10 }, (_, u) => (goesToCandidate(u, s, 50) ? 'c' : 'b')).join('');
    expect(arms).toBe(KNOWN_ARMS);
  });
});

/** Pinned: the live gateway and recorded runs depend on them. */
const KNOWN_MIX = [0, 1753845952, 3507691905, 388445122, 1734902346, 3427483940];
const KNOWN_ARMS = 'cbcbcbcccb';
