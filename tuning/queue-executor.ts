import type { SweepExecutor } from './executor.ts';
import type { SweepFiles } from './sweep-files.ts';
export const openQueue = (_url: string, _sweep: string, _files: SweepFiles): Promise<SweepExecutor> =>
  Promise.reject(new Error('soon'));
