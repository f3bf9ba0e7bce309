/** Wall time as a rehearsal counts it, and what is due at a time. */
import { expect, test } from 'vitest';
import { epochMs, LiveClock } from '../../../live/clock.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('what is due comes at its time, in order, never early, and is told the time it was due', async () => {
  const clock = new LiveClock();
  const came: [string, number][] = [];
  const early: boolean[] = [];
  const add = (name: string, dueMs: number): (() => void) =>
    clock.add(dueMs, 0, (atMs) => {
      came.push([name, atMs]);
      early.push(clock.nowMs < dueMs);
    });
  // Before time 0 is known nothing is due, however much time passes.
  add('later', 60.25);
  add('sooner', 20.5);
  await pause(30);
  expect([came, clock.nowMs, clock.begun]).toEqual([[], Number.NEGATIVE_INFINITY, false]);
  clock.begin(epochMs() + 10);
  expect(clock.nowMs).toBeLessThan(0);
  const takenBack = add('taken back', 40);
  takenBack();
  await clock.until(65).reached;
  expect(came).toEqual([
    ['sooner', 20.5],
    ['later', 60.25],
  ]);
  expect(early).toEqual([false, false]);
});

test('what has passed is due at once; after a stop nothing is due any more', async () => {
  const clock = new LiveClock();
  clock.begin(epochMs() - 1000);
  await clock.until(500).reached;
  let came = false;
  clock.add(clock.nowMs + 20, 0, () => {
    came = true;
  });
  clock.add(Number.POSITIVE_INFINITY, 0, () => {
    came = true;
  });
  clock.stop();
  await pause(60);
  expect(came).toBe(false);
});
