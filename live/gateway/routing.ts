import { candidateBelow, mix32, routingPoint } from '../../split.ts';
import { BASELINE, CANDIDATE } from './options.ts';
import type { Upstream } from './upstream.ts';

/**
 * Where requests go. Never changed, only replaced by one assignment: a request reads the table once, so after the swap no
 * new request sees the old one (INV-8).
 */
export interface RoutingTable {
  readonly weightPercent: number;
  readonly mirrorPercent: number;
  /** Points of the routing circle below these go to the candidate, or are copied to it (see split.ts). */
  readonly candidateBelow: number;
  readonly mirrorBelow: number;
  /** By segment number, 1 where requests are shared out and copied; null: everywhere. */
  readonly open: Uint8Array | null;
  /** Upstreams by arm, in rotation or not. */
  readonly upstreams: readonly [readonly Upstream[], readonly Upstream[]];
}

export const EMPTY_TABLE: RoutingTable = {
  weightPercent: 0,
  mirrorPercent: 0,
  candidateBelow: 0,
  mirrorBelow: 0,
  open: null,
  upstreams: [[], []],
};

/** The table with another split; percentages as in RouteChange, `open` as in the table. */
export const withSplit = (
  table: RoutingTable,
  weightPercent: number,
  mirrorPercent: number,
  open: RoutingTable['open'] = table.open,
): RoutingTable => ({
  ...table,
  open,
  weightPercent,
  mirrorPercent,
  candidateBelow: candidateBelow(weightPercent),
  mirrorBelow: candidateBelow(mirrorPercent),
});

/** The table with other upstreams for one arm. */
export const withUpstreams = (table: RoutingTable, arm: number, upstreams: readonly Upstream[]): RoutingTable => ({
  ...table,
  upstreams: arm === BASELINE ? [upstreams, table.upstreams[CANDIDATE]] : [table.upstreams[BASELINE], upstreams],
});

/** May requests of this segment meet the candidate at all? */
export const isOpen = ({ open }: Pick<RoutingTable, 'open'>, segment: number): boolean =>
  open === null || open[segment] === 1;

/** The arm that serves a user; the simulator's rule (sim/engine.ts). */
export const armOf = (table: RoutingTable, user: number, salt: number): number =>
  table.candidateBelow > 0 && routingPoint(user, salt) < table.candidateBelow ? CANDIDATE : BASELINE;

/** Is a request that the baseline serves copied to the candidate? */
export const isMirrored = (table: RoutingTable, number: number, salt: number): boolean =>
  table.mirrorPercent === 100 || (table.mirrorPercent > 0 && mix32(number ^ salt) < table.mirrorBelow);
