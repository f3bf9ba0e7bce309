/** Joins the shards of a sweep into what one process would have written. */
import { existsSync, linkSync, copyFileSync } from 'node:fs';
import { BadInput, fileIssue, type Issue, refuse } from '../config/issues.ts';
import { finish, type Finished } from './finish.ts';
import type { Host } from '../host.ts';
import type { JobResult } from './job.ts';
import { type Job, jobsIn, jobsOf, planHash } from './plan.ts';
import { type Planned, SweepFiles } from './sweep-files.ts';

interface Part {
  readonly files: SweepFiles;
  readonly planned: Planned;
}

/**
 * Merges finished shards into `out`. Throws BadInput, before anything is written, when shards are missing, double or unfinished,
 * or belong to different sweeps.
 */
export async function merge(
  directories: readonly string[],
  out: string,
  host: Host,
): Promise<Finished & { readonly jobs: number }> {
  const parts = directories.map((path): Part => {
    const files = new SweepFiles(path);
    return { files, planned: files.planned() };
  });
  const [first] = parts;
  if (first === undefined)
    throw new BadInput([fileIssue('merge', 'got no directory, expected every shard of a sweep')]);
  const { plan } = first.planned;
  refuse(parts.flatMap((part) => sameSweep(first, part)));
  refuse(shardIssues(parts));
  const jobs = jobsOf(plan);
  const sourceOf = new Map<string, SweepFiles>();
  for (const { files, planned } of parts) for (const { key } of jobsIn(jobs, planned.shard)) sourceOf.set(key, files);
  refuse(parts.flatMap((part) => unfinished(part, jobs)));
  const target = new SweepFiles(out);
  const whole: Planned = { plan, shard: null };
  target.begin(whole);
  const results = jobs.map((job): JobResult => {
    const source = sourceOf.get(job.key)!;
    if (plan.keepRecordings) join(source.recording(job), target.recording(job));
    const result = source.read(job)!;
    target.keep(job, result);
    return result;
  });
  return { ...(await finish(target, whole, results, host))!, jobs: jobs.length };
}

function sameSweep(first: Part, { files, planned }: Part): Issue[] {
  if (planHash(planned.plan) === planHash(first.planned.plan)) return [];
  return [
    fileIssue(
      files.path,
      `got another sweep than ${first.files.path}, expected shards of one: the same scenarios, policies, seeds and code`,
    ),
  ];
}

/** Every place from 0 to count − 1 exactly once. */
function shardIssues(parts: readonly Part[]): Issue[] {
  const count = parts[0]!.planned.shard?.count ?? 1;
  const placeOf = ({ planned: { shard } }: Part): number => shard?.index ?? 0;
  const uneven = parts
    .filter(({ planned: { shard } }) => (shard?.count ?? 1) !== count)
    .map(({ files, planned: { shard } }) =>
      fileIssue(files.path, `got a shard of ${shard?.count ?? 1}, expected one of ${count}`),
    );
  const doubles = parts
    .filter((part, i) => parts.findIndex((other) => placeOf(other) === placeOf(part)) < i)
    .map((part) => fileIssue(part.files.path, `got shard ${placeOf(part)}/${count} a second time, expected it once`));
  const there = new Set(parts.map(placeOf));
  const gaps = Array.from({ length: count }, (_, i) => i)
    .filter((i) => !there.has(i))
    .map((i) => fileIssue('merge', `got no shard ${i}/${count}, expected all of them`));
  return [...uneven, ...doubles, ...gaps];
}

function unfinished({ files, planned: { plan, shard } }: Part, jobs: readonly Job[]): Issue[] {
  const own = jobsIn(jobs, shard);
  const lacks = own.filter((job) => !isThere(files, job, plan.keepRecordings)).length;
  if (lacks === 0) return [];
  return [
    fileIssue(
      files.path,
      `got ${own.length - lacks} of ${own.length} jobs, expected all: the same command goes on with it`,
    ),
  ];
}

const isThere = (files: SweepFiles, job: Job, withRecording: boolean): boolean =>
  existsSync(files.resultOf(job)) && (!withRecording || existsSync(files.recording(job)));

/** The same file under another name where the file system can do that, else a copy. */
function join(from: string, to: string): void {
  if (existsSync(to)) return;
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
