/** Turns a finished rehearsal into its outcome: what the policy did, whether it was right, how fast, and what it cost. */
import type { ControllerState, Decision, GuardVerdict, RollbackRecord } from './controller/decision.ts';
import { type Policy, segmentsIn } from './controller/policy.ts';
import { shortfallOf } from './controller/shortfall.ts';
import { percentilesOf, type Ledger } from './ledger.ts';
import type { LiveReport } from './live/live-report.ts';
import type { Classification, Outcome, StoreUse } from './outcome.ts';
import type { Expectation, Scenario, Truth } from './scenarios/scenario.ts';

/** Everything but digest, versions and timing, which the run itself adds. */
export type Conclusion = Omit<Outcome, 'digest' | 'coalmine' | 'node' | 'timing'>;

export interface Facts {
  readonly world: 'sim' | 'live';
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly policyHash: string;
  readonly state: ControllerState;
  readonly decisions: readonly Decision[];
  readonly ledger: Ledger | null;
  readonly endMs: number;
  /** What callers sent again, where they do. */
  readonly retries?: { readonly sent: number; readonly denied: number } | null;
  /** How busy a feature store with limited slots was. */
  readonly storeUse?: StoreUse | null;
  /** Of a live rehearsal that has really run. */
  readonly live?: LiveReport | null;
  /** Of a simulation with measured times. */
  readonly calibration?: Outcome['calibration'] | null;
}

export function conclude(facts: Facts): Conclusion {
  const { scenario, policy, state, ledger } = facts;
  if (state.verdict === 'running') throw new RangeError('got a running rollout, expected one that has ended');
  const { verdict } = state;
  const baseline = ledger?.arms.get('baseline') ?? null;
  const candidate = ledger?.arms.get('candidate') ?? null;
  const control = ledger?.arms.get('control') ?? null;
  const perArm = <T>(of: (arm: NonNullable<typeof baseline>) => T, none: T): { baseline: T; candidate: T } => ({
    baseline: baseline === null ? none : of(baseline),
    candidate: candidate === null ? none : of(candidate),
  });
  const served = perArm((arm) => arm.requests - arm.mirrored, 0);
  const hasShared = ledger?.hasShared ?? false;
  const sent = perArm((arm) => arm.arrived - arm.arrivedMirrored, 0);
  const onsetMs = scenario.truth.candidate === 'regressed' ? (scenario.truth.onsetMs ?? 0) : null;
  const live = facts.live ?? null;
  // What was decided on a run that is no measurement says nothing about the policy.
  const classification = live?.valid === false ? 'inconclusive' : classify(scenario.truth, verdict, state.decidedAtMs);
  return {
    schemaVersion: 1,
    world: facts.world,
    seed: scenario.seed,
    scenario: { name: scenario.name, file: scenario.file, hash: scenario.hash, timeScale: scenario.timeScale },
    policy: { name: policy.name, dialect: policy.dialect, hash: facts.policyHash },
    truth: { candidate: scenario.truth.candidate, onsetMs, cause: scenario.truth.cause },
    verdict,
    classification,
    decidedAtMs: state.decidedAtMs,
    explanation: state.explanation,
    guard: state.endedBy === null ? null : guardOf(policy, state.endedBy, stageMsOf(state)),
    detectionDelayMs:
      classification === 'true-rollback' && state.decidedAtMs !== null ? state.decidedAtMs - (onsetMs ?? 0) : null,
    rollback: state.rollback === null ? null : rollbackOf(state.rollback),
    harm: ledger?.harm.close() ?? { requestsToCandidate: 0, excessErrors: null, excessSlow: null, lostOutcomes: null },
    requests: {
      total: sent.baseline + sent.candidate + (control === null ? 0 : control.arrived - control.arrivedMirrored),
      mirrored: candidate?.arrivedMirrored ?? 0,
      byArm: { ...served, control: control === null ? 0 : control.requests - control.mirrored },
    },
    stages: state.stages.map((stage) => {
      const endMs = stage.endMs ?? facts.endMs;
      return {
        name: stage.name,
        weightPercent: stage.weightPercent,
        ...segmentsIn(stage),
        startMs: stage.startMs,
        endMs,
        requests: ledger?.servedBetween(stage.startMs, endMs) ?? 0,
      };
    }),
    latencyMs: perArm((arm) => percentilesOf(arm.times(hasShared).latency), NO_PERCENTILES),
    waitMs: perArm((arm) => percentilesOf(arm.times(hasShared).wait), NO_PERCENTILES),
    featureFetchMs: perArm((arm) => percentilesOf(arm.times(hasShared).featureFetch), NO_PERCENTILES),
    utilisation: perArm((arm) => arm.utilisation(), null as number | null),
    cacheHitRatio: perArm((arm) => arm.cacheHitRatio(), null as number | null),
    shadow: {
      ...(ledger?.shadow() ?? { compared: 0, scoreMedianShift: null, scoreMeanShift: null, mismatchRatio: null }),
      extraInferences: candidate?.mirrored ?? 0,
    },
    ...measuresOf(ledger),
    expectation: scenario.expect === null ? null : compare(scenario.expect, facts, onsetMs ?? 0),
    alerts: facts.decisions.flatMap((d) =>
      d.kind === 'alert' ? [{ atMs: d.atMs, guard: d.guard ?? '', message: d.sentence }] : [],
    ),
    ...(facts.retries == null || ledger === null
      ? {}
      : { retries: { ...facts.retries, ...loadOf(ledger, facts.endMs) } }),
    ...(facts.storeUse == null || ledger === null ? {} : { featureStore: storeOf(facts.storeUse, state.stages) }),
    ...(scenario.trap === undefined ? {} : { trap: scenario.trap }),
    ...(live === null ? {} : { live }),
    ...(facts.calibration == null ? {} : { calibration: facts.calibration }),
  };
}

