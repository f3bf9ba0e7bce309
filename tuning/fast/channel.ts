/** What can be counted of a rollout. Channels are interned: the same one is the same object, and its number finds it in an array. */
import type { Arm, LatencyThreshold } from '../../telemetry/window.ts';

export type Counter =
  | 'arrived'
  | 'arrivedMirrored'
  | 'requests'
  | 'errors'
  | 'impressions'
  | 'outcomes'
  | 'featuresMissing'
  | 'compared'
  | 'mismatches'
  | 'featureFetches'
  | 'predictions'
  /** Mirrored pairs whose predictions were compared. */
  | 'pairs'
  | LatencyThreshold;

export interface Channel {
  readonly id: number;
  readonly arm: Arm;
  readonly segment: string;
  readonly counter: Counter;
}

const channels = new Map<string, Channel>();

export function channelOf(arm: Arm, segment: string, counter: Counter): Channel {
  const name = typeof counter === 'string' ? counter : `${counter.operator}${counter.thresholdMs}`;
  const key = `${arm}/${name}/${segment}`;
  const known = channels.get(key);
  if (known !== undefined) return known;
  const channel = { id: channels.size, arm, segment, counter };
  channels.set(key, channel);
  return channel;
}
