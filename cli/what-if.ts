import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BadInput, fileIssue } from '../config/issues.ts';
import { loadPolicy } from '../controller/load-policy.ts';
import type { Policy } from '../controller/policy.ts';
import { writeFileAtomic } from '../storage/files.ts';
import { isSweep } from '../sweep-report.ts';
import { recordingsAt } from '../tuning/read-judged.ts';
import { SweepFiles } from '../tuning/sweep-files.ts';
import { version } from '../version.ts';
import { pageScript } from '../what-if/bundle.ts';
import { followsSchedule, pack } from '../what-if/pack.ts';
import { whatIfPage } from '../what-if/page.ts';
import { sourcesOf } from '../what-if/sources.ts';
import { shipped } from './inputs.ts';
import { openFile } from './open-file.ts';
import { positiveOption } from './options.ts';

interface Options {
  readonly policy?: string;
  readonly out?: string;
  readonly maxMb?: string;
  readonly open?: boolean;
  readonly json?: boolean;
}

const MAX_MB = 5;
/** Script, style and words of the page. */
const OWN_BYTES = 150_000;

export async function whatIfCommand(paths: readonly string[], options: Options): Promise<void> {
  const policy = options.policy === undefined ? policyOf(paths) : loadPolicy(shipped(options.policy));
  const sources = await sourcesOf(paths.flatMap(recordingsAt), policy);
  const fitting = sources.filter((source) => followsSchedule(policy, source));
  if (fitting.length === 0)
    throw new BadInput([
      fileIssue(paths[0]!, `got no recording whose traffic was led as policy ${policy.name} leads it, expected one`),
    ]);
  const limit = (positiveOption('--max-mb', options.maxMb) ?? MAX_MB) * 1e6 - OWN_BYTES;
  const packed = await pack(fitting, policy, limit);
  const otherSchedule = sources.length - fitting.length;
  const page = whatIfPage({ policy, packed, otherSchedule, script: await pageScript(), coalmine: version });
  const out = resolve(options.out ?? placeFor(paths[0]!));
  writeFileAtomic(out, page);
  const { recordings, leftOut } = packed;
  const said = { page: out, policy: policy.name, recordings: recordings.length, leftOut, otherSchedule };
  if (options.json === true) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...said }, null, 2)}\n`);
  else
    process.stdout.write(
      `${out}\n  policy ${policy.name} on ${recordings.length} recordings${leftOut > 0 ? `, ${leftOut} left out for size` : ''}${otherSchedule > 0 ? `, ${otherSchedule} of another schedule left out` : ''}\n`,
    );
  if (options.open === true) openFile(out);
}

/** The first policy of the sweep. */
function policyOf([path]: readonly string[]): Policy {
  if (path !== undefined && isSweep(path)) return new SweepFiles(path).planned().plan.policies[0]!;
  throw new BadInput([fileIssue('--policy', 'got none, expected a policy: only a sweep has one of its own')]);
}

/** Inside the sweep or the run, else here. */
const placeFor = (path: string): string =>
  existsSync(join(path, 'manifest.json')) ? join(path, 'what-if.html') : 'what-if.html';