/** The store's use by stage: the time its slots were taken, of all their time, in the windows that lie inside the stage. */
function storeOf(
  { slots, windowMs, busyUntilMs }: StoreUse,
  stages: ControllerState['stages'],
): NonNullable<Outcome['featureStore']> {
  const busyAt = (windows: number): number => (windows === 0 ? 0 : (busyUntilMs[windows - 1] ?? 0));
  return {
    slots,
    stages: stages.map(({ name, startMs, endMs }) => {
      const from = Math.ceil(startMs / windowMs - 1e-6);
      const to = Math.min(busyUntilMs.length, Math.floor((endMs ?? startMs) / windowMs + 1e-6));
      if (to <= from) return { name, utilisation: null };
      return { name, utilisation: (busyAt(to) - busyAt(from)) / ((to - from) * windowMs * slots) };
    }),
  };
}

/** What a run that measures something found; nothing of one that does not. */
function measuresOf(ledger: Ledger | null): Pick<Outcome, 'measures' | 'pairMeasures'> {
  const found = ledger?.measures.close() ?? null;
  return found === null ? {} : found;
}

const MINUTE_MS = 60_000;

/** Requests offered to the fleets and answered in time per second, over the whole run and its last minute. */
function loadOf(ledger: Ledger, endMs: number) {
  const lastMs = Math.min(endMs, MINUTE_MS);
  return {
    ...rates(ledger.loadBetween(0, endMs), endMs),
    lastMinute: rates(ledger.loadBetween(endMs - lastMs, endMs), lastMs),
  };
}

const rates = ({ offered, completed }: ReturnType<Ledger['loadBetween']>, ms: number) => ({
  offeredRps: offered / (ms / 1000),
  goodputRps: completed / (ms / 1000),
});

const NO_PERCENTILES = { mean: null, p50: null, p90: null, p95: null, p99: null, p999: null, max: null };

/**
 * Right or wrong, given the truth. Pausing asks a person: it neither releases a regression nor takes a healthy model back.
 * Refusing a regressed candidate stops it as surely as a rollback does. What is stopped before its onset was healthy then.
 */
