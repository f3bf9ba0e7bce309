/**
 * What no gain in the mean may be paid with: a policy that takes back the healthy candidates of any one scenario more often than the base.
 * Rates that few recordings do not show are worked out guard by guard (tuning/rare), so that thousandths count.
 */
import { policyHash } from '../../controller/policy-hash.ts';
import type { Policy } from '../../controller/policy.ts';
import { isFast } from '../fast/judge.ts';
import { type FalseRollbackRate, falseRollbackRate, type GuardRate } from '../rare/false-rollback.ts';
import { oftenerThan } from './choose.ts';
import { isFalseRollback, type Trials } from './objectives.ts';
import type { Part, PolicyBench } from './policy-bench.ts';
import type { ScenarioRate } from './search-result.ts';

/** On the seeds of these parts, scenario by scenario, of a policy without tests. `known`: see `falseRollbackRate`. */
export function falseRollbackRates(
  bench: PolicyBench,
  policy: Policy,
  parts: readonly Part[],
  known?: Map<string, GuardRate>,
): readonly FalseRollbackRate[] {
  return healthyTrials(bench, policy, parts).map(({ s, scenario, events }) => {
    const grids = parts.flatMap((part) => bench.setOf(part, s, policy).grids);
    return falseRollbackRate(scenario, bench.on(s, policy), grids, events, known);
  });
}

interface Healthy {
  readonly s: number;
  readonly scenario: string;
  readonly events: number;
  readonly rollouts: number;
}

const falseIn = (each: Trials): number => each.ended.filter((ended) => isFalseRollback(each, ended)).length;

function healthyTrials(bench: PolicyBench, policy: Policy, parts: readonly Part[]): readonly Healthy[] {
  const trials = parts.map((part) => bench.judge(part, [policy])[0]!);
  return trials[0]!.flatMap(({ scenario }, s): Healthy[] => {
    if (scenario.truth.candidate !== 'healthy') return [];
    const own = trials.map((each) => each[s]!);
    return [
      {
        s,
        scenario: scenario.name,
        events: own.reduce((sum, each) => sum + falseIn(each), 0),
        rollouts: own.reduce((sum, { ended }) => sum + ended.length, 0),
      },
    ];
  });
}

/** Held-out seeds stay out of it. */
const PARTS: readonly Part[] = ['search', 'choice'];

export class Veto {
  private readonly bench: PolicyBench;
  private readonly base: Policy;
  private readonly known = new Map<string, GuardRate>();
  private readonly rates = new Map<string, readonly ScenarioRate[]>();
  private readonly refused = new Set<string>();

  constructor(bench: PolicyBench, base: Policy) {
    this.bench = bench;
    this.base = base;
  }

  /** How many policies it kept out. */
  get vetoed(): number {
    return this.refused.size;
  }

  allows(policy: Policy): boolean {
    const isAllowed = oftenerThan(this.ratesOf(this.base), this.ratesOf(policy)).length === 0;
    if (!isAllowed) this.refused.add(policyHash(policy));
    return isAllowed;
  }

  /** By healthy scenario, on the seeds of search and choice; policies with tests are only counted. */
  ratesOf(policy: Policy): readonly ScenarioRate[] {
    const hash = policyHash(policy);
    const rates = this.rates.get(hash) ?? this.findRates(policy);
    this.rates.set(hash, rates);
    return rates;
  }

  private findRates(policy: Policy): readonly ScenarioRate[] {
    if (isFast(policy))
      return falseRollbackRates(this.bench, policy, PARTS, this.known).map(({ scenario, ratio, estimator }) => ({
        scenario,
        ratio,
        estimator,
      }));
    return healthyTrials(this.bench, policy, PARTS).map(({ scenario, events, rollouts }) => ({
      scenario,
      ratio: events / rollouts,
      estimator: 'counted',
    }));
  }
}
