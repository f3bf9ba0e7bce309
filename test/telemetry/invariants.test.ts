import { describe, expect, test } from 'vitest';
import { InvariantViolation, WindowChecker } from '../../telemetry/invariants.ts';
import type { ArmWindow, Window } from '../../telemetry/window.ts';
import { rowOf } from '../controller/support.ts';

const windowOf = (index: number, ...rows: ArmWindow[]): Window => ({
  index,
  startMs: index * 10_000,
  endMs: (index + 1) * 10_000,
  rows,
});
/** A row whose requests all came and were answered in its window. */
const served = (arm: 'baseline' | 'candidate', index: number, n: number, changes: Partial<ArmWindow> = {}): ArmWindow =>
  rowOf(arm, index, {
    requests: n,
    latency: { count: n, sumMs: n, maxMs: 1, encoded: new Uint8Array(1) },
    weightPercent: arm === 'baseline' ? 100 : 0,
    ...changes,
  });

/** Two rows of an arm: of all requests, and of one segment. */
const segmented = (index: number, a: Partial<ArmWindow>, b: Partial<ArmWindow>): Window =>
  windowOf(index, served('baseline', index, 5, a), served('baseline', index, 5, { segment: 'nyc', ...b }));

const checked = (...windows: Window[]): (() => void) => {
  const checker = new WindowChecker();
  return () => {
    for (const window of windows) checker.check(window);
  };
};

describe('INV-1 conservation', () => {
  test('holds when every request is somewhere: answered, failed, or still in flight', () => {
    expect(
      checked(
        windowOf(0, served('baseline', 0, 7, { arrived: 10, inFlight: 3 })),
        windowOf(1, served('baseline', 1, 3, { arrived: 0, inFlight: 0 })),
      ),
    ).not.toThrow();
  });

  test('a request that vanishes, or appears, breaks it with the place and the numbers', () => {
    expect(checked(windowOf(0, served('baseline', 0, 7, { arrived: 8 })))).toThrow(
      'INV-1 conservation: window 0 (0–10000 ms), baseline/all: 0 in flight + 8 arrived ≠ 7 completed + 0 failed + 0 rejected + 0 timed out + 0 in flight',
    );
    expect(checked(windowOf(0, served('baseline', 0, 7, { arrived: 6 })))).toThrow(InvariantViolation);
  });

  test('is kept per arm and segment: one cannot lend to another', () => {
    expect(
      checked(segmented(0, { arrived: 6, inFlight: 1 }, { arrived: 5 }), segmented(1, {}, { arrived: 4 })),
    ).toThrow('baseline/all');
  });

  test('an answer without a latency breaks it, and so do more copies than requests', () => {
    const latency = { count: 6, sumMs: 6, maxMs: 1, encoded: new Uint8Array(1) };
    expect(checked(windowOf(0, served('baseline', 0, 7, { latency })))).toThrow('7 requests, 7 outcomes, 6 latencies');
    expect(checked(windowOf(0, served('baseline', 0, 7, { mirrored: 8 })))).toThrow('INV-1');
  });
});

describe('INV-3 clock', () => {
  const [first, second] = [windowOf(0), windowOf(1)];
  test('windows follow each other without a gap', () => expect(checked(first, second)).not.toThrow());
  test('a window left out breaks it', () => expect(checked(first, windowOf(2))).toThrow('INV-3'));
  test('a window told twice breaks it', () => expect(checked(first, first)).toThrow('INV-3'));
  test('a gap between windows breaks it', () =>
    expect(checked(first, { ...second, startMs: 10_001 })).toThrow('follows window 0, which ended at 10000 ms'));
  test('a window that ends before it begins breaks it', () => expect(checked({ ...first, endMs: 0 })).toThrow('INV-3'));
});

function afterRollback(row: ArmWindow): () => void {
  const checker = new WindowChecker();
  checker.acted([{ kind: 'set-weight', weightPercent: 5, stage: 'canary' }], 0);
  checker.check(windowOf(0, served('candidate', 0, 5, { weightPercent: 5, arrived: 6, inFlight: 1 })));
  checker.acted([{ kind: 'roll-back', guard: 'errors' }], 10_000);
  checker.acted([{ kind: 'set-weight', weightPercent: 0, stage: 'canary' }], 10_000);
  return () => checker.check(windowOf(1, row));
}

describe('INV-8 rollback', () => {
  test('requests that were already there may end', () => {
    expect(afterRollback(served('candidate', 1, 1, { arrived: 0 }))).not.toThrow();
  });

  test('a new request to the candidate breaks it', () => {
    expect(afterRollback(served('candidate', 1, 2, { arrived: 1 }))).toThrow(
      'INV-8 rollback: window 1 (10000–20000 ms), candidate/all: 1 requests reached the candidate after the rollback at 10000 ms',
    );
  });

  test('a weight of 0 without a rollback, as in shadow, lets copies arrive', () => {
    const checker = new WindowChecker();
    checker.acted([{ kind: 'set-weight', weightPercent: 0, stage: 'shadow' }], 0);
    expect(() => checker.check(windowOf(0, served('candidate', 0, 5, { mirrored: 5 })))).not.toThrow();
  });
});

describe('INV-9 weights', () => {
  test('a router that gives another share than the controller set breaks it', () => {
    const checker = new WindowChecker();
    checker.acted([{ kind: 'set-weight', weightPercent: 5, stage: 'canary' }], 0);
    expect(() => checker.check(windowOf(0, served('candidate', 0, 5, { weightPercent: 25 })))).toThrow(
      'the router gives 25 %, the controller set 5 %',
    );
  });

  test('the baseline has what candidate and control cohort leave', () => {
    const checker = new WindowChecker();
    checker.acted([{ kind: 'set-weight', weightPercent: 5, controlPercent: 4, stage: 'canary' }], 0);
    expect(() => checker.check(windowOf(0, served('baseline', 0, 5, { weightPercent: 91 })))).not.toThrow();
    expect(() => checker.check(windowOf(1, served('baseline', 1, 5, { weightPercent: 95 })))).toThrow(
      'baseline/all: the router gives 95 %, the controller set 91 %',
    );
  });

  test('a window that ended before a weight took effect shows the weight before, also when it comes late', () => {
    const checker = new WindowChecker();
    checker.acted([{ kind: 'set-weight', weightPercent: 5, stage: 'canary' }], [12_500]);
    expect(() => checker.check(windowOf(0, served('candidate', 0, 5)))).not.toThrow();
    expect(() => checker.check(windowOf(1, served('candidate', 1, 5)))).toThrow('the router gives 0 %');
  });

  test('a weight set at the very end of a window belongs to the next one', () => {
    const checker = new WindowChecker();
    checker.acted([{ kind: 'set-weight', weightPercent: 5, stage: 'canary' }], 10_000);
    expect(() => checker.check(windowOf(0, served('candidate', 0, 5)))).not.toThrow();
  });
});
