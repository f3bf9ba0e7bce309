/** Chooses recordings for a page and packs them, up to a size. */
import { deflateRawSync } from 'node:zlib';
import type { Guard, Policy } from '../controller/policy.ts';
import { scalePolicy } from '../controller/scale-policy.ts';
import type { Provenance } from '../telemetry/provenance.ts';
import type { LatencyThreshold } from '../telemetry/window.ts';
import type { Judged } from '../tuning/judge.ts';
import { RecordedGrid } from '../tuning/fast/grid.ts';
import { isFast } from '../tuning/fast/judge.ts';
import { isOnSchedule, leadsAlike, scheduleOf } from '../tuning/schedule.ts';
import { encode, type PackedHead } from './codec.ts';
import { scaledFor } from './rejudge.ts';
import { countersOf, lengthsByGuard } from './settings.ts';
import { decidingPart } from './guards.ts';
import { seriesFor } from './packed-quantiles.ts';
import { thin } from './thin.ts';

export interface Packed {
  readonly recordings: readonly { readonly name: string; readonly head: PackedHead; readonly length: number }[];
  /** All of them, deflated together, in base64. */
  readonly base64: string;
  /** Recordings there was no room for. */
  readonly leftOut: number;
}

export interface Source {
  readonly name: string;
  readonly provenance: Provenance;
  /** Reads it whole; only asked when there is room left. */
  readonly read: () => Promise<Judged>;
}

/** Packs recordings one seed of every scenario after the other, until their deflated bytes reach `limitBytes`. At least one is packed. */
export async function pack(sources: readonly Source[], policy: Policy, limitBytes: number): Promise<Packed> {
  const counters = countersOf(policy);
  const kept: Packed['recordings'][number][] = [];
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const source of interleaved(sources)) {
    const recording = await source.read();
    const { head, bytes } = packOne(recording, policy, counters);
    // Of one alone: together they are never larger by more than a few bytes.
    const deflated = Math.ceil((deflateRawSync(bytes).length * 4) / 3) + JSON.stringify(head).length;
    if (kept.length > 0 && size + deflated > limitBytes) break;
    size += deflated;
    kept.push({ name: source.name, head, length: bytes.length });
    parts.push(bytes);
  }
  const base64 = deflateRawSync(Buffer.concat(parts), { level: 9 }).toString('base64');
  return { recordings: kept, base64, leftOut: sources.length - kept.length };
}

/** Histograms only where `decide` has to read them: of guards that a test decides, and of recordings that end early. */
export function packOne(
  recording: Judged,
  policy: Policy,
  counters: readonly LatencyThreshold[],
): { head: PackedHead; bytes: Uint8Array } {
  const scaled = decidingPart(scaledFor(policy, recording));
  const isQuick = isFast(scaled) && isOnSchedule(scaled, recording.provenance);
  const slim = thin(recording, scaled, counters, !isQuick);
  if (!isQuick) return encode(slim);
  const { timeScale } = recording.provenance.scenario;
  const lengths = lengthsByGuard(policy);
  const grid = new RecordedGrid(recording, scaled.evaluateEveryMs);
  // A guard on each segment is called after the one it stands for.
  const lengthsOf = ({ name, segment }: Guard) =>
    lengths.get(name) ?? lengths.get(name.slice(0, -segment.length - 1)) ?? [];
  const series = seriesFor(scaled, (guard) => lengthsOf(guard).map((ms) => ms / timeScale));
  return encode(
    slim,
    series.map((each) => [each, grid.quantiles(each)] as const),
  );
}

/** First of each scenario, then the second of each. */
function interleaved(sources: readonly Source[]): readonly Source[] {
  const groups = [...Map.groupBy(sources, ({ provenance }) => provenance.scenario.name).values()];
  const longest = Math.max(0, ...groups.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => groups.flatMap((group) => group[i] ?? [])).flat();
}

/** Whether the traffic was led as the policy leads it, as far as the recording goes: else there is nothing to judge. */
export function followsSchedule(policy: Policy, recording: Pick<Judged, 'provenance'>): boolean {
  const { stages } = scheduleOf(scalePolicy(policy, recording.provenance.scenario.timeScale));
  return recording.provenance.stages.every((stage, i) => {
    const own = stages[i];
    return own !== undefined && leadsAlike(own, stage) && Math.abs(own.startMs - stage.startMs) < 1e-3;
  });
}
