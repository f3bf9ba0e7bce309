/**
 * Times of the request in hand, ms, in one small array shared by the parts of the hot loop: a number with a fraction that is passed
 * to a function which is not inlined is put on the heap first, an array element is not.
 */
export type Registers = Float64Array;
export const newRegisters = (): Registers => new Float64Array(5);

/** The instant being simulated; for a dispatched request, when it joined its queue. */
export const NOW = 0;
/** When the request reached the router. */
export const ARRIVAL = 1;
/** When a slot starts on it, and has done with it. */
export const START = 2;
export const FINISH = 3;
/** When its outcome is known to the caller. */
export const DONE = 4;

/**
 * What a request is, in one integer: flags in bits 0–2, arm in 3–4, segment in 5–12, replica in 13–30.
 */
export const MIRRORED = 1;
export const WITHOUT_FEATURES = 2;
export const FROM_STORE = 4;
const ARM_SHIFT = 3;
const SEGMENT_SHIFT = 5;
const REPLICA_SHIFT = 13;

export const packed = (arm: number, segment: number, replica: number, flags: number): number =>
  flags | (arm << ARM_SHIFT) | (segment << SEGMENT_SHIFT) | (replica << REPLICA_SHIFT);
export const armOf = (kind: number): number => (kind >> ARM_SHIFT) & 3;
export const segmentOf = (kind: number): number => (kind >> SEGMENT_SHIFT) & 255;
export const replicaOf = (kind: number): number => kind >> REPLICA_SHIFT;
/** Arm and segment together: arms in order, each with `segments` cells. */
export const cellOf = (kind: number, segments: number): number => armOf(kind) * segments + segmentOf(kind);
