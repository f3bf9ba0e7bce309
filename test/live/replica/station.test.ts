/** A replica's slots and queue: FIFO, bounded, with a limit on waiting. */
import { array, assert, asyncProperty, boolean, integer } from 'fast-check';
import { expect, test } from 'vitest';
import { type Admission, Station } from '../../../live/replica/station.ts';

/** A station on a clock that stands still until it is moved. */
function station(limits: Partial<ConstructorParameters<typeof Station>[0]>): { s: Station; at: (ms: number) => void } {
  let nowMs = 0;
  const s = new Station({ slots: 1, queueLimit: Infinity, queueTimeoutMs: Infinity, ...limits }, () => nowMs);
  return { s, at: (ms) => (nowMs = ms) };
}

test('whoever finds a slot free starts at once, the others wait in the order they came', async () => {
  const { s, at } = station({ slots: 2 });
  expect([s.enter(), s.enter()]).toEqual([
    { kind: 'started', waitMs: 0 },
    { kind: 'started', waitMs: 0 },
  ]);
  const order: string[] = [];
  const third = Promise.resolve(s.enter()).then((admission) => (order.push('third'), admission));
  at(5);
  const fourth = Promise.resolve(s.enter()).then((admission) => (order.push('fourth'), admission));
  at(20);
  s.leave();
  at(25);
  s.leave();
  expect(await Promise.all([third, fourth])).toEqual([
    { kind: 'started', waitMs: 20 },
    { kind: 'started', waitMs: 20 },
  ]);
  expect(order).toEqual(['third', 'fourth']);
});

test('a request beyond the waiting places is rejected, and takes none', () => {
  const { s } = station({ queueLimit: 1 });
  void s.enter();
  void s.enter();
  expect(s.enter()).toEqual({ kind: 'rejected' });
  s.leave();
  // The one that waited has the slot now; its place is free.
  expect(s.enter()).toBeInstanceOf(Promise);
});

test('whoever waits too long leaves unserved, and nobody waits behind a place that is empty', async () => {
  const { s } = station({ queueTimeoutMs: 20 });
  void s.enter();
  const first = s.enter() as Promise<Admission>;
  expect(await first).toEqual({ kind: 'timed-out', waitMs: 0 });
  const second = s.enter() as Promise<Admission>;
  s.leave();
  expect((await second).kind).toBe('started');
});

test('busy time is the sum over slots, wherever one looks', () => {
  const { s, at } = station({ slots: 3 });
  void s.enter();
  at(10);
  void s.enter();
  at(30);
  expect(s.busyUntilNow()).toBe(10 + 2 * 20);
  s.leave();
  at(40);
  expect(s.busyUntilNow()).toBe(50 + 10);
});

test('INV-1, INV-4: whatever comes and goes, no more are served than there are slots and everybody is admitted or refused once', async () => {
  const run = asyncProperty(
    integer({ min: 1, max: 4 }),
    integer({ min: 0, max: 6 }),
    array(boolean(), { maxLength: 200 }),
    async (slots, queueLimit, arrivals) => {
      const { s } = station({ slots, queueLimit });
      let served = 0;
      let rejected = 0;
      let entered = 0;
      for (const isArrival of arrivals) {
        if (isArrival) {
          entered++;
          void Promise.resolve(s.enter()).then(({ kind }) => (kind === 'started' ? served++ : rejected++));
        } else if (served > 0) {
          served--;
          entered--;
          s.leave();
        }
        await Promise.resolve();
        await Promise.resolve();
        expect(served).toBeLessThanOrEqual(slots);
        const waiting = entered - rejected - served;
        expect(waiting).toBeLessThanOrEqual(queueLimit);
        // INV-5: nobody waits while a slot is idle.
        if (waiting > 0) expect(served).toBe(slots);
      }
    },
  );
  await assert(run);
});
