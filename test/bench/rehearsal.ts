import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../scenarios/files.ts';
import type { Outcome } from '../../outcome.ts';
import { type Bench, median } from './bench.ts';
import { type ChildRun, runChild } from './child.ts';

const COALMINE = join(packageRoot, 'bin/coalmine.mjs');
/** As expected, or different, or inconclusive: a compressed schedule may not gather enough samples. */
const FINISHED = [0, 3, 5];

interface Rehearsal extends ChildRun {
  readonly outcome: Outcome;
}

export const rehearsal: Bench = {
  name: 'rehearsal',
  about: 'the default rehearsal as a user runs it: start, 10M requests in shadow, canary, recording, report',
  async run({ small }) {
    const fewRequests = small ? 20_000 : 1_000_000;
    const manyRequests = small ? 20_000 : 10_000_000;
    const few: Rehearsal[] = [];
    const many: Rehearsal[] = [];
    for (let round = 0; round < (small ? 1 : 2); round++) {
      few.push(rehearse(fewRequests));
      many.push(small ? few[0]! : rehearse(manyRequests));
    }
    const growth = many.map((run, i) => peakOf(run) / peakOf(few[i]!));
    const { outcome } = many[0]!;
    return {
      figures: [
        {
          what: `wall time, ${millions(manyRequests)} in shadow`,
          unit: 's',
          values: many.map((r) => r.wallMs / 1000),
          target: { below: 60 },
        },
        { what: `wall time, ${millions(fewRequests)} in shadow`, unit: 's', values: few.map((r) => r.wallMs / 1000) },
        {
          what: 'requests, whole rehearsal',
          unit: 'M/s',
          values: many.map((r) => r.outcome.requests.total / r.wallMs / 1000),
        },
        { what: 'peak memory', unit: 'MB', values: many.map(peakOf), target: { below: 1200 } },
        {
          what: 'peak memory, ten times the requests',
          unit: '×',
          values: growth,
          target: { below: 1.2 },
        },
      ],
      notes: [
        `${outcome.requests.total.toLocaleString('en')} requests of users, verdict: ${outcome.verdict}; report included`,
        `peak memory until the outcome, as the program counts it itself: ${median(many.map((r) => r.outcome.timing.peakRssMb)).toFixed(0)} MB`,
      ],
    };
  },
};

const millions = (requests: number): string => `${requests / 1e6}M`;
const peakOf = ({ peakRssMb, outcome }: Rehearsal): number => peakRssMb ?? outcome.timing.peakRssMb;

function rehearse(requests: number): Rehearsal {
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-bench-'));
  try {
    const args = [
      COALMINE,
      'rehearse',
      '--quiet',
      '--json',
      '--requests',
      String(requests),
      '--out',
      join(folder, 'run'),
    ];
    const run = runChild(process.execPath, args, FINISHED);
    return { ...run, outcome: JSON.parse(run.stdout) as Outcome };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
