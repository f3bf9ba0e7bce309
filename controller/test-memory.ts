/** What a sequential test keeps from one evaluation to the next: sums since its stage began, as plain data. */
import type { Arm } from '../telemetry/window.ts';
import { isSequential } from './guard-tests.ts';
import { hasData, type Evidence } from './guards/evidence.ts';
import { comparesPairs, measure } from './guards/measure.ts';
import type { Count } from './guards/ratios.ts';
import {
  BLOCK,
  NO_SCATTER,
  NO_STEPS,
  type Scatter,
  scattered,
  type Steps,
  stepped,
} from './guards/variance-inflation.ts';
import { armsOf, cellOf, partsOf } from './needs.ts';
import type { Guard } from './policy.ts';
import { add, NO_TALLY, type Tally } from './tally.ts';

/** How the counts of one arm scatter: step by step, around their mean window by window and in blocks of ten, the last one still open. */
export interface Clumps {
  readonly steps: Steps;
  readonly windows: Scatter;
  readonly blocks: Scatter;
  readonly open: Count;
}

export interface TestMemory {
  /** Evaluation windows in a row without data. */
  readonly gap: number;
  /** Per arm the guard reads. */
  readonly sums: Readonly<Partial<Record<Arm, Tally>>>;
  readonly clumps: Readonly<Partial<Record<Arm, Clumps>>>;
  /** Events and samples of every window, where the test must be able to begin anew at each of them, or takes each for one observation. */
  readonly windows: readonly (readonly [events: number, samples: number])[];
  /** Requests of all arms it reads in the first window with data: how much a window holds. */
  readonly pace: number | null;
  /** ln of the evidence of the stages before, and of this one so far. */
  readonly carried: number;
  readonly evidence: number;
}

export const NO_MEMORY: TestMemory = {
  gap: 0,
  sums: {},
  clumps: {},
  windows: [],
  pace: null,
  carried: 0,
  evidence: 0,
};

const NO_CLUMPS: Clumps = {
  steps: NO_STEPS,
  windows: NO_SCATTER,
  blocks: NO_SCATTER,
  open: { events: 0, samples: 0 },
};

/** A new stage is a new process; the product of the evidence of all stages is evidence again. */
export const nextStage = (memory: TestMemory): TestMemory => ({
  ...NO_MEMORY,
  carried: memory.carried + memory.evidence,
});

/** The memory with the evaluation window that has just ended. A window without samples in every arm teaches nothing. */
export function remember(memory: TestMemory, guard: Guard, evidence: Evidence): TestMemory {
  const bucket = evidence.buckets.find(({ index }) => index === evidence.index);
  if (bucket === undefined || !hasData(guard, evidence.stage, bucket)) return { ...memory, gap: memory.gap + 1 };
  const { test } = guard;
  const sums: Partial<Record<Arm, Tally>> = {};
  const clumps: Partial<Record<Arm, Clumps>> = {};
  let windows = memory.windows;
  const pairs = comparesPairs(guard, evidence.stage);
  const parts = partsOf(guard, pairs);
  let pace = 0;
  for (const arm of armsOf(guard)) {
    const tally = bucket.cells[cellOf(arm, guard.segment)] ?? NO_TALLY;
    sums[arm] = add(memory.sums[arm] ?? NO_TALLY, tally, parts);
    // Of mirrored pairs both requests are one observation.
    if (!pairs || arm === 'candidate') pace += tally.requests;
    const { count } = measure(guard, tally, evidence.header);
    if (count === null) continue;
    if (test !== null && isSequential(test) && test.inflation === 'measured')
      clumps[arm] = clumped(memory.clumps[arm] ?? NO_CLUMPS, count);
    if (test?.method === 'betting' || (test?.method === 'e-process' && test.lateOnset))
      windows = [...windows, [count.events, count.samples]];
  }
  return { ...memory, gap: 0, sums, clumps, windows, pace: memory.pace ?? pace };
}

function clumped({ steps, windows, blocks, open }: Clumps, count: Count): Clumps {
  const after = scattered(windows, count);
  const both = { steps: stepped(steps, count), windows: after };
  const joined = { events: open.events + count.events, samples: open.samples + count.samples };
  return after.windows % BLOCK === 0
    ? { ...both, blocks: scattered(blocks, joined), open: NO_CLUMPS.open }
    : { ...both, blocks, open: joined };
}
