import { Interrupted } from './failure.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The same key press may reach us twice: from the terminal, and from the launcher that hands signals on. */
const ONE_PRESS_MS = 1000;

/**
 * Turns the first SIGINT or SIGTERM into an abort, so that what was begun can be cleaned up; who asks again later than one
 * key press takes is done waiting, and the process ends at once. `release` gives the signals back.
 */
export function abortOnSignals(): { readonly signal: AbortSignal; readonly release: () => void } {
  const abort = new AbortController();
  let firstMs: number | null = null;
  const stop = (signal: (typeof SIGNALS)[number]): void => {
    const reason = new Interrupted(signal);
    if (firstMs !== null && performance.now() - firstMs > ONE_PRESS_MS) process.exit(reason.exitCode);
    firstMs ??= performance.now();
    abort.abort(reason);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  return {
    signal: abort.signal,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, stop);
    },
  };
}
