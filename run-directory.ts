/** The run directory (law L7): everything a rehearsal leaves, all of it or nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput, fileIssue } from './config/issues.ts';
import type { Policy } from './controller/policy.ts';
import type { LogLine, Outcome } from './outcome.ts';
import { type ReportFormat, writeReport } from './reports/report.ts';
import type { RunData } from './reports/run-data.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { StagedDirectory, writeFileAtomic } from './storage/files.ts';
import { readRecording, RecordingWriter } from './telemetry/recording.ts';
import type { WindowHeader } from './telemetry/window.ts';

export const OUTCOME = 'outcome.json';
export const RECORDING = 'recording.parquet';
export const DECISIONS = 'decisions.jsonl';
export const MANIFEST = 'manifest.json';

interface Manifest {
  readonly schemaVersion: 1;
  readonly coalmine: string;
  readonly node: string;
  readonly seed: number;
  readonly digest: string;
  readonly host: Record<string, unknown>;
  /** As resolved: what was really run. */
  readonly scenario: Scenario;
  readonly policy: Policy;
}

const json = (value: unknown): string => `${JSON.stringify(value, finite, 2)}\n`;
/** JSON has no infinity: "no limit" is written as text and read back by `revived`. */
const finite = (_: string, value: unknown): unknown => (value === Number.POSITIVE_INFINITY ? 'infinite' : value);
const revived = (_: string, value: unknown): unknown => (value === 'infinite' ? Number.POSITIVE_INFINITY : value);

/** A run being written beside its final place; nothing is at that place until `commit`. */
export class RunDirectory {
  private readonly staged: StagedDirectory;
  private recorder: RecordingWriter | null = null;

  private constructor(staged: StagedDirectory) {
    this.staged = staged;
  }

  /** Throws BadInput when `path` is taken. */
  static create(path: string, replace: boolean): RunDirectory {
    return new RunDirectory(StagedDirectory.open(path, { replace }));
  }

  async record(header: WindowHeader): Promise<RecordingWriter> {
    this.recorder = await RecordingWriter.open(join(this.staged.path, RECORDING), header);
    return this.recorder;
  }

  /** Writes the rest, the report included, and gives the directory its name, unless `signal` has told it to stop. */
  async commit(
    run: {
      outcome: Outcome;
      log: readonly LogLine[];
      policy: Policy;
      scenario: Scenario;
      host: Record<string, unknown>;
    },
    signal?: AbortSignal,
  ): Promise<void> {
    const { outcome, log, policy, scenario, host } = run;
    const { path } = this.staged;
    await this.recorder?.finish();
    writeFileAtomic(join(path, OUTCOME), json(outcome));
    writeFileAtomic(join(path, DECISIONS), log.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const { coalmine, node, seed, digest } = outcome;
    const manifest: Manifest = { schemaVersion: 1, coalmine, node, seed, digest, host, scenario, policy };
    writeFileAtomic(join(path, MANIFEST), json(manifest));
    await writeReport(await readRun(path), path, ['html', 'svg', 'png']);
    signal?.throwIfAborted();
    this.staged.commit();
  }

  abort(): void {
    this.recorder?.abort();
    this.staged.abort();
  }
}

/** Reads a run directory for its report. Throws BadInput when it is none. */
export async function readRun(path: string): Promise<RunData> {
  const outcome = readJson(join(path, OUTCOME)) as Outcome;
  const { policy } = readJson(join(path, MANIFEST)) as Manifest;
  const { header, windows } = await readRecording(join(path, RECORDING));
  return { outcome, log: readLog(path), policy, header, windows };
}

export const readOutcome = (path: string): Outcome => readJson(join(path, OUTCOME)) as Outcome;

export const readLog = (path: string): LogLine[] =>
  readText(join(path, DECISIONS))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine);

/** (Re)builds the report of a run directory. Returns the files written. */
export const rebuildReport = async (path: string, formats: readonly ReportFormat[]): Promise<string[]> =>
  writeReport(await readRun(path), path, formats);

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new BadInput([fileIssue(file, 'got no such file, expected a run directory written by `coalmine rehearse`')]);
  }
}

function readJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text, revived);
  } catch {
    throw new BadInput([fileIssue(file, 'got text that is not JSON, expected a file written by `coalmine rehearse`')]);
  }
}
