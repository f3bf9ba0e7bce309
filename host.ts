/** The machine, for manifests and for comparing what was measured on it. */
import { availableParallelism, cpus, totalmem } from 'node:os';

export interface Host {
  readonly platform: string;
  readonly arch: string;
  readonly cores: number;
  /** Model of the processor; null where the system does not say. */
  readonly cpu: string | null;
  readonly memoryMb: number;
}

/** Whether what a clock has measured on both can be compared. */
export const isSameHost = (a: Host, b: Host): boolean =>
  a.platform === b.platform && a.arch === b.arch && a.cpu === b.cpu && a.cores === b.cores;

export const hostOf = (): Host => ({
  platform: process.platform,
  arch: process.arch,
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? null,
  memoryMb: Math.round(totalmem() / 2 ** 20),
});
