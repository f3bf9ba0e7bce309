import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dueBy, LONGEST_WAIT_MS, type Schedule, waitMs } from '../../../live/load/builtin/pacer.ts';

const scheduleOf = (timesUs: readonly number[]): Schedule => ({ count: timesUs.length, dueUs: (i) => timesUs[i]! });
const schedules = fc
  .array(fc.nat(200_000), { maxLength: 60 })
  .map((times) => scheduleOf(times.toSorted((a, b) => a - b)));

test('as many are due as have their time behind them, however many were sent before', () => {
  fc.assert(
    fc.property(schedules, fc.nat(250_000), fc.nat(250_000), (schedule, a, b) => {
      const [early, late] = [Math.min(a, b), Math.max(a, b)];
      const brute = (us: number): number =>
        Array.from({ length: schedule.count }, (_, i) => schedule.dueUs(i)).filter((due) => due <= us).length;
      const sent = dueBy(schedule, 0, early);
      expect(sent).toBe(brute(early));
      expect(dueBy(schedule, sent, late)).toBe(brute(late));
    }),
  );
});

test('whoever sleeps as told never oversleeps a request by a whole millisecond, and always sleeps a while', () => {
  fc.assert(
    fc.property(schedules, fc.nat(250_000), (schedule, elapsedUs) => {
      const sent = dueBy(schedule, 0, elapsedUs);
      const wait = waitMs(schedule, sent, elapsedUs);
      expect(wait).toBeGreaterThanOrEqual(1);
      expect(wait).toBeLessThanOrEqual(LONGEST_WAIT_MS);
      if (sent < schedule.count) expect(elapsedUs + wait * 1000 - schedule.dueUs(sent)).toBeLessThan(1000);
    }),
  );
});

test('a simulated clock that overshoots every sleep sends everything in order, each at its first chance', () => {
  const timesUs = Array.from({ length: 500 }, (_, i) => i * 700);
  const schedule = scheduleOf(timesUs);
  let [elapsedUs, sent, latest] = [0, 0, 0];
  while (sent < schedule.count) {
    const due = dueBy(schedule, sent, elapsedUs);
    for (; sent < due; sent++) latest = Math.max(latest, elapsedUs - timesUs[sent]!);
    elapsedUs += waitMs(schedule, sent, elapsedUs) * 1000 + 300;
  }
  expect(latest).toBeLessThan(1300);
});
