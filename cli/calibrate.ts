import { relative, resolve } from 'node:path';
import { BadInput, fileIssue, type Issue } from '../config/issues.ts';
import { parseFraction } from '../config/units.ts';
import type { Calibration } from '../scenarios/calibration.ts';
import { loadScenario } from '../scenarios/load.ts';
import { writeFileAtomic } from '../storage/files.ts';
import { EXIT } from './exit.ts';
import { shipped } from './inputs.ts';
import { calibrationChoice } from './live-choice.ts';
import { countOption, durationOption, Findings, wholeOption } from './options.ts';
import { abortOnSignals } from './signals.ts';

interface Options {
  readonly out?: string;
  readonly utilisations: string;
  readonly for: string;
  readonly rate: string;
  readonly seed?: string;
  readonly load?: string;
  readonly features?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Below it a second holds too little, above it nobody could say what a longer run would add. */
const SHORTEST_MS = 5000;

export async function calibrateCommand(file: string, options: Options): Promise<void> {
  const found = new Findings();
  const seed = found.of(() => wholeOption('--seed', options.seed));
  const mostRps = found.of(() => countOption('--rate', options.rate));
  const utilisations = found.of(() => utilisationsOption(options.utilisations));
  const forMs = found.of(() => durationOption('--for', options.for));
  const loaded = found.of(() => loadScenario(shipped(file), { seed }));
  if (forMs !== undefined && forMs < SHORTEST_MS)
    found.of(() => {
      throw new BadInput([fileIssue('--for', `got '${options.for}', expected at least 5s`)]);
    });
  found.refuse();
  const choice = await calibrationChoice(options, loaded!);
  const { scenario } = loaded!;
  const out = resolve(options.out ?? `models/calibration/${scenario.name}.json`);
  const { signal, release } = abortOnSignals();
  const [{ calibrate }, { findRuntime }] = await Promise.all([
    import('../calibrate.ts'),
    import('../models/find-runtime.ts'),
  ]);
  try {
    const calibration = await calibrate(scenario, {
      choice,
      utilisations: utilisations!,
      seconds: forMs! / 1000,
      mostRps: mostRps!,
      runtime: () => findRuntime({ signal, onFetch: (what) => process.stderr.write(`${what}\n`) }),
      signal,
      now: () => new Date(),
    });
    writeFileAtomic(out, calibrationText(calibration));
    if (options.json === true) process.stdout.write(`${JSON.stringify(calibration, null, 2)}\n`);
    (options.json === true ? process.stderr : process.stdout).write(`${summary(calibration, relative('', out))}\n`);
    process.exitCode = calibration.points.every(({ valid }) => valid) ? EXIT.ok : EXIT.inconclusive;
  } finally {
    release();
  }
}

/** `30%,60%,80%`: at least one, each from above 0 to below 100 %, in any order. */
function utilisationsOption(text: string): number[] {
  const issues: Issue[] = [];
  const shares = text.split(',').map((each) => {
    const share = parseFraction(each.trim());
    if (share !== null && share > 0 && share < 1) return share;
    issues.push(fileIssue('--utilisations', `got '${each}', expected a share of the slots such as 60%`));
    return 0;
  });
  if (issues.length > 0) throw new BadInput(issues);
  return [...new Set(shares)].sort((a, b) => a - b);
}

/** Indented, but every list of numbers on one line. */
const calibrationText = (calibration: Calibration): string =>
  `${JSON.stringify(calibration, null, 1).replaceAll(/\[\s+([-\d.e+,\s]+?)\s+\]/g, (_, numbers: string) => `[${numbers.replaceAll(/\s+/g, ' ')}]`)}\n`;

function summary({ points, startUp, coldStart }: Calibration, file: string): string {
  const lines = points.map(
    ({ requestsPerSecond, arms, features, valid }) =>
      `${String(Math.round(requestsPerSecond)).padStart(6)}/s  busy ${share(arms.baseline.utilisation)} ${share(arms.candidate.utilisation)}` +
      `  held ${ms(arms.baseline.service.mean)} ${ms(arms.candidate.service.mean)} (${signed(arms.baseline.serviceError.mean)} ${signed(arms.candidate.serviceError.mean)})` +
      `  overhead ${ms(arms.baseline.overhead.mean)} ${ms(arms.candidate.overhead.mean)}` +
      `  features hit ${features.hit === null ? '–' : ms(features.hit.mean)} miss ${features.miss === null ? '–' : ms(features.miss.mean)}` +
      (valid ? '' : '  NO MEASUREMENT'),
  );
  const first = coldStart.overheadMs[0];
  return [
    ...lines,
    `start-up ${ms(startUp.processMs)}, model load ${ms(startUp.modelLoadMs)} (${startUp.starts} starts); overhead of a first request ${first === undefined ? '–' : ms(first)}`,
    `written to ${file}`,
  ].join('\n');
}

const ms = (value: number): string => `${value.toFixed(2)} ms`;
const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;
const share = (value: number): string => `${Math.round(value * 100)} %`;
