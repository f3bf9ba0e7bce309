/** A made-up rollout of 390 minutes, the same at every call: windows, log and outcome for the report's tests. */
import seedrandom from 'seedrandom';
import type { Guard, Policy } from '../../controller/policy.ts';
import type { Decision, GuardVerdict } from '../../controller/decision.ts';
import type { FaultSpan, LogLine, Outcome } from '../../outcome.ts';
import type { RunData } from '../../reports/run-data.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import type { Arm, WindowHeader } from '../../telemetry/window.ts';
import { windowsOf } from './fixture-windows.ts';

export type Kind = 'rolled-back' | 'promoted' | 'paused' | 'refused';
export const MINUTE = 60_000;
export const END: number = 390 * MINUTE;
const ONSET = 318 * MINUTE;
const DECIDED = 372 * MINUTE;

const guard = (name: string, part: Partial<Guard> & Pick<Guard, 'metric' | 'bound' | 'action'>): Guard => ({
  name,
  description: null,
  sustained: { forMs: 15 * MINUTE, reading: 'every' },
  stages: null,
  segment: 'all',
  requiredToAdvance: part.action === 'hold',
  minSamples: 100,
  minPositives: 5,
  carryOver: false,
  ...part,
});

const GUARDS: readonly Guard[] = [
  guard('latency-p95', { metric: { kind: 'latency', quantile: 0.95 }, bound: { kind: 'absolute', breachWhen: '>', value: 50 }, action: 'roll-back' }),
  guard('feature-fetch-p99', { metric: { kind: 'feature-fetch', quantile: 0.99 }, bound: { kind: 'absolute', breachWhen: '>', value: 30 }, action: 'hold' }),
  guard('error-ratio', { metric: { kind: 'error-ratio' }, bound: { kind: 'absolute', breachWhen: '>', value: 0.01 }, action: 'roll-back' }),
  guard('score-median', { metric: { kind: 'score', quantile: 0.5 }, bound: { kind: 'relative', to: 'baseline', direction: 'either', by: 0.02 }, action: 'pause' }),
  guard('click-through', { metric: { kind: 'outcome-ratio' }, bound: { kind: 'relative', to: 'baseline', direction: 'drop', by: 0.05 }, action: 'alert', sustained: { forMs: 30 * MINUTE, reading: 'pooled' }, minSamples: 5000 }),
];

const stage = (name: string, weightPercent: number, mirrorPercent: number, holdMs: number): Policy['stages'][number] => ({ name, weightPercent, mirrorPercent, holdMs, extendMs: 30 * MINUTE });

export const POLICY: Policy = {
  name: 'seed',
  description: null,
  dialect: 'coalmine',
  evaluateEveryMs: MINUTE,
  maxGap: 3,
  coverage: 0.8,
  requireCompatibleSchemas: true,
  stages: [stage('shadow', 0, 100, 120 * MINUTE), stage('canary-1', 1, 0, 60 * MINUTE), stage('canary-5', 5, 0, 60 * MINUTE), stage('canary-25', 25, 0, 60 * MINUTE), stage('half', 50, 0, 60 * MINUTE), stage('full', 100, 0, 30 * MINUTE)],
  guards: GUARDS,
  rollback: { deadlineMs: 5 * MINUTE, preWarm: true, verifyMs: MINUTE },
};

const STARTS = [0, 120, 180, 240, 300, 360].map((m) => m * MINUTE);
const SHORT: readonly Kind[] = ['rolled-back', 'paused'];

/** Router's share of the candidate at an instant. */
export function weightAt(kind: Kind, ms: number): number {
  if (kind === 'rolled-back' && ms >= DECIDED) return 0;
  const reached = kind === 'paused' ? STARTS.slice(0, 3) : SHORT.includes(kind) ? STARTS.slice(0, 5) : STARTS;
  return POLICY.stages[reached.findLastIndex((start) => ms >= start)]!.weightPercent;
}

/** How much longer the candidate's tail is. */
export const tailFactor = (kind: Kind, ms: number): number =>
  kind === 'rolled-back' ? 1 + 0.9 * Math.min(1, Math.max(0, (ms - ONSET) / (25 * MINUTE))) : 1.04;

export const header = (windowMs: number): WindowHeader => ({
  windowMs,
  arms: ['baseline', 'candidate'],
  segments: ['all'],
  thresholds: [{ thresholdMs: 50, operator: '>' }],
  scoreGrid: { low: 0, high: 40, bins: 400 },
});

function log(kind: Kind): LogLine[] {
  if (kind === 'refused') return [decision(0, 'refuse', 'shadow', null, 'refused: the candidate needs feature trip_distance, which the baseline lacks')];
  const draw = seedrandom.alea('log');
  const until = kind === 'rolled-back' ? DECIDED : kind === 'paused' ? 270 * MINUTE : END;
  const lines: LogLine[] = [];
  const streak = new Map<string, number>();
  for (let t = MINUTE; t <= until; t += MINUTE) {
    const at = POLICY.stages.find((s) => s.weightPercent === weightAt(kind, t - 1))!.name;
    for (const g of GUARDS) lines.push({ type: 'verdict', ...verdict(kind, g, at, t, streak, draw) });
  }
  const stages = outcomeStages(kind).map((s) => decision(s.startMs, 'start-stage', s.name, null, `started ${s.name} at ${s.weightPercent} %: all required guards passed`));
  return [...faults(kind), ...lines, ...stages, ...endings(kind)];
}

