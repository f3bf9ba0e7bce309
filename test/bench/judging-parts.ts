/** Window-level rollouts and policies for the judging benchmark: 120 evaluation windows of one minute at 5 % of 10M requests in 2 h. */
import type { Guard, Policy } from '../../controller/policy.ts';
import { Stream } from '../../sim/random.ts';
import { type Channel, channelOf, type Counter } from '../../tuning/fast/channel.ts';
import type { Grid } from '../../tuning/fast/grid.ts';
import type { Quantiles } from '../../tuning/fast/quantiles.ts';

const WINDOWS = 120;
const MINUTE = 60_000;
const PER_WINDOW: Readonly<Record<'baseline' | 'candidate', number>> = { baseline: 79_166, candidate: 4_167 };
const SLOW = { thresholdMs: 50, operator: '>' } as const;

/** A rollout as counts per window alone: what thousands of policies are judged on. */
class DrawnGrid implements Grid {
  readonly evaluations: number = WINDOWS;
  readonly endMs: number = WINDOWS * MINUTE;
  readonly trafficEnded: boolean = false;
  readonly incompatible: boolean = false;
  private readonly prefixes: (Float64Array | undefined)[] = [];

  set(channel: Channel, counts: (t: number) => number): void {
    const sums = new Float64Array(WINDOWS + 1);
    for (let t = 0; t < WINDOWS; t++) sums[t + 1] = sums[t]! + counts(t);
    this.prefixes[channel.id] = sums;
  }

  prefix(channel: Channel): Float64Array {
    return this.prefixes[channel.id]!;
  }

  quantiles(): Quantiles {
    throw new RangeError('got a guard on a histogram, expected counts alone');
  }
}

/** A rollout without any difference between the arms: errors 0.05 %, 4.5 % slow, 5 % clicks. */
export function drawGrid(seed: number): Grid {
  const random = new Stream(`${seed}/judging`);
  const near = (mean: number): number => {
    const z = random.next() + random.next() + random.next() - 1.5;
    return Math.max(0, Math.round(mean + 2 * z * Math.sqrt(mean)));
  };
  const grid = new DrawnGrid();
  for (const arm of ['baseline', 'candidate'] as const) {
    const n = PER_WINDOW[arm];
    const set = (counter: Counter, counts: () => number): void => grid.set(channelOf(arm, 'all', counter), counts);
    for (const counter of ['arrived', 'requests', 'impressions'] as const) set(counter, () => n);
    set('arrivedMirrored', () => 0);
    set('errors', () => near(n * 0.0005));
    set(SLOW, () => near(n * 0.045));
    set('outcomes', () => near(n * 0.05));
  }
  return grid;
}

const guardOf = (changes: Pick<Guard, 'name' | 'metric' | 'bound' | 'sustained'> & Partial<Guard>): Guard => ({
  description: null,
  test: null,
  delayMs: 0,
  action: 'roll-back',
  stages: ['canary'],
  segment: 'all',
  requiredToAdvance: true,
  minSamples: 100,
  minPositives: 0,
  carryOver: false,
  ...changes,
});

/** Three guards each, of all three kinds (pooled ratio, consecutive quantile, relative), no two policies with one in common. */
export function drawPolicies(count: number): readonly Policy[] {
  const random = new Stream('policies');
  const between = (low: number, high: number): number => Number((low + (high - low) * random.next()).toPrecision(6));
  const minutes = (low: number, high: number): number => Math.round(between(low, high)) * MINUTE;
  return Array.from(
    { length: count },
    (_, i): Policy => ({
      name: `policy-${i}`,
      description: null,
      dialect: 'coalmine',
      evaluateEveryMs: MINUTE,
      maxGap: 5,
      coverage: 0.8,
      requireCompatibleSchemas: true,
      stages: [
        {
          name: 'canary',
          weightPercent: 5,
          mirrorPercent: 0,
          controlPercent: 0,
          holdMs: WINDOWS * MINUTE,
          extendMs: 0,
        },
        { name: 'full', weightPercent: 100, mirrorPercent: 0, controlPercent: 0, holdMs: 0, extendMs: 0 },
      ],
      guards: [
        guardOf({
          name: 'errors',
          metric: { kind: 'error-ratio' },
          bound: { kind: 'absolute', breachWhen: '>', value: between(0.0006, 0.002) },
          sustained: { forMs: minutes(5, 30), reading: 'pooled' },
        }),
        guardOf({
          name: 'p95',
          metric: { kind: 'latency', quantile: between(0.94, 0.96) },
          bound: { kind: 'absolute', breachWhen: '>', value: SLOW.thresholdMs },
          sustained: { forMs: minutes(3, 15), reading: 'every' },
        }),
        guardOf({
          name: 'clicks',
          metric: { kind: 'outcome-ratio' },
          bound: { kind: 'relative', to: 'baseline', direction: 'drop', by: between(0.02, 0.08) },
          sustained: { forMs: minutes(15, 30), reading: 'pooled' },
        }),
      ],
      rollback: { deadlineMs: 2 * MINUTE, preWarm: false, verifyMs: 10_000 },
    }),
  );
}
