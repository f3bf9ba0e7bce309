/** The fixture's decisions.jsonl. */
import seedrandom from 'seedrandom';
import type { Decision, GuardVerdict } from '../../controller/decision.ts';
import type { Guard } from '../../controller/policy.ts';
import type { LogLine } from '../../outcome.ts';
import { DECIDED, END, GUARDS, type Kind, MINUTE, POLICY, tailFactor, weightAt } from './fixture-policy.ts';
import { outcomeStages, SENTENCES, STEPS } from './fixture-outcome.ts';

export function log(kind: Kind, everyMs: number): LogLine[] {
  if (kind === 'refused')
    return [
      decision(
        0,
        'refuse',
        'shadow',
        null,
        'refused: the candidate needs feature trip_distance, which the baseline lacks',
      ),
    ];
  const draw = seedrandom.alea('log');
  const until = kind === 'rolled-back' ? DECIDED : kind === 'paused' ? 270 * MINUTE : END;
  const lines: LogLine[] = [];
  const streak = new Map<string, number>();
  for (let t = everyMs; t <= until; t += everyMs) {
    const at = POLICY.stages.find((s) => s.weightPercent === weightAt(kind, t - 1))!.name;
    for (const g of GUARDS) lines.push({ type: 'verdict', ...verdict(kind, g, at, t, everyMs, streak, draw) });
  }
  const stages = outcomeStages(kind).map((s) =>
    decision(
      s.startMs,
      'start-stage',
      s.name,
      null,
      `started ${s.name} at ${s.weightPercent} %: all required guards passed`,
    ),
  );
  return [...faults(kind), ...lines, ...stages, ...endings(kind)];
}

function verdict(
  kind: Kind,
  g: Guard,
  at: string,
  t: number,
  everyMs: number,
  streak: Map<string, number>,
  draw: () => number,
): GuardVerdict {
  const noise = draw() - 0.5;
  const reference = { 'score-median': 12.4, 'click-through': 0.113 }[g.name] ?? null;
  const value = {
    'latency-p95': 36 * tailFactor(kind, t) + 3 * noise,
    'feature-fetch-p99': (t > 200 * MINUTE && t < 214 * MINUTE ? 41 : 18) + 4 * noise,
    'error-ratio': 0.001 + 0.0008 * noise,
    'score-median': 12.4 * (1.004 + 0.006 * noise + (kind === 'paused' && t > 240 * MINUTE ? 0.028 : 0)),
    'click-through': 0.113 * (1.01 + 0.09 * noise),
  }[g.name]!;
  const base = {
    guard: g.name,
    stage: at,
    atMs: t,
    reference,
    threshold: g.bound?.kind === 'absolute' ? g.bound.value : g.bound!.by,
  };
  if (g.name === 'click-through' && t < 150 * MINUTE)
    return {
      ...base,
      verdict: 'inconclusive',
      value: null,
      reference: null,
      samples: 0,
      sustainedMs: 0,
      because: 'no outcomes yet',
    };
  const change = reference === null ? 0 : value / reference - 1;
  const over =
    g.bound?.kind === 'absolute'
      ? value > g.bound.value
      : g.name === 'click-through'
        ? change < -0.05
        : Math.abs(change) > 0.02;
  const sustainedMs = over ? (streak.get(g.name) ?? 0) + everyMs : 0;
  streak.set(g.name, sustainedMs);
  const result = over && sustainedMs >= (g.sustained?.forMs ?? 0) ? 'breach' : over ? 'inconclusive' : 'pass';
  return {
    ...base,
    verdict: result,
    value,
    samples: 256,
    sustainedMs,
    because: `${value.toFixed(2)} over the last minute`,
  };
}

const decision = (atMs: number, kind: Decision['kind'], at: string, by: string | null, sentence: string): LogLine => ({
  type: 'decision',
  atMs,
  kind,
  stage: at,
  guard: by,
  sentence,
});

const fault = (name: string, kind: string, arm: string | null, start: number, end: number): LogLine => ({
  type: 'fault',
  name,
  kind,
  arm,
  startMs: start * MINUTE,
  endMs: end * MINUTE,
});

function faults(kind: Kind): LogLine[] {
  const common = [
    fault('cold cache', 'cold-cache', 'candidate', 120, 123),
    fault('slow feature store', 'feature-delay', null, 200, 214),
  ];
  return kind === 'rolled-back' ? [...common, fault('slow tail', 'upstream-brownout', 'candidate', 318, 390)] : common;
}

function endings(kind: Kind): LogLine[] {
  const alert = decision(358 * MINUTE, 'alert', 'half', 'click-through', 'alert: click-through dropped 5.4 % < 5 %');
  if (kind === 'rolled-back')
    return [
      alert,
      decision(DECIDED, 'roll-back', 'half', 'latency-p95', SENTENCES[kind]),
      ...STEPS.map((s) => decision(s.startMs, 'rollback-step', 'half', null, `began ${s.name}`)),
    ];
  if (kind === 'paused') return [decision(270 * MINUTE, 'pause', 'canary-5', 'score-median', SENTENCES[kind])];
  return [decision(END, 'promote', 'full', null, SENTENCES[kind])];
}
