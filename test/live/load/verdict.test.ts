import { describe, expect, test } from 'vitest';
import { k6Failure } from '../../../live/load/k6/exits.ts';
import { cpuMsOf } from '../../../live/load/k6/watchdog.ts';
import { DEFAULT_LIMITS, latenessLimitOf } from '../../../live/load/plan.ts';
import { reasonsAgainst } from '../../../live/load/verdict.ts';

const good = {
  offered: 1000,
  sent: 1000,
  completed: 990,
  errors: 8,
  timedOut: 2,
  interrupted: 0,
  dropped: 0,
  latenessMs: { p50: 0.5, p99: 4, max: 30 },
  cpuShare: 0.4,
};
const limits = { latenessMsP99: latenessLimitOf([200, 50]), cpuShare: 0.8 };

describe('a load is', () => {
  test('valid when everything due was sent in time, whatever the servers made of it', () => {
    expect(reasonsAgainst('builtin', good, limits)).toEqual([]);
    expect(reasonsAgainst('k6', { ...good, latenessMs: { p50: null, p99: null, max: null } }, limits)).toEqual([]);
  });

  test('invalid when a single request was dropped', () => {
    expect(reasonsAgainst('k6', { ...good, sent: 999, dropped: 1 }, limits)).toEqual([
      '1 of 1000 requests were due and never sent',
    ]);
  });

  test('invalid when lateness p99 is above a tenth of the tightest threshold, not when it is exactly that', () => {
    const late = [5, 5.1].map((p99) => ({ ...good, latenessMs: { p50: 1, p99, max: 30 } }));
    expect(reasonsAgainst('k6', late[0]!, limits)).toEqual([]);
    expect(reasonsAgainst('k6', late[1]!, limits)).toEqual([
      'requests were sent late: p99 5.1 ms, expected at most 5.0 ms',
    ]);
  });

  test('invalid when the generator of one thread used more than 80 % of a core; k6 has many', () => {
    expect(reasonsAgainst('builtin', { ...good, cpuShare: 0.81 }, DEFAULT_LIMITS)).toEqual([
      'the generator used 81 % of a core, expected at most 80 %',
    ]);
    expect(reasonsAgainst('k6', { ...good, cpuShare: 1.2 }, DEFAULT_LIMITS)).toEqual([]);
  });

  test('invalid for what the generator says, and for requests it left behind, all reasons told', () => {
    const reasons = reasonsAgainst('builtin', { ...good, interrupted: 3, dropped: 2 }, limits, ['it died']);
    expect(reasons).toHaveLength(3);
    expect(reasons[0]).toBe('it died');
  });
});

describe('exit codes of k6', () => {
  test.each([
    [0, false, null],
    [99, false, 5],
    [103, true, null],
    [105, true, null],
    [105, false, 5],
    [108, false, 5],
    [110, false, 5],
    [104, false, 1],
    [107, false, 1],
    [100, false, 4],
    [101, false, 4],
    [102, false, 4],
    [106, false, 4],
    [109, false, 4],
    [137, false, 5],
    [255, false, 4],
  ] as const)('%i, asked to stop: %s, ends the command with %s', (code, stopping, exit) => {
    expect(k6Failure(code, null, stopping)?.exit ?? null).toBe(exit);
  });

  test('a signal is named', () => {
    expect(k6Failure(null, 'SIGKILL', false)).toEqual({ exit: 5, text: 'k6 was ended by SIGKILL' });
    expect(k6Failure(137, null, true)).toEqual({ exit: 5, text: 'k6 was ended by signal 9' });
  });
});

test('CPU time is read from the forms that shells print it in, and from nothing else', () => {
  expect(cpuMsOf('0m1.230000s 0m0.450000s')).toBe(1680);
  expect(cpuMsOf('2m1.5s 1m0.25s')).toBe(181_750);
  expect(cpuMsOf('~12 0.100 3.000 3.100 0')).toBeNull();
});
