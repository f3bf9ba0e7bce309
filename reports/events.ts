/** What happened, as labelled instants of the timeline: most important kept when there are too many. */
import { duration } from './format.ts';
import { isDecision, isFault } from './guard-log.ts';
import type { RunData } from './run-data.ts';

export interface Event {
  readonly atMs: number;
  readonly kind: 'decision' | 'alert' | 'onset' | 'fault';
  readonly text: string;
}

const MOST_EVENTS = 14;
const ORDER: readonly Event['kind'][] = ['onset', 'decision', 'fault', 'alert'];

export function events(run: RunData): Event[] {
  const all = [...onset(run), ...decisions(run), ...faults(run), ...alerts(run)];
  const kept = all
    .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.atMs - b.atMs)
    .slice(0, MOST_EVENTS);
  return kept.sort((a, b) => a.atMs - b.atMs);
}

function onset({ outcome: { truth } }: RunData): Event[] {
  if (truth.onsetMs === null) return [];
  return [
    {
      atMs: truth.onsetMs,
      kind: 'onset',
      text: `onset of the regression${truth.cause === null ? '' : ` (${truth.cause})`}`,
    },
  ];
}

/** Beginnings of stages have their own row, and the rollback's steps their own chart. */
function decisions({ log, outcome }: RunData): Event[] {
  const words = {
    promote: 'promoted',
    pause: 'paused',
    refuse: 'refused',
    'roll-back': 'rolled back',
    extend: 'extended',
  };
  const ends = log.filter(isDecision).flatMap((d): Event[] => {
    if (!(d.kind in words)) return [];
    const guard = d.guard === null ? '' : `: ${d.guard}`;
    return [{ atMs: d.atMs, kind: 'decision', text: words[d.kind as keyof typeof words] + guard }];
  });
  const complete = outcome.rollback?.completeMs ?? null;
  if (complete === null || outcome.rollback === null) return ends;
  return [
    ...ends,
    {
      atMs: complete,
      kind: 'decision',
      text: `rollback complete after ${duration(complete - outcome.rollback.decidedAtMs)}`,
    },
  ];
}

const faults = ({ log }: RunData): Event[] =>
  log
    .filter(isFault)
    .map((f) => ({ atMs: f.startMs, kind: 'fault', text: `${f.name}${f.arm === null ? '' : ` (${f.arm})`}` }));

/** One label per guard: its first alert, and how often it came back. */
function alerts({ outcome }: RunData): Event[] {
  const byGuard = Map.groupBy(outcome.alerts, (alert) => alert.guard);
  return [...byGuard].map(([guard, list]) => ({
    atMs: list[0]!.atMs,
    kind: 'alert',
    text: `alert: ${guard}${list.length > 1 ? ` (${list.length} times)` : ''}`,
  }));
}
