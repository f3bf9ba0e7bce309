/** In which order test files begin: what takes long first, so that nobody works alone at the end. */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { packageRoot } from '../scenarios/files.ts';
import { SLOW } from './slow-files.ts';

export class SlowFirst extends BaseSequencer {
  /** Those, then the others by size; files that share a process stand together at the end, since the process ends with their row. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const bySize = await super.sort(files);
    return bySize.toSorted((a, b) => shared(a) - shared(b) || place(a) - place(b));
  }
}

const shared = ({ project }: TestSpecification): number => Number(!project.config.isolate);

/** Among the slow ones; behind them all when it is none. */
function place({ moduleId }: TestSpecification): number {
  const at = SLOW.indexOf(relative(packageRoot, moduleId).replaceAll('\\', '/'));
  return at < 0 ? SLOW.length : at;
}
