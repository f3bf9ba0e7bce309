import type { Content } from '../../models/content.ts';
import type { ArmSpec, Balancer, Outcomes, Scenario } from '../../scenarios/scenario.ts';
import { hashText } from '../../split.ts';
import type { WindowHeader } from '../../telemetry/window.ts';

/** The arms a gateway serves, in the order of their numbers. */
export const GATEWAY_ARMS = ['baseline', 'candidate'] as const;
export type GatewayArm = (typeof GATEWAY_ARMS)[number];
export const BASELINE = 0;
export const CANDIDATE = 1;

export interface ArmOptions {
  readonly balancer: Balancer;
  /** The caller is answered 504 this long after its last byte was received; Infinity = never. Copies are given up likewise. */
  readonly timeoutMs: number;
}

/** How labels are made of answers. Mirrored copies have none. */
export type LabelOptions =
  | { readonly kind: 'none' }
  /** Accepted when |score − actual[row]| ≤ tolerance. */
  | { readonly kind: 'acceptance'; readonly actual: Float32Array; readonly tolerance: number }
  /** Positive with a probability by arm; a pure function of seed and request number. */
  | { readonly kind: 'bernoulli'; readonly baseline: number; readonly candidate: number };

/** When an upstream is taken out of rotation, and how it comes back: by a probe that answers 200. */
export interface HealthOptions {
  /** `GET /v2/health/ready` is asked this often of every upstream. */
  readonly everyMs: number;
  /** A probe that takes longer has failed. */
  readonly timeoutMs: number;
  /** Probes failed in a row, or connections lost in a row, that take an upstream out. A refused connection does at once. */
  readonly failures: number;
}

/** What a gateway needs to know for good; everything that changes during a rehearsal is told later. */
export interface GatewayOptions {
  readonly seed: number;
  /** Salt of the split (see split.ts). */
  readonly salt: number;
  readonly arms: Readonly<Record<GatewayArm, ArmOptions>>;
  readonly windowMs: number;
  readonly thresholds: WindowHeader['thresholds'];
  readonly scoreGrid: WindowHeader['scoreGrid'];
  /** Names of the segments that are counted apart; empty: requests are not segmented. */
  readonly segments: readonly string[];
  /** Segment number of every content row; null when requests are not segmented. */
  readonly segmentOfRow: Uint8Array | null;
  readonly labels: LabelOptions;
  readonly labelDelayMs: number;
  readonly shadowTolerance: Scenario['shadowTolerance'];
  /** Copies under way at once; a copy beyond that is dropped and counted. */
  readonly mirrorInFlightLimit: number;
  readonly health: HealthOptions;
  /** Where the times of every answer go when the gateway stops; null: they are not kept. */
  readonly samplesFile: string | null;
}

/** Copies under way that a gateway allows unless told otherwise. */
export const MIRROR_IN_FLIGHT_LIMIT = 256;
export const HEALTH: HealthOptions = { everyMs: 1000, timeoutMs: 1000, failures: 2 };

/** The gateway of a scenario. `header` is the live world's window header, `content` its table (null without one). */
export function gatewayOptionsOf(
  scenario: Scenario,
  header: WindowHeader,
  content: Content | null,
  samplesFile: string | null = null,
): GatewayOptions {
  const { seed, windowMs, outcomes, shadowTolerance, arms } = scenario;
  const segments = header.segments.slice(1);
  return {
    seed,
    salt: hashText(`${seed}/split`),
    arms: { baseline: armOptionsOf(arms.baseline), candidate: armOptionsOf(arms.candidate) },
    windowMs,
    thresholds: header.thresholds,
    scoreGrid: header.scoreGrid,
    segments,
    segmentOfRow: segments.length === 0 || content === null ? null : content.segments,
    labels: labelOptionsOf(outcomes, content),
    labelDelayMs: outcomes.kind === 'none' ? 0 : outcomes.labelDelayMs,
    shadowTolerance,
    mirrorInFlightLimit: MIRROR_IN_FLIGHT_LIMIT,
    health: HEALTH,
    samplesFile,
  };
}

const armOptionsOf = ({ balancer, timeoutMs }: ArmSpec): ArmOptions => ({ balancer, timeoutMs });

function labelOptionsOf(outcomes: Outcomes, content: Content | null): LabelOptions {
  if (outcomes.kind === 'bernoulli') {
    const { baseline, candidate } = outcomes;
    return { kind: 'bernoulli', baseline, candidate };
  }
  if (outcomes.kind !== 'acceptance' || content === null) return { kind: 'none' };
  return { kind: 'acceptance', actual: content.actual, tolerance: outcomes.tolerance };
}
