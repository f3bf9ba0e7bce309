/** Every checker finds what it is for, and says where and how much. */
import { expect, test } from 'vitest';
import { Batch } from '../theory/batch.ts';
import {
  areaUnder,
  causality,
  departures,
  earliestStart,
  fifo,
  littlesLaw,
  pairing,
  pasta,
  type Requests,
  slotsAndWork,
  utilisationLaw,
} from './checkers.ts';

type Line = readonly [arrival: number, queued: number, start: number, finish: number, done?: number, status?: number];

function requests(...lines: Line[]): Requests {
  const r = new Batch(lines.length);
  for (const [i, [arrival, queued, start, finish, done = finish, status = 0]] of lines.entries()) {
    r.arrival[i] = arrival;
    r.queued[i] = queued;
    r.start[i] = start;
    r.finish[i] = finish;
    r.done[i] = done;
    r.status[i] = status;
  }
  return r;
}

const NEVER = [{ queueTimeout: Infinity, timeout: Infinity }];
const healthy = requests([0, 0, 0, 4], [1, 1, 1, 3], [2, 2, 3, 6], [2, 2, 4, 5]);

test('a healthy record passes every check', () => {
  expect(causality(healthy, NEVER)).toBeNull();
  expect(slotsAndWork(healthy, [2])).toBeNull();
  expect(earliestStart(healthy, [2])).toBeNull();
  expect(fifo(healthy)).toBeNull();
  expect(utilisationLaw(healthy, 0, 10, 10)).toBeNull();
});

test('causality: a start before the queue, a finish before the start, a timeout after its limit', () => {
  expect(causality(requests([0, 0, 0, 1], [5, 6, 5.5, 7]), NEVER)).toMatch(/INV-2.*request 1 .*queued 6, start 5.5/);
  expect(causality(requests([5, 6, 7, 6.5]), NEVER)).toMatch(/INV-2.*start 7, finish 6.5/);
  const late = requests([0, 0, 30, 30, 30, 3]);
  expect(causality(late, [{ queueTimeout: 25, timeout: Infinity }])).toMatch(/later than the limit 25.*done 30/);
  expect(causality(requests([0, 0, 0, 40, 30, 3]), [{ queueTimeout: Infinity, timeout: 30 }])).toBeNull();
  expect(causality(requests([0, 0, 26, 30]), [{ queueTimeout: 25, timeout: Infinity }])).toMatch(/longer than 25/);
  expect(causality(requests([0, 0, 0, 3, 4]), NEVER)).toMatch(/not known then/);
});

test('capacity: three in service on two slots', () => {
  expect(slotsAndWork(requests([0, 0, 0, 4], [1, 1, 1, 3], [2, 2, 2, 5]), [2])).toMatch(
    /INV-4.*replica 0 at 2: 3 in service on 2 slots/,
  );
});

test('work conservation: a request waits beside an idle slot', () => {
  expect(slotsAndWork(requests([0, 0, 0, 2], [1, 1, 3, 4]), [1])).toMatch(
    /INV-5.*at 2: 1 wait while 0 of 1 slots are busy/,
  );
  expect(earliestStart(requests([0, 0, 0, 2], [1, 1, 3, 4]), [1])).toMatch(/INV-5.*free at 2: request 1/);
});

test('first come, first served: one request overtakes another', () => {
  expect(fifo(requests([0, 0, 0, 2], [1, 1, 3, 4], [1.5, 1.5, 2, 3]))).toMatch(/request 2 .*overtook request 1/);
});

test('flow balance: a request leaves before an earlier one', () => {
  expect(departures(requests([0, 0, 0, 4], [1, 1, 1, 3]))).toMatch(/request 1 .*left before request 0/);
});

test("Little's law: areas and stays that differ, and edges that are cut", () => {
  const stays = [
    [0, 4],
    [1, 3],
    [5, 20],
  ] as const;
  expect(areaUnder(stays, 10)).toBe(11);
  expect(littlesLaw('system', 11, stays, 10)).toBeNull();
  expect(littlesLaw('system', 11.1, stays, 10)).toMatch(/the area under N is 11.1, the stays sum to 11, to time 10/);
});

test('utilisation law: a slot that was busy without a request', () => {
  expect(utilisationLaw(healthy, 0, 10.5, 10)).toMatch(/busy for 10.5, requests were served for 10/);
});

test('PASTA: arrivals that come when the slot is free', () => {
  const lines = Array.from({ length: 410 }, (_, i): Line => [i, i, i, i + 0.5 + (i % 3) * 0.1]);
  expect(pasta(requests(...lines), 1)).toMatch(/PASTA.*-0.59.* more often/);
});

const answer = (arrival: number, done: number): { arrival: number; done: number } => ({ arrival, done });

test('pairing: two copies of different requests, and windows that joined other pairs', () => {
  const pairs = [
    [answer(0, 3), answer(0, 5)],
    [answer(1, 4), answer(1, 2)],
  ] as const;
  expect(pairing(pairs, 8)).toBeNull();
  expect(pairing(pairs, 9)).toMatch(/of 2 pairs sum to 8, the windows say 9/);
  expect(pairing([[answer(0, 3), answer(1, 2)]], 3)).toMatch(/pair 0 joins requests that arrived at 0 and 1/);
});
