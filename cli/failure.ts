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
  if (error instanceof Error && (error.name === 'MissingRuntime' || error.name === 'MissingQueue')) {
    process.stderr.write(`coalmine: ${error.message}\n`);
    return EXIT.environment;
  }
  process.stderr.write(
    `coalmine: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.internal;
}
