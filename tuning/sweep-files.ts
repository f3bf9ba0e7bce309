/** A sweep's directory: its plan, one recording and one result per job, each whole or not there. What is there is never done again. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../config/hash.ts';
import { BadInput, fileIssue } from '../config/issues.ts';
import { removePartials, writeFileAtomic } from '../storage/files.ts';
import type { JobResult } from './job.ts';
import type { Job, Plan, Shard } from './plan.ts';
import { placed, portable } from './portable.ts';

export const PLAN = 'plan.json';
export const RESULT = 'result.json';
export const MANIFEST = 'manifest.json';
/** Of a sweep with a policy space. */
export const SEARCH = 'search.json';
export const RECOMMENDED = 'recommended-policy.yaml';
const RECORDINGS = 'recordings';

/** What plan.json holds. */
export interface Planned {
  readonly plan: Plan;
  /** The part of the jobs that is done here; null is all. */
  readonly shard: Shard | null;
}

export class SweepFiles {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  recording({ name }: Pick<Job, 'name'>): string {
    return join(this.path, RECORDINGS, `${name}.parquet`);
  }

  resultOf({ name }: Pick<Job, 'name'>): string {
    return join(this.path, RECORDINGS, `${name}.json`);
  }

  /**
   * Takes up a sweep here: begins it, or goes on with it when it is the same one. Throws BadInput when another sweep, or
   * something else, is here already.
   */
  begin(planned: Planned): void {
    const file = join(this.path, PLAN);
    const text = `${canonicalJson(portable(planned))}\n`;
    const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
    if (before !== null && before !== text)
      throw new BadInput([
        fileIssue(
          this.path,
          'got a place that holds another sweep, expected the same one, or a new or empty directory',
        ),
      ]);
    if (before === null && existsSync(this.path) && readdirSync(this.path).some((name) => !name.includes('.partial-')))
      throw new BadInput([
        fileIssue(this.path, 'got a path that holds something that is no sweep, expected a new or empty directory'),
      ]);
    mkdirSync(join(this.path, RECORDINGS), { recursive: true });
    if (before === null) writeFileAtomic(file, text);
    removePartials(this.path);
  }

  /** The plan of the sweep that is here. Throws BadInput when there is none. */
  planned(): Planned {
    const file = join(this.path, PLAN);
    try {
      return placed(JSON.parse(readFileSync(file, 'utf8')) as Planned);
    } catch {
      throw new BadInput([fileIssue(file, 'got no plan that can be read, expected one written by `coalmine tune`')]);
    }
  }

  /** The kept result of a job; null when it is yet to be done. */
  read(job: Job): JobResult | null {
    const file = this.resultOf(job);
    if (!existsSync(file)) return null;
    const result = JSON.parse(readFileSync(file, 'utf8')) as JobResult;
    if (result.key !== job.key)
      throw new BadInput([fileIssue(file, `got the result of job ${result.key}, expected ${job.key}`)]);
    return result;
  }

  /** Keeps a result. One that is there already, since a job may be done twice, must be the same. */
  keep(job: Job, result: JobResult): void {
    const before = this.read(job);
    if (before === null) return writeFileAtomic(this.resultOf(job), `${canonicalJson(result)}\n`);
    if (canonicalJson(before) !== canonicalJson(result))
      throw new Error(`INV-6 determinism: ${job.name} was done twice, with different results`);
  }

  write(name: string, text: string): void {
    writeFileAtomic(join(this.path, name), text);
  }

  remove(name: string): void {
    rmSync(join(this.path, name), { force: true });
  }

  /** Takes a job's recording and result away. */
  forget(job: Job): void {
    for (const file of [this.resultOf(job), this.recording(job)]) rmSync(file, { force: true });
  }
}