function verdict(kind: Kind, g: Guard, at: string, t: number, streak: Map<string, number>, draw: () => number): GuardVerdict {
  const noise = draw() - 0.5;
  const reference = { 'score-median': 12.4, 'click-through': 0.113 }[g.name] ?? null;
  const value = {
    'latency-p95': 36 * tailFactor(kind, t) + 3 * noise,
    'feature-fetch-p99': (t > 200 * MINUTE && t < 214 * MINUTE ? 41 : 18) + 4 * noise,
    'error-ratio': 0.001 + 0.0008 * noise,
    'score-median': 12.4 * (1.004 + 0.006 * noise + (kind === 'paused' && t > 240 * MINUTE ? 0.028 : 0)),
    'click-through': 0.113 * (1.01 + 0.09 * noise),
  }[g.name]!;
  const base = { guard: g.name, stage: at, atMs: t, reference, threshold: g.bound?.kind === 'absolute' ? g.bound.value : g.bound!.by };
  if (g.name === 'click-through' && t < 150 * MINUTE) return { ...base, verdict: 'inconclusive', value: null, reference: null, samples: 0, sustainedMs: 0, because: 'no outcomes yet' };
  const change = reference === null ? 0 : value / reference - 1;
  const over = g.bound?.kind === 'absolute' ? value > g.bound.value : g.name === 'click-through' ? change < -0.05 : Math.abs(change) > 0.02;
  const sustainedMs = over ? (streak.get(g.name) ?? 0) + MINUTE : 0;
  streak.set(g.name, sustainedMs);
  const result = over && sustainedMs >= g.sustained.forMs ? 'breach' : over ? 'inconclusive' : 'pass';
  return { ...base, verdict: result, value, samples: 256, sustainedMs, because: `${value.toFixed(2)} over the last minute` };
}

const decision = (atMs: number, kind: Decision['kind'], at: string, by: string | null, sentence: string): LogLine => ({ type: 'decision', atMs, kind, stage: at, guard: by, sentence });

function faults(kind: Kind): LogLine[] {
  const fault = (name: string, faultKind: string, arm: string | null, start: number, end: number): LogLine => ({ type: 'fault', ...({ name, kind: faultKind, arm, startMs: start * MINUTE, endMs: end * MINUTE } satisfies FaultSpan) });
  const common = [fault('cold cache', 'cold-cache', 'candidate', 120, 123), fault('slow feature store', 'feature-delay', null, 200, 214)];
  return kind === 'rolled-back' ? [...common, fault('slow tail', 'upstream-brownout', 'candidate', 318, 390)] : common;
}

const SENTENCES: Readonly<Record<Kind, string>> = {
  'rolled-back': 'rolled back: latency p95 68.2 ms > 50 ms for 15m, n = 95,412',
  paused: 'paused: score median moved +3.2 % against baseline for 15m, bound 2 %',
  promoted: 'promoted: all 6 stages held, every required guard passed',
  refused: 'refused: the candidate needs feature trip_distance, which the baseline lacks',
};

function endings(kind: Kind): LogLine[] {
  const alert = decision(358 * MINUTE, 'alert', 'half', 'click-through', 'alert: click-through dropped 5.4 % < 5 %');
  if (kind === 'rolled-back')
    return [alert, decision(DECIDED, 'roll-back', 'half', 'latency-p95', SENTENCES[kind]), ...STEPS.map((s) => decision(s.startMs, 'rollback-step', 'half', null, `began ${s.name}`))];
  if (kind === 'paused') return [decision(270 * MINUTE, 'pause', 'canary-5', 'score-median', SENTENCES[kind])];
  return [decision(END, 'promote', 'full', null, SENTENCES[kind])];
}

const step = (name: string, from: number, to: number) => ({ name, startMs: DECIDED + from * 1000, endMs: DECIDED + to * 1000 });
const STEPS = [step('stop-mirror', 0, 0), step('load-baseline', 0, 38), step('shift-traffic', 38, 40), step('drain', 40, 47), step('pre-warm', 40, 92), step('verify', 92, 152)];

function outcomeStages(kind: Kind): Outcome['stages'] {
  const reached = { promoted: 6, 'rolled-back': 5, paused: 3, refused: 0 }[kind];
  const last = { promoted: END, 'rolled-back': DECIDED, paused: 270 * MINUTE, refused: 0 }[kind];
  return POLICY.stages.slice(0, reached).map((s, i) => ({
    name: s.name,
    weightPercent: s.weightPercent,
    startMs: STARTS[i]!,
    endMs: i === reached - 1 ? last : STARTS[i + 1]!,
    requests: Math.round((((i === reached - 1 ? last : STARTS[i + 1]!) - STARTS[i]!) / 1000) * 427),
  }));
}