export function classify(
  { candidate, onsetMs }: Pick<Truth, 'candidate' | 'onsetMs'>,
  verdict: Outcome['verdict'],
  decidedAtMs: number | null,
): Classification {
  if (verdict === 'paused') return 'inconclusive';
  if (verdict === 'promoted') return candidate === 'healthy' ? 'true-promotion' : 'missed-regression';
  return candidate === 'healthy' || (decidedAtMs ?? 0) < (onsetMs ?? 0) ? 'false-rollback' : 'true-rollback';
}

/** How long the stage in which the rollout ended has lasted. */
function stageMsOf({ stages, decidedAtMs }: ControllerState): number {
  return (decidedAtMs ?? 0) - (stages.at(-1)?.startMs ?? 0);
}

function guardOf(policy: Policy, verdict: GuardVerdict, stageMs: number): NonNullable<Outcome['guard']> {
  const guard = policy.guards.find(({ name }) => name === verdict.guard);
  const metric = guard?.metric;
  const needed = guard === undefined ? null : shortfallOf(guard, verdict, stageMs);
  return {
    name: verdict.guard,
    ...(verdict.segment === undefined ? {} : { segment: verdict.segment }),
    metric:
      metric === undefined
        ? 'requests'
        : metric.kind === 'measure'
          ? `mean ${metric.name}`
          : 'quantile' in metric
            ? `${metric.kind} p${Number((metric.quantile * 100).toPrecision(10))}`
            : metric.kind,
    arm: 'candidate',
    value: verdict.value,
    threshold: verdict.threshold,
    sustainedMs: verdict.sustainedMs,
    samples: verdict.samples,
    ...(needed === null ? {} : { needed }),
  };
}

function rollbackOf(record: RollbackRecord): NonNullable<Outcome['rollback']> {
  const { decidedAtMs, trafficOffMs, completeMs, deadlineMs, steps } = record;
  const withinDeadline = completeMs !== null && completeMs - decidedAtMs <= deadlineMs;
  return { decidedAtMs, trafficOffMs, completeMs, deadlineMs, withinDeadline, steps };
}

/** Whether the scenario's expectation came true, with every point in which it did not. */
function compare(
  expect: Expectation,
  { state, scenario, live }: Facts,
  onsetMs: number,
): NonNullable<Outcome['expectation']> {
  const misses = live?.valid === false ? [`the run is no measurement: ${live.reasons.join('; ')}`] : [];
  if (state.verdict !== expect.verdict) misses.push(`verdict is ${state.verdict}, expected ${expect.verdict}`);
  const guard = state.endedBy?.guard ?? null;
  if (expect.guard !== null && guard !== expect.guard)
    misses.push(`decided by ${guard ?? 'no guard'}, expected ${expect.guard}`);
  const { withinMs } = expect;
  const delayMs = (state.decidedAtMs ?? scenario.limitMs) - onsetMs;
  if (state.verdict === 'rolled-back' && delayMs < 0) misses.push('decided before the onset');
  if (withinMs !== null && delayMs > withinMs)
    misses.push(`decided ${delayMs} ms after the onset, expected within ${withinMs} ms`);
  const { rollback } = state;
  if (expect.rollback !== undefined && rollback !== null) {
    const { completeMs, deadlineMs, withinDeadline } = rollbackOf(rollback);
    if (withinDeadline !== (expect.rollback === 'in-time')) {
      const took = completeMs === null ? 'was left incomplete' : `took ${completeMs - rollback.decidedAtMs} ms`;
      misses.push(`the rollback ${took} with a deadline of ${deadlineMs} ms, expected it ${expect.rollback}`);
    }
  } else if (expect.rollback !== undefined)
    misses.push(`nothing was rolled back, expected a rollback ${expect.rollback}`);
  return { verdict: expect.verdict, guard: expect.guard, met: misses.length === 0, finding: expect.finding, misses };
}
