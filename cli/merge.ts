import { resolve } from 'node:path';
import { merge } from '../tuning/merge.ts';
import { planHash } from '../tuning/plan.ts';
import { SweepFiles } from '../tuning/sweep-files.ts';
import { hostOf } from '../host.ts';
import { printResult } from './tuning-output.ts';

export async function mergeCommand(
  directories: readonly string[],
  options: { out?: string; json?: boolean },
): Promise<void> {
  const paths = directories.map((path) => resolve(path));
  const hash = planHash(new SweepFiles(paths[0]!).planned().plan);
  const out = resolve(options.out ?? `runs/tune-${hash.slice(7, 15)}`);
  const merged = await merge(paths, out, hostOf());
  await printResult(merged, out, options.json === true);
}
