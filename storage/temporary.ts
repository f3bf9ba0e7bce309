/** Temporary folders that are removed even when the process that made them could not do it. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from './files.ts';

/** Process numbers mean something on one host only; containers that share a folder have names of their own. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/**
 * A new folder `coalmine-<purpose>-<host>-<pid>-…` in the system's temporary folder. Those of the same purpose whose process on this host is gone
 * (killed, or with the machine) are removed first. Whoever makes one removes it.
 */
export function temporaryFolder(purpose: string, parent: string = tmpdir()): string {
  const begin = `coalmine-${purpose}-${HOST}-`;
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(begin) ? /^(\d+)-/.exec(name.slice(begin.length))?.[1] : undefined;
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `${begin}${process.pid}-`));
}
