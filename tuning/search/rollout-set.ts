/** Recorded rollouts of one scenario under one schedule, reduced to what the fast judge reads: hundreds fit into memory. */
import { policyHash } from '../../controller/policy-hash.ts';
import type { Policy } from '../../controller/policy.ts';
import { thresholdsOf } from '../../controller/thresholds.ts';
import { Harm as HarmSum } from '../../ledger.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { readProvenance, readRecording } from '../../telemetry/recording.ts';
import { RecordedGrid } from '../fast/grid.ts';
import { canJudge, FastJudge, OFF_SCHEDULE, VERDICTS } from '../fast/judge.ts';
import type { Judged } from '../judge.ts';
import { judgeBriefly } from '../judge-all.ts';

/** What a policy did on one rollout. */
export interface Ended {
  /** Place in VERDICTS. */
  readonly verdict: number;
  /** NaN: never. */
  readonly atMs: number;
  /** Excess errors, slow answers and lost outcomes until then, by the base policy's bound; none below 0. */
  readonly harm: number;
}

interface Recorded {
  readonly seed: number;
  readonly grid: RecordedGrid;
  /** [evaluations + 1]: harm until an evaluation. */
  readonly harm: Float64Array;
  /** Kept only where some policy needs more than the grid. */
  readonly windows: Judged | null;
}

const hashes = new WeakMap<Policy, string>();

/** Worked out once per policy. */
function hashFor(policy: Policy): string {
  let hash = hashes.get(policy);
  if (hash === undefined) hashes.set(policy, (hash = policyHash(policy)));
  return hash;
}

export interface SetOptions {
  /** Every policy that will be judged on it, scaled to the scenario: what they read is kept, the rest is not. */
  readonly policies: readonly Policy[];
  /** Whose latency bound says what is slow. */
  readonly base: Policy;
  /** Other policies will be judged as well: recordings stay in memory whole. */
  readonly keep: boolean;
}

export class RolloutSet {
  readonly scenario: Scenario;
  /** Ascending by seed. */
  private readonly recorded: readonly Recorded[];
  private readonly everyMs: number;
  private readonly known = new Map<string, readonly Ended[]>();
  /** By policy and seed: what came of rollouts that left the schedule, where it was rehearsed. */
  private readonly rehearsed = new Map<string, Ended>();

  private constructor(scenario: Scenario, everyMs: number, recorded: readonly Recorded[]) {
    this.scenario = scenario;
    this.everyMs = everyMs;
    this.recorded = recorded;
  }

  /** Reads recordings, one after the other. The policies are evaluated equally often. */
  static async read(
    scenario: Scenario,
    files: readonly { readonly seed: number; readonly file: string }[],
    { policies, base, keep }: SetOptions,
  ): Promise<RolloutSet> {
    const { evaluateEveryMs } = policies[0]!;
    const fast = policies.filter(canJudge);
    const needsWindows = keep || fast.length < policies.length;
    const recorded: Recorded[] = [];
    for (const { seed, file } of files.toSorted((a, b) => a.seed - b.seed)) {
      const { header, windows } = await readRecording(file);
      const judged: Judged = { header, windows, provenance: (await readProvenance(file))! };
      const grid = new RecordedGrid(judged, evaluateEveryMs);
      if (!needsWindows) {
        new FastJudge(fast).touch(grid);
        grid.forget();
      }
      const harm = harmOf(judged, base, grid.evaluations, evaluateEveryMs);
      recorded.push({ seed, grid, harm, windows: needsWindows ? judged : null });
    }
    return new RolloutSet(scenario, evaluateEveryMs, recorded);
  }

  /** What a full rehearsal said of a rollout that this set cannot tell the end of. */
  correct(policy: Policy, seed: number, ended: Ended): void {
    this.rehearsed.set(`${seed}/${hashFor(policy)}`, ended);
  }

  /** The recordings themselves, seed by seed. */
  get grids(): readonly RecordedGrid[] {
    return this.recorded.map(({ grid }) => grid);
  }

  /** Judges policies of this set's schedule: for each policy, rollout by rollout. What is known is not judged again. */
  judge(policies: readonly Policy[]): readonly (readonly Ended[])[] {
    const keys = policies.map(hashFor);
    const unknown = policies.filter((_, i) => !this.known.has(keys[i]!));
    const fast = unknown.filter(canJudge);
    if (fast.length > 0) {
      const found = this.judgedBy(new FastJudge(fast), fast);
      for (const [p, policy] of fast.entries()) this.known.set(hashFor(policy), found[p]!);
    }
    for (const policy of unknown.filter((each) => !canJudge(each)))
      this.known.set(
        hashFor(policy),
        this.recorded.map((each) => {
          const { verdict, decidedAtMs } = judgeBriefly(policy, each.windows!);
          return this.endedOf(policy, each, VERDICTS.indexOf(verdict), decidedAtMs ?? Number.NaN);
        }),
      );
    return keys.map((key) => this.known.get(key)!);
  }

  /** What a judge of these policies says of every rollout, policy by policy; nothing is kept. */
  judgedBy(judging: FastJudge, policies: readonly Policy[]): readonly (readonly Ended[])[] {
    const found = policies.map((): Ended[] => []);
    for (const each of this.recorded) {
      judging.run(each.grid);
      for (const [p, list] of found.entries())
        list.push(this.endedOf(policies[p]!, each, judging.verdicts[p]!, judging.decidedAtMs[p]!));
    }
    return found;
  }

  private endedOf(policy: Policy, { harm, grid, seed }: Recorded, verdict: number, atMs: number): Ended {
    if (verdict === OFF_SCHEDULE) {
      const rehearsed = this.rehearsed.get(`${seed}/${hashFor(policy)}`);
      if (rehearsed !== undefined) return rehearsed;
    }
    const evaluation = Number.isNaN(atMs) ? grid.evaluations : Math.round(atMs / this.everyMs);
    return { verdict, atMs, harm: harm[Math.min(grid.evaluations, evaluation)]! };
  }
}

/** Cumulated by evaluation; what is saved by a candidate that does better is no harm, so each kind counts from 0. */
function harmOf({ header, windows }: Judged, base: Policy, evaluations: number, everyMs: number): Float64Array {
  const sum = new HarmSum(header.thresholds, thresholdsOf(base));
  const found = new Float64Array(evaluations + 1);
  let t = 0;
  const total = (): number => {
    const { excessErrors, excessSlow, lostOutcomes } = sum.close();
    return [excessErrors, excessSlow, lostOutcomes].reduce<number>((all, each) => all + Math.max(0, each ?? 0), 0);
  };
  for (const { startMs, rows } of windows) {
    while (t < evaluations && startMs >= (t + 1) * everyMs - 1e-6) found[++t] = total();
    sum.add(rows);
  }
  while (t < evaluations) found[++t] = total();
  return found;
}