function outcome(kind: Kind): Outcome {
  const none = { mean: null, p50: null, p90: null, p95: null, p99: null, p999: null, max: null };
  const times = (f: number) => (kind === 'refused' ? none : { mean: 12.1 * f, p50: 9.6 * f, p90: 24 * f, p95: 36.1 * f, p99: 71.4 * f, p999: 148 * f, max: 391.25 * f });
  const both = (b: number, c: number) => ({ baseline: times(b), candidate: times(c) });
  const or = <T>(value: T): T | null => (kind === 'refused' ? null : value);
  const byKind = {
    'rolled-back': { classification: 'true-rollback', decidedAtMs: DECIDED, truth: { candidate: 'regressed', onsetMs: ONSET, cause: 'slow tail' } },
    promoted: { classification: 'true-promotion', decidedAtMs: END, truth: { candidate: 'healthy', onsetMs: null, cause: null } },
    paused: { classification: 'inconclusive', decidedAtMs: 270 * MINUTE, truth: { candidate: 'healthy', onsetMs: null, cause: null } },
    refused: { classification: 'inconclusive', decidedAtMs: 0, truth: { candidate: 'regressed', onsetMs: null, cause: 'feature schema differs' } },
  } as const;
  return {
    schemaVersion: 1,
    coalmine: '0.1.0',
    node: 'v26.10.0',
    world: 'sim',
    seed: 42,
    digest: `sha256:${'5d41402abc4b2a76'.repeat(4)}`,
    scenario: { name: `made-up-${kind}`, file: 'scenarios/made-up.yaml', hash: `sha256:${'ab'.repeat(32)}`, timeScale: kind === 'paused' ? 60 : 1 },
    policy: { name: 'seed', dialect: 'coalmine', hash: `sha256:${'cd'.repeat(32)}` },
    ...byKind[kind],
    verdict: kind,
    explanation: SENTENCES[kind],
    guard: kind === 'rolled-back' ? { name: 'latency-p95', metric: 'latency p95', arm: 'candidate', value: 68.2, threshold: 50, sustainedMs: 15 * MINUTE, samples: 95_412 } : null,
    detectionDelayMs: kind === 'rolled-back' ? DECIDED - ONSET : null,
    rollback: kind === 'rolled-back' ? { decidedAtMs: DECIDED, trafficOffMs: DECIDED + 40_000, completeMs: DECIDED + 152_000, deadlineMs: 5 * MINUTE, withinDeadline: true, steps: STEPS } : null,
    harm: { requestsToCandidate: kind === 'refused' ? 0 : 1_402_331, excessErrors: or(-112), excessSlow: or(41_877), lostOutcomes: or(312) },
    requests: { total: kind === 'refused' ? 0 : 9_991_800, mirrored: kind === 'refused' ? 0 : 3_074_400, byArm: { baseline: kind === 'refused' ? 0 : 8_589_469, candidate: kind === 'refused' ? 0 : 4_476_731, control: 0 } },
    stages: outcomeStages(kind),
    latencyMs: both(1, kind === 'rolled-back' ? 1.31 : 1.03),
    waitMs: both(0.02, 0.05),
    featureFetchMs: both(0.2, 0.22),
    utilisation: { baseline: or(0.412), candidate: or(0.387) },
    cacheHitRatio: { baseline: or(0.942), candidate: or(0.917) },
    shadow: { compared: kind === 'refused' ? 0 : 3_071_002, scoreMedianShift: or(0.051), scoreMeanShift: or(0.0622), mismatchRatio: or(0.0143), extraInferences: kind === 'refused' ? 0 : 3_074_400 },
    expectation: { verdict: kind === 'paused' ? 'promoted' : kind, guard: kind === 'rolled-back' ? 'latency-p95' : null, met: kind !== 'paused', finding: kind === 'paused' ? 'the median is noisier than its bound when the schedule is compressed' : null, misses: kind === 'paused' ? ['verdict: expected promoted, got paused'] : [] },
    alerts: kind === 'rolled-back' ? [{ atMs: 358 * MINUTE, guard: 'click-through', message: 'click-through dropped 5.4 %' }] : [],
    timing: { wallMs: 5210, simulatedMs: kind === 'refused' ? 0 : END, requestsPerSecond: 1_917_000, peakRssMb: 312 },
  };
}

/** `windowMs` decides the size: 10 s gives 2,340 windows, 5 minutes a run small enough for golden files. */
export async function fixture(kind: Kind, windowMs: number): Promise<RunData> {
  await histogramsReady();
  const arms: readonly Arm[] = ['baseline', 'candidate'];
  const windows = kind === 'refused' ? [] : windowsOf(kind, windowMs, arms);
  return { outcome: outcome(kind), log: log(kind), policy: POLICY, header: header(windowMs), windows };
}
