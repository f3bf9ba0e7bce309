/** Judges a part of the rollouts on a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { FastJudge } from '../../tuning/fast/judge.ts';
import { drawGrid, drawPolicies } from './judging-parts.ts';

export interface Part {
  readonly policies: number;
  readonly rollouts: number;
  readonly from: number;
}

export interface Done {
  /** Judgements by verdict. */
  readonly counts: readonly number[];
  /** Of this thread alone, from its start. */
  readonly cpuMs: number;
}

const { policies, rollouts, from } = workerData as Part;
const judge = new FastJudge(drawPolicies(policies));
const counts = [0, 0, 0, 0, 0, 0];
// Rollouts are drawn here too, as they would be read from recordings: part of the time.
for (let i = from; i < from + rollouts; i++) {
  judge.run(drawGrid(i));
  for (const verdict of judge.verdicts) counts[verdict]!++;
}
const { user, system } = process.threadCpuUsage();
const done: Done = { counts, cpuMs: (user + system) / 1000 };
parentPort?.postMessage(done);
