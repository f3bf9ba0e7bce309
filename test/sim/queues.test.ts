/** The ring and the heap that bring requests back from their feature fetch, in order of (time, order of pushing). */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from '../../sim/fetching.ts';
import { Hits } from '../../sim/hits.ts';
import { Timeline } from '../../sim/timeline.ts';

const SEED = 14;
/** Pushes (a time after now) and pops. */
const moves = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(null)), { maxLength: 1500 });

/** What heap and ring have in common, for one number per request. */
interface Queue {
  readonly size: number;
  nextMs(): number;
  push(timeMs: number, request: number): void;
  pop(): number;
  forEach(visit: (request: number) => void): void;
}

/** The ring of cache answers; a request's number travels in every column, and odd ones have a twin of the same number. */
class NumberedHits implements Queue {
  private readonly hits = new Hits();
  get size(): number {
    return this.hits.size;
  }
  nextMs(): number {
    return this.hits.nextMs();
  }
  push(timeMs: number, request: number): void {
    this.hits.push(timeMs, timeMs - 1, request, request % 2 === 1 ? request : -1, request, request);
  }
  pop(): number {
    const at = this.hits.pop();
    const [kind, twin, content, pair] = this.hits.words.subarray(4 * at, 4 * at + 4);
    const [dueMs, arrivalMs] = this.hits.times.subarray(2 * at, 2 * at + 2);
    expect([twin, content, pair, arrivalMs]).toEqual([kind! % 2 === 1 ? kind : -1, kind, kind, dueMs! - 1]);
    return kind!;
  }
  forEach(visit: (request: number) => void): void {
    let last = -1;
    this.hits.forEach((kind) => {
      // A twin follows its request.
      if (kind !== last) visit(kind);
      last = kind;
    });
  }
}

function compare(queue: Queue, all: readonly (number | null)[], timeOf: (move: number, i: number) => number): void {
  const model: { timeMs: number; request: number }[] = [];
  for (const [i, move] of all.entries()) {
    expect(queue.nextMs()).toBe(model[0]?.timeMs ?? Number.POSITIVE_INFINITY);
    expect(queue.size).toBe(model.length);
    if (move === null) {
      const first = model.shift();
      if (first !== undefined) expect(queue.pop()).toBe(first.request);
      continue;
    }
    const timeMs = timeOf(move, i);
    queue.push(timeMs, i);
    let at = model.length;
    while (at > 0 && model[at - 1]!.timeMs > timeMs) at--;
    model.splice(at, 0, { timeMs, request: i });
  }
  const left: number[] = [];
  queue.forEach((request) => left.push(request));
  expect(left.sort((a, b) => a - b)).toEqual(model.map(({ request }) => request).sort((a, b) => a - b));
  while (model.length > 0) expect(queue.pop()).toBe(model.shift()!.request);
}

test('the heap gives requests in order of time, and in the order they came in where times are equal', () => {
  fc.assert(
    fc.property(moves, (all) => compare(new Heap(), all, (move) => move)),
    { seed: SEED, numRuns: 200 },
  );
});

test('the ring gives requests in the order they came in, beyond its first capacity', () => {
  fc.assert(
    fc.property(moves, (all) => compare(new NumberedHits(), all, (_, i) => i)),
    { seed: SEED, numRuns: 100 },
  );
  const ring = new NumberedHits();
  for (let i = 0; i < 5000; i++) ring.push(i, i);
  for (let i = 0; i < 5000; i++) expect(ring.pop()).toBe(i);
});

test('control events run in order of (time, rank, order of adding), those they add themselves included', () => {
  const timeline = new Timeline();
  const ran: string[] = [];
  const add = (timeMs: number, rank: number, name: string): void =>
    timeline.add(timeMs, rank, (nowMs) => void ran.push(`${name}@${nowMs}`));
  add(2, 1, 'd');
  add(1, 2, 'c');
  add(1, 0, 'a');
  add(1, 0, 'b');
  timeline.add(2, 0, (nowMs) => add(nowMs, 0, 'e'));
  timeline.runUntil(1);
  expect(ran).toEqual(['a@1', 'b@1', 'c@1']);
  expect(timeline.nextMs).toBe(2);
  timeline.runUntil(5);
  expect(ran.slice(3)).toEqual(['e@2', 'd@2']);
  expect(timeline.nextMs).toBe(Number.POSITIVE_INFINITY);
});
