/** Where the figures were measured; nothing in it names a path or a host. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

export function machineLine(): string {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(1);
  return `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}, ${gigabytes} GB, ${process.platform}-${process.arch}, Node ${process.version}`;
}

/** Programs that ran or wanted to, on average over the last minute. */
export const load = (): number => loadavg()[0]!;
