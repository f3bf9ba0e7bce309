/**
 * Another order of service for one slot. A station is evaluated at dispatch, so the simulator cannot be made to serve in another
 * order; but who waits when and how long every service takes does not depend on the order, so its records can be dealt out anew.
 */
import type { RequestProbe } from '../../sim/probe.ts';

interface Waiting {
  readonly arrivalMs: number;
  readonly queuedMs: number;
  readonly serviceMs: number;
}

/** A probe that tells `inner` of the same requests, served in the order that `choose` (an index into those waiting) gives. */
export function reordered(inner: RequestProbe, choose: (waiting: number) => number): RequestProbe {
  const waiting: Waiting[] = [];
  let freeMs = 0;
  const serve = (untilMs: number): void => {
    while (waiting.length > 0 && freeMs <= untilMs) {
      const [next] = waiting.splice(choose(waiting.length), 1);
      const { arrivalMs, queuedMs, serviceMs } = next!;
      const startMs = Math.max(freeMs, queuedMs);
      freeMs = startMs + serviceMs;
      inner.dispatched(0, 0, arrivalMs, queuedMs, startMs, freeMs, 0, freeMs);
    }
  };
  return {
    dispatched(_arm, _replica, arrivalMs, queuedMs, startMs, finishMs) {
      serve(queuedMs);
      waiting.push({ arrivalMs, queuedMs, serviceMs: finishMs - startMs });
      serve(queuedMs);
    },
  };
}
