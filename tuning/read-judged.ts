/** Recordings from their files, with what stands behind them. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput, fileIssue } from '../config/issues.ts';
import { readProvenance, readRecording } from '../telemetry/recording.ts';
import type { Judged } from './judge.ts';

/** Places in which recordings are kept: of a run, of a sweep. */
const RECORDING = 'recording.parquet';
const RECORDINGS = 'recordings';

/** Files of a recording, the one of a run directory, or all of a sweep. Throws BadInput where there is none. */
export function recordingsAt(path: string): readonly string[] {
  if (!existsSync(path))
    throw new BadInput([fileIssue(path, 'got no file of this name, expected a recording, a run or a sweep')]);
  if (!statSync(path).isDirectory()) return [path];
  if (existsSync(join(path, RECORDING))) return [join(path, RECORDING)];
  const folder = existsSync(join(path, RECORDINGS)) ? join(path, RECORDINGS) : path;
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.parquet'))
    .toSorted()
    .map((name) => join(folder, name));
  if (found.length === 0)
    throw new BadInput([fileIssue(path, 'got a directory without recordings, expected a run or a sweep')]);
  return found;
}

/** Throws BadInput when the file is no recording, or does not say what stands behind it. */
export async function readJudged(file: string): Promise<Judged> {
  const { header, windows } = await readRecording(file);
  const provenance = await readProvenance(file);
  if (provenance === null)
    throw new BadInput([
      fileIssue(file, 'got a recording that does not say what stands behind it, expected one written by this version'),
    ]);
  return { header, windows, provenance };
}
