/**
 * What must hold for the requests of every run, as plain functions over records. Each gives null, or one sentence with
 * the place and the numbers. Times in any one unit; records in the order of their dispatch.
 */
import type { Batch } from '../theory/batch.ts';
import { T_39, estimate } from '../theory/stats.ts';

export type Requests = Pick<
  Batch,
  'size' | 'arm' | 'replica' | 'status' | 'arrival' | 'queued' | 'start' | 'finish' | 'done'
>;

export const COMPLETED = 0;
export const FAILED = 1;
export const REJECTED = 2;
export const TIMED_OUT = 3;
const STATUS = ['completed', 'failed', 'rejected', 'timed out'] as const;

const describe = (r: Requests, i: number): string =>
  `request ${i} (${STATUS[r.status[i]!]}, arm ${r.arm[i]}, replica ${r.replica[i]}): arrived ${r.arrival[i]}, queued ${r.queued[i]}, ` +
  `start ${r.start[i]}, finish ${r.finish[i]}, done ${r.done[i]}`;

/** Whether the request held a slot from start to finish. */
const served = (r: Requests, i: number): boolean => r.finish[i]! > r.start[i]!;

export interface Limits {
  readonly queueTimeout: number;
  readonly timeout: number;
}

/** INV-2: arrival ≤ queued ≤ start ≤ finish, and no timeout later than its limit. `limits` by arm. */
export function causality(r: Requests, limits: readonly Limits[]): string | null {
  for (let i = 0; i < r.size; i++) {
    const { queueTimeout, timeout } = limits[r.arm[i]!]!;
    const arrival = r.arrival[i]!;
    const ordered = arrival <= r.queued[i]! && r.queued[i]! <= r.start[i]! && r.start[i]! <= r.finish[i]!;
    if (!ordered || r.done[i]! < arrival) return `INV-2 causality: ${describe(r, i)}`;
    if (r.status[i] === TIMED_OUT) {
      const leaves = served(r, i) ? Number.POSITIVE_INFINITY : r.queued[i]! + queueTimeout;
      // The limit was added once: a few units in the last place.
      const limit = Math.min(leaves, arrival + timeout) * (1 + 1e-12);
      if (r.done[i]! > limit) return `INV-2 causality: later than the limit ${limit}: ${describe(r, i)}`;
    } else if (r.done[i] !== r.finish[i]) return `INV-2 causality: ended, but not known then: ${describe(r, i)}`;
    if (r.start[i]! - r.queued[i]! > queueTimeout * (1 + 1e-9) + 1e-6)
      return `INV-2 causality: waited longer than ${queueTimeout}: ${describe(r, i)}`;
  }
  return null;
}

/** Record numbers of each station (arm and replica), in order of dispatch. */
export function stations(r: Requests): Map<string, number[]> {
  const byStation = new Map<string, number[]>();
  for (let i = 0; i < r.size; i++) {
    if (r.replica[i]! < 0) continue;
    const name = `arm ${r.arm[i]}, replica ${r.replica[i]}`;
    const list = byStation.get(name);
    if (list === undefined) byStation.set(name, [i]);
    else list.push(i);
  }
  return byStation;
}

const FINISH = 0;
const LEAVE = 1;
const START = 2;
const QUEUE = 3;

/**
 * INV-4: never more in service than slots; INV-5: nobody waits while a slot is idle. By brute force: all starts, finishes and
 * waits of a station in order of time; what holds between two instants is looked at. `slots` by arm.
 */
export function slotsAndWork(r: Requests, slots: readonly number[]): string | null {
  for (const [station, list] of stations(r)) {
    const events: [time: number, kind: number][] = [];
    for (const i of list) {
      const waits = r.start[i]! > r.queued[i]!;
      if (waits) events.push([r.queued[i]!, QUEUE], [r.start[i]!, LEAVE]);
      if (served(r, i)) events.push([r.start[i]!, START], [r.finish[i]!, FINISH]);
    }
    events.sort(([a], [b]) => a - b);
    const limit = slots[r.arm[list[0]!]!]!;
    let busy = 0;
    let waiting = 0;
    for (const [k, [time, kind]] of events.entries()) {
      busy += kind === START ? 1 : kind === FINISH ? -1 : 0;
      waiting += kind === QUEUE ? 1 : kind === LEAVE ? -1 : 0;
      if (events[k + 1]?.[0] === time) continue;
      if (busy > limit) return `INV-4 capacity: ${station} at ${time}: ${busy} in service on ${limit} slots`;
      if (waiting > 0 && busy < limit)
        return `INV-5 work conservation: ${station} at ${time}: ${waiting} wait while ${busy} of ${limit} slots are busy`;
    }
  }
  return null;
}

/** INV-5, the other half: every start is max(queued, earliest free slot), to the bit. */
export function earliestStart(r: Requests, slots: readonly number[]): string | null {
  for (const [station, list] of stations(r)) {
    const free = Array.from({ length: slots[r.arm[list[0]!]!]! }, () => 0);
    for (const i of list) {
      if (!served(r, i)) continue;
      const earliest = Math.min(...free);
      const expected = Math.max(r.queued[i]!, earliest);
      if (r.start[i] !== expected)
        return `INV-5 work conservation: ${station}: a slot is free at ${earliest}: ${describe(r, i)}`;
      free[free.indexOf(earliest)] = r.finish[i]!;
    }
  }
  return null;
}

