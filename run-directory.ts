/** The run directory (law L7): everything a rehearsal leaves, all of it or nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput, fileIssue, type Issue, refuse } from './config/issues.ts';
import type { Policy } from './controller/policy.ts';
import type { Host } from './host.ts';
import type { LogLine, Outcome } from './outcome.ts';
import { type ReportFormat, writeReport } from './reports/report.ts';
import type { RunData } from './reports/run-data.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { StagedDirectory, writeFileAtomic } from './storage/files.ts';
import type { Provenance } from './telemetry/provenance.ts';
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
  readonly host: Host;
  /** As resolved: what was really run. */
  readonly scenario: Scenario;
  readonly policy: Policy;
}

const json = (value: unknown): string => `${JSON.stringify(value, finite, 2)}\n`;
/** JSON has no infinity: "no limit" is written as text and read back by `revived`. */
const finite = (_: string, value: unknown): unknown => (value === Number.POSITIVE_INFINITY ? 'infinite' : value);
const revived = (key: string, value: unknown): unknown =>
  value === 'infinite' && !NAMES.has(key) ? Number.POSITIVE_INFINITY : value;
/** Where people put names of their own, which may be "infinite". */
const NAMES: ReadonlySet<string> = new Set(['name', 'guard', 'stage']);

type Kind = 'text' | 'number' | 'map' | 'list';
/** Dotted paths of fields that must be there, and what they are. */
type Fields = Readonly<Record<string, Kind>>;

const OUTCOME_FIELDS: Fields = {
  coalmine: 'text',
  node: 'text',
  seed: 'number',
  digest: 'text',
  world: 'text',
  'scenario.name': 'text',
  'scenario.file': 'text',
  'scenario.hash': 'text',
  'scenario.timeScale': 'number',
  'policy.name': 'text',
  'policy.dialect': 'text',
  'policy.hash': 'text',
  'truth.candidate': 'text',
  verdict: 'text',
  classification: 'text',
  explanation: 'text',
  'harm.requestsToCandidate': 'number',
  'requests.total': 'number',
  'requests.byArm': 'map',
  stages: 'list',
  'latencyMs.baseline': 'map',
  'latencyMs.candidate': 'map',
  'waitMs.baseline': 'map',
  'waitMs.candidate': 'map',
  'featureFetchMs.baseline': 'map',
  'featureFetchMs.candidate': 'map',
  utilisation: 'map',
  cacheHitRatio: 'map',
  'shadow.compared': 'number',
  alerts: 'list',
  timing: 'map',
};
const MANIFEST_FIELDS: Fields = {
  coalmine: 'text',
  node: 'text',
  seed: 'number',
  digest: 'text',
  host: 'map',
  'scenario.name': 'text',
  'policy.name': 'text',
  'policy.evaluateEveryMs': 'number',
  'policy.stages': 'list',
  'policy.guards': 'list',
};
const LINE_FIELDS: Readonly<Record<LogLine['type'], Fields>> = {
  decision: { atMs: 'number', kind: 'text', stage: 'text', sentence: 'text' },
  verdict: { atMs: 'number', guard: 'text', stage: 'text', verdict: 'text', because: 'text' },
  fault: { name: 'text', kind: 'text', startMs: 'number' },
};

interface CommitOptions {
  readonly formats?: readonly ReportFormat[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

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
      host: Host;
      provenance: Provenance | null;
    },
    { formats = ['html', 'svg', 'png'], signal }: CommitOptions = {},
  ): Promise<void> {
    const { outcome, log, policy, scenario, host } = run;
    const { path } = this.staged;
    await this.recorder?.finish(run.provenance);
    writeFileAtomic(join(path, OUTCOME), json(outcome));
    writeFileAtomic(join(path, DECISIONS), log.map((line) => `${JSON.stringify(line, finite)}\n`).join(''));
    const { coalmine, node, seed, digest } = outcome;
    const manifest: Manifest = { schemaVersion: 1, coalmine, node, seed, digest, host, scenario, policy };
    writeFileAtomic(join(path, MANIFEST), json(manifest));
    await writeReport(await readRun(path), path, formats);
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
  const outcome = readOutcome(path);
  const policy = readPolicy(path);
  const { header, windows } = await readRecording(join(path, RECORDING));
  return { outcome, log: readLog(path), policy, header, windows };
}

/** The policy that was rehearsed, on the schedule that was run. */
export const readPolicy = (path: string): Policy =>
  (readJson(join(path, MANIFEST), MANIFEST_FIELDS) as Manifest).policy;

export const readOutcome = (path: string): Outcome => readJson(join(path, OUTCOME), OUTCOME_FIELDS) as Outcome;

/** Throws BadInput with every line that is no entry of a log. */
export function readLog(path: string): LogLine[] {
  const file = join(path, DECISIONS);
  const entries: LogLine[] = [];
  const issues: Issue[] = [];
  for (const [i, text] of readText(file).split('\n').entries()) {
    if (text === '') continue;
    const entry = parsed(text);
    const wrong = entry === undefined ? [fileIssue(file, NOT_JSON)] : lineIssues(file, entry);
    issues.push(...wrong.map((issue) => ({ ...issue, line: i + 1 })));
    entries.push(entry as LogLine);
  }
  refuse(issues);
  return entries;
}

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

const NOT_JSON = 'got text that is not JSON, expected what `coalmine rehearse` writes';

/** A document of schema version 1 with at least these fields. */
function readJson(file: string, fields: Fields): unknown {
  const value = parsed(readText(file));
  if (value === undefined) throw new BadInput([fileIssue(file, NOT_JSON)]);
  const version = at(value, 'schemaVersion');
  if (version !== 1)
    throw new BadInput([{ ...fileIssue(file, `got ${shown(version)}, expected 1`), path: 'schemaVersion' }]);
  refuse(fieldIssues(file, value, fields));
  return value;
}

/** The value of a JSON text; undefined, which JSON cannot say, when it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text, revived);
  } catch {
    return undefined;
  }
}

function lineIssues(file: string, entry: unknown): Issue[] {
  const type = at(entry, 'type');
  if (typeof type === 'string' && Object.hasOwn(LINE_FIELDS, type))
    return fieldIssues(file, entry, LINE_FIELDS[type as LogLine['type']]);
  const types = Object.keys(LINE_FIELDS).join(', ');
  return [{ ...fileIssue(file, `got ${shown(type)}, expected one of ${types}`), path: 'type' }];
}

const fieldIssues = (file: string, value: unknown, fields: Fields): Issue[] =>
  Object.entries(fields).flatMap(([path, kind]) => {
    const found = at(value, path);
    return kindOf(found) === kind ? [] : [{ ...fileIssue(file, `got ${shown(found)}, expected a ${kind}`), path }];
  });

/** What is at a dotted path; undefined when nothing is. */
const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((v, key) => (kindOf(v) === 'map' ? (v as Record<string, unknown>)[key] : undefined), value);

function kindOf(value: unknown): Kind | null {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object' && value !== null) return 'map';
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : null;
}

const shown = (value: unknown): string => {
  const kind = kindOf(value);
  if (value === undefined) return 'nothing';
  return kind === 'map' || kind === 'list' ? `a ${kind}` : JSON.stringify(value);
};
