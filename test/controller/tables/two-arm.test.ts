/** What the two-arm test finds of errors that have become more, under a load that rises and falls (statistics §18.6). */
import { describe, it } from 'vitest';
import type { Guard } from '../../../controller/policy.ts';
import type { Stream } from '../../../sim/random.ts';
import type { Counts } from '../../../tools/readings/draw.ts';
import { alarmsOf, telling, watching, type WindowWorld } from '../../../tools/readings/rollouts.ts';
import { agrees, type Cell, sized } from './published.ts';

const [PER_MINUTE, BASE, LOOKS] = [83_333, 0.0005, 120];
const PUBLISHED = 100_000;
const ROLLOUTS = sized(80);

const guard = (name: string, direction: 'rise' | 'either', alpha: number): Guard =>
  telling({
    name,
    metric: { kind: 'error-ratio' },
    bound: { kind: 'relative', to: 'baseline', direction, by: 0 },
    test: { method: 'two-arm', alpha, passAlpha: 0.05, passBy: 'evidence', inflation: 1 },
  });
const BOTH_WAYS = guard('both ways, α 5 %', 'either', 0.05);
const TOO_MANY = guard('too many, α 0.1 %', 'rise', 0.001);

/** Errors as rare as here are Poisson. */
function poissonCounts(n: number, mean: number): Counts {
  const first = Math.exp(-mean);
  const draw = (stream: Stream): number => {
    let left = stream.next();
    let mass = first;
    let k = 0;
    for (; left > mass && k < n; mass *= mean / ++k) left -= mass;
    return k;
  };
  return { n, draw };
}

const arm = (load: number, part: number, ratio: number) => {
  const requests = Math.round(PER_MINUTE * part * load);
  return { requests, errors: poissonCounts(requests, requests * ratio) };
};

/** The candidate has `share` of the requests, and `times` as many errors in as many of them. */
function world(share: number, times: number): WindowWorld {
  const minutes = Array.from({ length: LOOKS }, (_, t) => {
    const load = 1 + 0.5 * Math.sin((2 * Math.PI * t) / LOOKS);
    return { candidate: arm(load, share, BASE * times), baseline: arm(load, 1 - share, BASE) };
  });
  return (at) => minutes[at]!;
}

/** Share of the traffic, ×1 both ways, then too many at ×1, ×1.2, ×1.5, ×2 and ×4. */
type Row = readonly [share: number, both: Cell, same: Cell, fifth: Cell, half: Cell, twice: Cell, fourfold: Cell];

describe('errors of 0.05 % against the rest of the fleet, a look a minute for two hours', () => {
  it.each<Row>([
    [0.01, [0.028], [0.00027], [0.0109, 57, 112], [0.3008, 63, 112], [0.9789, 36, 67], [1, 8, 14]],
    [0.05, [0.0236], [0.0005], [0.2064, 66, 113], [0.9987, 28, 48], [1, 10, 17], [1, 3, 4]],
    [0.25, [0.0227], [0.00043], [0.9737, 38, 71], [1, 10, 15], [1, 4, 6], [1, 1, 2]],
    [0.5, [0.0227], [0.00035], [0.9978, 30, 53], [1, 8, 12], [1, 3, 5], [1, 1, 2]],
  ])('a share of %f', (share, both, ...many) => {
    const alarms = (guards: readonly Guard[], times: number) =>
      alarmsOf(
        watching(guards, 100 * share, LOOKS),
        world(share, times),
        ROLLOUTS,
        LOOKS,
        `tables/two/${share}/${times}`,
      );
    for (const [i, times] of [1, 1.2, 1.5, 2, 4].entries()) {
      const found = alarms(times === 1 ? [BOTH_WAYS, TOO_MANY] : [TOO_MANY], times);
      if (times === 1) agrees(found.get(BOTH_WAYS.name)!, ROLLOUTS, both, PUBLISHED, BOTH_WAYS.name);
      agrees(found.get(TOO_MANY.name)!, ROLLOUTS, many[i]!, PUBLISHED, `×${times}, ${TOO_MANY.name}`);
    }
  });
});
