/** A generator that was told to stop and has nothing on its way any more gets this long to end, ms. */
export const HANG_MS = 3000;

/** Ends a process and all of its group, also one that was stopped by a signal. Nothing happens when they are gone. */
export function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
