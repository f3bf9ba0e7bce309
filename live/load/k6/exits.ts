/** What k6's exit codes mean for a rehearsal (k6's errext/exitcodes, the same in 1.x and 2.x). */

/** How the command should end because of the load: it broke, this machine lacks something, or nothing can be concluded. */
export type LoadExit = 1 | 4 | 5;

interface Meaning {
  readonly exit: LoadExit;
  readonly text: string;
}

const OURS_IS_WRONG = [104, 107];
const ENVIRONMENT: Readonly<Record<number, string>> = {
  100: 'setup timed out',
  101: 'teardown timed out',
  102: 'it timed out',
  106: 'its API could not be started',
  109: 'it panicked',
};
const ABORTED: Readonly<Record<number, string>> = {
  99: 'a threshold failed',
  108: 'the script aborted the run',
  110: 'the script marked the run as failed',
};
const STOPPED = [103, 105];

/** What is wrong when k6 ends like this; null when nothing is. `stopping`: it was asked to end. */
export function k6Failure(code: number | null, signal: string | null, stopping: boolean): Meaning | null {
  if (code === 0) return null;
  if (code === null) return { exit: 5, text: `k6 was ended by ${signal ?? 'something unknown'}` };
  if (STOPPED.includes(code))
    return stopping ? null : { exit: 5, text: `k6 was stopped from outside (exit code ${code})` };
  // A shell's way to say that a signal ended the command.
  if (code > 128 && code < 192) return { exit: 5, text: `k6 was ended by signal ${code - 128}` };
  if (OURS_IS_WRONG.includes(code)) return { exit: 1, text: `k6 did not understand the script (exit code ${code})` };
  const aborted = ABORTED[code];
  if (aborted !== undefined) return { exit: 5, text: `k6: ${aborted} (exit code ${code})` };
  return { exit: 4, text: `k6 failed: ${ENVIRONMENT[code] ?? 'for a reason it does not number'} (exit code ${code})` };
}
