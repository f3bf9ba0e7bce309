/** Files and directories that are either whole or not there: written under a temporary name, synced, then renamed. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BadInput, fileIssue } from '../config/issues.ts';

/** The name something is written under until it is complete; it carries the process number, so that leftovers can be told apart. */
export const partialName = (path: string): string => `${path}.partial-${process.pid}`;

/** Writes a file that no reader ever sees half of. Creates missing parent directories. */
export function writeFileAtomic(path: string, data: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const partial = partialName(path);
  try {
    writeFileSync(partial, data);
    commitFile(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
}

/** Makes a complete partial file durable and gives it its name, replacing a file of that name. */
export function commitFile(partial: string, path: string): void {
  sync(partial);
  renameSync(partial, path);
  sync(dirname(path));
}

/** Forces a file's bytes, or a directory's entries, to disk. */
function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } catch (error) {
    // Some file systems cannot sync directories; their renames are as durable as they get.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  } finally {
    closeSync(handle);
  }
}

/** The file that marks a directory as a finished product of Coalmine, which may therefore be replaced by a newer one. */
const MARK = 'manifest.json';

/** Partial directories this process is writing; another one with our number was left by a dead process that had it before. */
const open = new Set<string>();

/** A directory being filled. Nothing is at its final path until `commit`, whatever kills the process before. */
export class StagedDirectory {
  /** Where to write: a directory beside the target. */
  readonly path: string;
  readonly #target: string;
  readonly #replace: boolean;

  private constructor(target: string, replace: boolean) {
    this.path = partialName(target);
    this.#target = target;
    this.#replace = replace;
  }

  /**
   * Begins filling the directory named, after sweeping away what dead processes left of it. Throws BadInput when it exists,
   * unless it is empty, or a finished run (it has a manifest.json) and `replace` is true. A link stays and leads to the new one.
   */
  static open(named: string, { replace = false }: { replace?: boolean } = {}): StagedDirectory {
    const target = realPath(named);
    mkdirSync(dirname(target), { recursive: true });
    sweep(target);
    refuseTaken(target, replace);
    const staged = new StagedDirectory(target, replace);
    if (open.has(staged.path)) throw new Error(`got a second writer of ${target}, expected one at a time`);
    mkdirSync(staged.path);
    open.add(staged.path);
    return staged;
  }

  /** Gives the directory its final name. Throws BadInput, and keeps nothing, when the target was taken meanwhile. */
  commit(): void {
    try {
      refuseTaken(this.#target, this.#replace);
      sync(this.path);
      const old = this.#moveAside();
      try {
        renameSync(this.path, this.#target);
      } catch (error) {
        // What was there comes back, unless another run was given the name a moment ago.
        if (old !== null && !existsSync(this.#target)) renameSync(old, this.#target);
        else if (old !== null) rmSync(old, { recursive: true, force: true });
        refuseTaken(this.#target, false);
        throw error;
      }
      sync(dirname(this.#target));
      if (old !== null) rmSync(old, { recursive: true, force: true });
    } finally {
      this.abort();
    }
  }

  /** Gives what is at the target another name, and returns that; null when nothing is there, or no longer. */
  #moveAside(): string | null {
    const old = `${this.#target}.old-${process.pid}`;
    try {
      renameSync(this.#target, old);
      return old;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** Removes what was written. Does nothing after `commit`. */
  abort(): void {
    rmSync(this.path, { recursive: true, force: true });
    open.delete(this.path);
  }
}

/** Where a link leads. Throws BadInput when it leads nowhere: nothing can be given its name. */
function realPath(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
  if (existsSync(path)) return realpathSync(path);
  throw new BadInput([fileIssue(path, 'got a link that leads nowhere, expected a new or empty directory')]);
}

function refuseTaken(target: string, replace: boolean): void {
  if (!existsSync(target)) return;
  const entries = entriesOf(target);
  if (entries?.length === 0 || (replace && entries?.includes(MARK))) return;
  const what = entries?.includes(MARK) ? 'a finished run' : 'something that is no run';
  throw new BadInput([fileIssue(target, `got a path that holds ${what} already, expected a new or empty directory`)]);
}

/** Names in a directory; null when it is something else. */
function entriesOf(path: string): string[] | null {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
}

/** Removes partial directories of dead processes, and puts back an old run whose replacement was interrupted. */
function sweep(target: string): void {
  const parent = dirname(target);
  for (const name of readdirSync(parent)) {
    const [, kind, pid] = name.startsWith(`${basename(target)}.`) ? (/\.(partial|old)-(\d+)$/.exec(name) ?? []) : [];
    if (name !== `${basename(target)}.${kind}-${pid}` || isAlive(Number(pid), join(parent, name))) continue;
    if (kind === 'old' && !existsSync(target)) renameSync(join(parent, name), target);
    else rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** Removes from a directory, and the ones in it, what dead processes left unfinished. */
export function removePartials(path: string): void {
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    const pid = Number(/\.partial-(\d+)$/.exec(name)?.[1]);
    if (pid > 0 && pid !== process.pid && !isRunning(pid)) rmSync(join(path, name), { recursive: true, force: true });
  }
}

const isAlive = (pid: number, path: string): boolean => (pid === process.pid ? open.has(path) : isRunning(pid));

/** Whether there is a process of this number, ours or somebody else's. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
