/** Where the figures were measured; nothing in it names a path or a host. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

export function machineLine(): string {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(1);
  return `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}, ${gigabytes} GB, ${process.platform}-${process.arch}, Node ${process.version}`;
}

/** How busy the machine is: on a busy one only ratios mean something. */
export const load = (): string => `${loadavg()[0]!.toFixed(1)} of ${availableParallelism()}`;
