/**
 * The nights that were: one Parquet file each, `night=YYYY-MM-DD/<when it began>.parquet`, a row per rehearsal, seed and figure. Any tool
 * that reads hive-partitioned Parquet reads the whole history as one table.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { BadInput, fileIssue } from '../config/issues.ts';
import type { Columns } from '../storage/columns.ts';
import { readMetadata, readParquet, writeParquet } from '../storage/parquet.ts';
import { ENDS, type Night, type NightRun } from './night.ts';

const SCHEMA = {
  rehearsal: 'varchar',
  seed: 'double',
  key: 'varchar',
  live: 'uint8',
  verdict: 'varchar',
  guard: 'varchar?',
  end: 'varchar',
  unexpected: 'uint8',
  invalid: 'uint8',
  digest: 'varchar',
  figure: 'varchar',
  value: 'double?',
} as const;

const METADATA = 'night';
const REST = z.object({
  schemaVersion: z.literal(1),
  date: z.string(),
  startedAtMs: z.number(),
  suite: z.object({ name: z.string(), hash: z.string() }),
  coalmine: z.string(),
  code: z.string(),
  host: z.object({
    platform: z.string(),
    arch: z.string(),
    cores: z.number(),
    cpu: z.string().nullable(),
    memoryMb: z.number(),
  }),
  isAccepted: z.boolean(),
});
const FOLDER = /^night=\d{4}-\d{2}-\d{2}$/;
const FILE = /^(\d{1,16})\.parquet$/;

/** Where a night's file is. */
export const nightFile = (history: string, { date, startedAtMs }: Pick<Night, 'date' | 'startedAtMs'>): string =>
  join(history, `night=${date}`, `${startedAtMs}.parquet`);

/** Keeps a night; one that began at the same moment is the same night, and is replaced. */
export async function keepNight(history: string, night: Night): Promise<void> {
  const { runs, ...rest } = night;
  const rows = runs.flatMap((run) => Object.entries(run.figures).map(([figure, value]) => ({ run, figure, value })));
  const of = <T>(get: (run: NightRun) => T): T[] => rows.map(({ run }) => get(run));
  await writeParquet(
    nightFile(history, night),
    SCHEMA,
    {
      rehearsal: of(({ rehearsal }) => rehearsal),
      seed: Float64Array.from(of(({ seed }) => seed)),
      key: of(({ key }) => key),
      live: Uint8Array.from(of(({ isLive }) => Number(isLive))),
      verdict: of(({ verdict }) => verdict),
      guard: of(({ guard }) => guard),
      end: of(({ end }) => end),
      unexpected: Uint8Array.from(of(({ isUnexpected }) => Number(isUnexpected))),
      invalid: Uint8Array.from(of(({ isInvalid }) => Number(isInvalid))),
      digest: of(({ digest }) => digest),
      figure: rows.map(({ figure }) => figure),
      value: rows.map(({ value }) => value),
    },
    { [METADATA]: JSON.stringify({ schemaVersion: 1, ...rest }) },
  );
}

/**
 * The last `atMost` nights of a suite that began before `beforeMs`, oldest first; none when there is no such folder. Throws BadInput for a
 * folder that holds something else, and for a night that cannot be read, or began after `nowMs`: where clocks went backwards, it would be
 * passed over in silence.
 */
export async function readHistory(
  history: string,
  suite: string,
  { beforeMs, nowMs, atMost }: { readonly beforeMs: number; readonly nowMs: number; readonly atMost: number },
): Promise<Night[]> {
  if (!existsSync(history)) return [];
  const nights: Night[] = [];
  for (const { file, startedAtMs } of filesOf(history)) {
    if (startedAtMs > nowMs)
      throw new BadInput([
        fileIssue(file, `got a night that begins at ${timeOf(startedAtMs)}, expected one before now, ${timeOf(nowMs)}`),
      ]);
    if (nights.length === atMost) break;
    if (startedAtMs >= beforeMs) continue;
    const night = await readNight(file);
    if (night.suite.name === suite) nights.unshift(night);
  }
  return nights;
}

const timeOf = (ms: number): string => new Date(Math.min(ms, 8.64e15)).toISOString();

/** Newest first. */
function filesOf(history: string): { readonly file: string; readonly startedAtMs: number }[] {
  const entries = readdirSync(history);
  const strange = entries.find((name) => !FOLDER.test(name) && !name.startsWith('.'));
  if (strange !== undefined)
    throw new BadInput([
      fileIssue(join(history, strange), 'got something that is no night, expected folders night=YYYY-MM-DD alone'),
    ]);
  return entries
    .filter((name) => FOLDER.test(name))
    .flatMap((folder) =>
      readdirSync(join(history, folder)).flatMap((name) => {
        const found = FILE.exec(name);
        return found === null ? [] : [{ file: join(history, folder, name), startedAtMs: Number(found[1]) }];
      }),
    )
    .toSorted((a, b) => b.startedAtMs - a.startedAtMs);
}

async function readNight(file: string): Promise<Night> {
  const text = await readMetadata(file, METADATA);
  const columns = await readParquet(file, SCHEMA);
  const refused = (got: string): BadInput =>
    new BadInput([fileIssue(file, `got ${got}, expected a file that \`coalmine nightly\` wrote`)]);
  const rest = restOf(text);
  if (rest === null) throw refused('a table without its night');
  if (basename(file) !== `${rest.startedAtMs}.parquet`) throw refused(`the night that began at ${rest.startedAtMs}`);
  const end = columns.end.find((each) => !ENDS.some((one) => one === each));
  if (end !== undefined) throw refused(`a rehearsal that ended '${end}'`);
  const value = columns.value.find((each) => each !== null && !Number.isFinite(each));
  if (value !== undefined) throw refused(`the value ${value}`);
  return { ...rest, runs: runsOf(columns) };
}

/** All of a night but its runs; null when the text is something else. */
function restOf(text: string | null): Omit<Night, 'runs'> | null {
  try {
    const { schemaVersion: _, ...rest } = REST.parse(JSON.parse(text ?? ''));
    return rest;
  } catch {
    return null;
  }
}

/** Rows of one run follow each other. */
function runsOf(columns: Columns<typeof SCHEMA>): NightRun[] {
  const runs: { -readonly [K in keyof NightRun]: NightRun[K] }[] = [];
  for (const [i, figure] of columns.figure.entries()) {
    const rehearsal = columns.rehearsal[i]!;
    const seed = columns.seed[i]!;
    let run = runs.at(-1);
    if (run?.rehearsal !== rehearsal || run.seed !== seed) {
      run = {
        rehearsal,
        seed,
        key: columns.key[i]!,
        isLive: columns.live[i] === 1,
        verdict: columns.verdict[i] as NightRun['verdict'],
        guard: columns.guard[i]!,
        end: columns.end[i] as NightRun['end'],
        isUnexpected: columns.unexpected[i] === 1,
        isInvalid: columns.invalid[i] === 1,
        digest: columns.digest[i]!,
        figures: {},
      };
      runs.push(run);
    }
    run.figures = { ...run.figures, [figure]: columns.value[i]! };
  }
  return runs;
}
