import { formatCount, formatDuration } from '../config/units.ts';
import { printIssue } from '../config/issues.ts';
import { loadScenario } from '../scenarios/load.ts';
import { generateTrace } from '../scenarios/trace/generate.ts';
import { importTrace } from '../scenarios/trace/import.ts';
import { inspectTrace } from '../scenarios/trace/inspect.ts';
import type { TimeUnit, TraceFormat } from '../scenarios/trace/sources.ts';
import { arrivalsOf } from '../sim/arrivals/for-trace.ts';
import { countOption, wholeOption } from './options.ts';
import { shipped } from './inputs.ts';

interface GenerateOptions {
  readonly out: string;
  readonly requests?: string;
  readonly seed?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function generateCommand(file: string, options: GenerateOptions): Promise<void> {
  const { scenario } = loadScenario(shipped(file), { seed: wholeOption('--seed', options.seed) });
  const wanted = countOption('--requests', options.requests) ?? scenario.traffic.requests;
  let tenths = 0;
  const rows = await generateTrace(arrivalsOf(scenario, wanted), options.out, (made) => {
    if (options.quiet === true || Math.floor((made / wanted) * 10) === tenths) return;
    tenths = Math.floor((made / wanted) * 10);
    process.stderr.write(`${tenths * 10} %  ${formatCount(made)} rows\n`);
  });
  const text =
    options.json === true
      ? JSON.stringify({ schemaVersion: 1, file: options.out, rows }, null, 2)
      : `${options.out}: ${rows} rows`;
  process.stdout.write(`${text}\n`);
}

interface ImportOptions {
  readonly out: string;
  readonly format: TraceFormat;
  readonly time?: string;
  readonly timeUnit?: TimeUnit;
  readonly key?: string;
  readonly user?: string;
  readonly segment?: string;
  readonly json?: boolean;
}

export async function importCommand(file: string, options: ImportOptions): Promise<void> {
  const report = await importTrace(file, options.out, {
    format: options.format,
    timeColumn: options.time,
    timeUnit: options.timeUnit,
    keyColumn: options.key,
    userColumn: options.user,
    segmentColumn: options.segment,
  });
  for (const issue of report.badSamples) process.stderr.write(`skipped: ${printIssue(issue)}\n`);
  const text =
    options.json === true
      ? JSON.stringify({ schemaVersion: 1, file: options.out, ...report }, null, 2)
      : `${options.out}: ${report.rows} rows, ${report.badRows} skipped, ${report.keys} keys, ${report.users} users`;
  process.stdout.write(`${text}\n`);
}

const number = (value: number | null): string => (value === null ? 'too short to tell' : value.toFixed(2));
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export async function inspectCommand(file: string, options: { json?: boolean }): Promise<void> {
  const s = await inspectTrace(file);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...s }, null, 2)}\n`);
    return;
  }
  const lines = [
    ['requests', `${s.rows} in ${formatDuration(s.durationMs)}, ${s.meanRps.toFixed(2)}/s`],
    ['per minute', s.perMinute === null ? 'less than a minute' : `${s.perMinute.min} to ${s.perMinute.max}`],
    ['gaps', `coefficient of variation ${number(s.gapCv)} (Poisson: 1)`],
    [
      'dispersion',
      `${number(s.dispersion.s1)} at 1 s, ${number(s.dispersion.s10)} at 10 s, ${number(s.dispersion.s60)} at 60 s (Poisson: 1)`,
    ],
    [
      'keys',
      `${s.keys}; top 1: ${percent(s.topKeyShare.top1)}, top 10: ${percent(s.topKeyShare.top10)}, top 100: ${percent(s.topKeyShare.top100)}`,
    ],
    ['users', String(s.users)],
  ];
  process.stdout.write(`${lines.map(([name, text]) => `${name!.padEnd(12)}${text}`).join('\n')}\n`);
}
