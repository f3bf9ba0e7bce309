/**
 * Looks at every request as it is dispatched, for tests of queueing theory and invariants. Times in ms; `replica` is −1 for a
 * request that never reached one. A crash or hang after dispatch is not reported.
 */
export interface RequestProbe {
  dispatched(
    arm: number,
    replica: number,
    arrivalMs: number,
    queuedMs: number,
    startMs: number,
    finishMs: number,
    status: number,
    doneMs: number,
  ): void;
}
