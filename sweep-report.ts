/** The report of a sweep's directory. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadPolicy } from './controller/load-policy.ts';
import { policyText } from './controller/policy-text.ts';
import { BadInput, fileIssue } from './config/issues.ts';
import { type ReportFormat } from './reports/report.ts';
import { writeSweepReport } from './reports/sweep/report.ts';
import type { Searched, SweepData } from './reports/sweep/sweep-data.ts';
import type { SweepResult } from './tuning/result.ts';
import type { SearchedPolicy, SearchResult } from './tuning/search/search-result.ts';
import { withSetting } from './tuning/search/setting-path.ts';
import type { Space } from './tuning/search/space.ts';
import { PLAN, RESULT, SEARCH, SweepFiles } from './tuning/sweep-files.ts';

/** Whether a sweep is there, finished or not. */
export const isSweep = (path: string): boolean => existsSync(join(path, PLAN));

/** Reads a finished sweep. Throws BadInput when it is none. */
export function readSweep(path: string): SweepData {
  const { plan } = new SweepFiles(path).planned();
  const { policies, space, keepRecordings: keepsRecordings } = plan;
  const file = join(path, RESULT);
  try {
    // Sweeps of versions that asked no questions have no place for answers.
    const stored = JSON.parse(readFileSync(file, 'utf8')) as Omit<SweepResult, 'stop'> & Partial<SweepResult>;
    const result: SweepResult = { stop: null, ...stored };
    return { result, policies, search: space === null ? null : searched(path, space), keepsRecordings };
  } catch {
    throw new BadInput([
      fileIssue(file, 'got no result that can be read, expected a finished sweep: `coalmine tune --resume` goes on'),
    ]);
  }
}

/** What the search found, with the policies worth reading as YAML. */
function searched(path: string, space: Space): Searched {
  const result = JSON.parse(readFileSync(join(path, SEARCH), 'utf8')) as SearchResult;
  const worthReading = result.policies.filter(({ id, isOnFront }) => isOnFront || id === 0 || id === result.chosen.id);
  return { result, yaml: new Map(worthReading.map((policy) => [policy.id, yamlOf(policy, space, result.base, path)])) };
}

/** The base's document with the policy's changes in place. */
function yamlOf({ id, changes }: SearchedPolicy, { base }: Space, name: string, file: string): string {
  const document = changes.reduce<unknown>(
    (changed, { path, to }) => withSetting(changed, path, to === null ? null : parse(to)),
    base,
  );
  const policy = loadPolicy(file, stringify(document));
  return policyText({ ...policy, name: id === 0 ? name : `${name}-${id}` });
}

/** (Re)builds the report of a sweep's directory. Returns the files written. */
export const rebuildSweepReport = async (path: string, formats: readonly ReportFormat[]): Promise<string[]> =>
  writeSweepReport(readSweep(path), path, formats);
