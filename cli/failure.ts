import { BadInput } from '../config/issues.ts';
import { EXIT } from './exit.ts';

/** Stopped by a signal; carries the exit code that says so. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;
  readonly signal: 'SIGINT' | 'SIGTERM';

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}: nothing was written`);
    this.signal = signal;
    this.exitCode = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  }
}

/** Errors that say what this machine lacks, by name: their classes would be imported for nothing else. */
const LACKS = ['MissingRuntime', 'StoreUnavailable', 'MissingK6', 'LiveFailure', 'MissingQueue'];

/** Prints what went wrong on stderr, in the words the user needs, and returns the exit code. */
export function reportFailure(error: unknown): number {
  if (error instanceof BadInput) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
  if (error instanceof Interrupted) {
    process.stderr.write(`coalmine: ${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof Error && LACKS.includes(error.name)) {
    process.stderr.write(`coalmine: ${error.message}\n`);
    return EXIT.environment;
  }
  if (error instanceof RangeError && /allocation failed|invalid (typed )?array length/i.test(error.message)) {
    process.stderr.write('coalmine: not enough memory: fewer replicas, slots, keys or cache entries need less\n');
    return EXIT.environment;
  }
  const refusal = refusalOf(error);
  if (refusal !== null) {
    process.stderr.write(`coalmine: ${refusal.message}\n`);
    return refusal.exitCode;
  }
  process.stderr.write(
    `coalmine: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.internal;
}

/** Paths that cannot be, whatever the machine. */
const BAD_PATHS: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ELOOP', 'EEXIST']);
/** Things this machine does not let us do. */
const REFUSALS: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE']);

/** What the operating system refused, in its own words; null when it was something else. */
function refusalOf(error: unknown): { readonly message: string; readonly exitCode: number } | null {
  if (!(error instanceof Error)) return null;
  const { code = '', syscall, path, message } = error as NodeJS.ErrnoException;
  if (!BAD_PATHS.has(code) && !REFUSALS.has(code)) return null;
  const [, words] = /^\w+: ([^,]+)/.exec(message) ?? [];
  const what = [syscall, path === undefined ? null : `'${path}'`].filter((part) => part != null).join(' ');
  return {
    message: `cannot ${what === '' ? 'go on' : what}: ${words ?? code}`,
    exitCode: BAD_PATHS.has(code) ? EXIT.usage : EXIT.environment,
  };
}