/** FIFO: on one station starts are in the order of queueing. */
export function fifo(r: Requests): string | null {
  for (const [station, list] of stations(r)) {
    let previous = -1;
    for (const i of list.filter((each) => served(r, each)).sort((a, b) => r.queued[a]! - r.queued[b]! || a - b)) {
      if (previous >= 0 && r.start[i]! < r.start[previous]!)
        return `FIFO: ${station}: ${describe(r, i)} overtook ${describe(r, previous)}`;
      previous = i;
    }
  }
  return null;
}

/** Flow balance: with one slot, requests leave a station in the order in which they came. */
export function departures(r: Requests): string | null {
  for (const [station, list] of stations(r)) {
    const order = list.filter((i) => served(r, i));
    for (const [k, i] of order.entries()) {
      const before = order[k - 1];
      if (before !== undefined && r.finish[i]! < r.finish[before]!)
        return `flow balance: ${station}: ${describe(r, i)} left before ${describe(r, before)}`;
    }
  }
  return null;
}

/** ∫N(t)dt over [0, T] of stays [from, to), by adding up rectangles between the instants at which N changes. */
export function areaUnder(stays: readonly (readonly [from: number, to: number])[], end: number): number {
  const enter = Float64Array.from(stays, ([from]) => from).sort();
  const leave = Float64Array.from(stays, ([, to]) => to).sort();
  let area = 0;
  let n = 0;
  let time = 0;
  for (let i = 0, j = 0; ; ) {
    const next = Math.min(enter[i] ?? Number.POSITIVE_INFINITY, leave[j] ?? Number.POSITIVE_INFINITY, end);
    area += n * (next - time);
    time = next;
    if (time >= end) return area;
    if (enter[i] === time) {
      n++;
      i++;
    } else {
      n--;
      j++;
    }
  }
}

/** Little's law as an identity with its edges: the area under N against the sum of stays cut at 0 and T, relative 1e-9. */
export function littlesLaw(
  what: string,
  area: number,
  stays: readonly (readonly [number, number])[],
  end: number,
): string | null {
  const sum = stays.reduce((total, [from, to]) => total + Math.max(0, Math.min(to, end) - Math.max(from, 0)), 0);
  if (Math.abs(area - sum) <= 1e-9 * Math.max(sum, 1)) return null;
  return `Little's law: ${what}: the area under N is ${area}, the stays sum to ${sum}, to time ${end}`;
}

/** Utilisation law: busy time of all slots against the service inside [0, T], relative 1e-9. */
export function utilisationLaw(r: Requests, arm: number, busy: number, end: number): string | null {
  let sum = 0;
  for (let i = 0; i < r.size; i++)
    if (r.arm[i] === arm) sum += Math.max(0, Math.min(r.finish[i]!, end) - Math.min(r.start[i]!, end));
  if (Math.abs(busy - sum) <= 1e-9 * Math.max(sum, 1)) return null;
  return `utilisation law: arm ${arm}: slots were busy for ${busy}, requests were served for ${sum}, to time ${end}`;
}

/**
 * PASTA, paired by batch: the share of arrivals that find all slots busy, less the share of time they are. Zero for Poisson
 * arrivals. One station, nobody turned away.
 */
export function pasta(r: Requests, slots: number, batches = 40): string | null {
  const starts = r.start.slice(0, r.size).sort();
  const finishes = r.finish.slice(0, r.size).sort();
  const size = Math.floor(r.size / (batches + 1));
  // The last batch's end is an arrival as well.
  const edges = Array.from({ length: batches + 1 }, (_, b) => r.queued[b * size]!);
  const full = new Float64Array(batches);
  let busy = 0;
  let time = 0;
  let batch = -1;
  for (let i = 0, j = 0; i < r.size; ) {
    const edge = edges[batch + 1] ?? Number.POSITIVE_INFINITY;
    const next = Math.min(starts[i]!, finishes[j]!, edge);
    if (busy === slots && batch >= 0 && batch < batches) full[batch]! += next - time;
    time = next;
    if (edge === next) batch++;
    else if (finishes[j] === next) {
      busy--;
      j++;
    } else {
      busy++;
      i++;
    }
  }
  const differences = Array.from({ length: batches }, (_, b) => {
    let found = 0;
    for (let i = b * size; i < (b + 1) * size; i++) if (r.start[i]! > r.queued[i]!) found++;
    return [found / size - full[b]! / (edges[b + 1]! - edges[b]!), 1] as const;
  });
  const { mean, standardError } = estimate(differences);
  const halfWidth = T_39 * standardError;
  if (Math.abs(mean) <= halfWidth) return null;
  return `PASTA: arrivals find all slots busy ${mean.toFixed(4)} more often than time does, ± ${halfWidth.toFixed(4)}`;
}

/** Pairing: both copies of every mirrored request carry one arrival, and the windows' sum of the slower answers is theirs. */
export function pairing(pairs: readonly (readonly [b: Answer, c: Answer])[], slowerSum: number): string | null {
  let sum = 0;
  for (const [k, [b, c]] of pairs.entries()) {
    if (b.arrival !== c.arrival)
      return `pairing: pair ${k} joins requests that arrived at ${b.arrival} and ${c.arrival}`;
    sum += Math.max(b.done, c.done) - b.arrival;
  }
  if (Math.abs(sum - slowerSum) <= 1e-9 * Math.max(sum, 1)) return null;
  return `pairing: the slower answers of ${pairs.length} pairs sum to ${sum}, the windows say ${slowerSum}`;
}

export interface Answer {
  readonly arrival: number;
  readonly done: number;
}
