/** Whoever freezes a process must be able to die without leaving it frozen for ever. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Waker {
  /** The process has been woken: the waker is not needed any more. */
  disarm(): void;
}

/**
 * An independent process that continues process `pid` after `afterMs`, whatever becomes of this one. Resolves once it runs:
 * only then may `pid` be stopped. A frozen process cannot notice that its parent is gone; a woken one does, and ends.
 */
export async function armWaker(pid: number, afterMs: number): Promise<Waker> {
  const seconds = Math.max(1, Math.ceil(afterMs / 1000));
  const waker = spawn('/bin/sh', ['-c', `sleep ${seconds}; kill -CONT ${pid}`], { detached: true, stdio: 'ignore' });
  await once(waker, 'spawn');
  waker.unref();
  return {
    disarm() {
      try {
        // Its group: the shell and its sleep.
        process.kill(-waker.pid!, 'SIGKILL');
      } catch {
        // It has already done its work.
      }
    },
  };
}
