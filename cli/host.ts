import { availableParallelism, cpus, totalmem } from 'node:os';

/** What made a result, for its manifest. */
export const hostOf = (): Record<string, unknown> => ({
  platform: process.platform,
  arch: process.arch,
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? null,
  memoryMb: Math.round(totalmem() / 2 ** 20),
});
