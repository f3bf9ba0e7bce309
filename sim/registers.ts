/**
 * Times of the request in hand, ms, in one object shared by the parts of the hot loop: a number with a fraction that is passed to
 * a function which is not inlined is put on the heap first, a field is written in place.
 */
export class Registers {
  // Fields begin as fractions: one that first held a whole number would be kept in another way.
  /** The instant being simulated; for a dispatched request, when it joined its queue. */
  nowMs: number = Number.NaN;
  /** When the request reached the router. */
  arrivalMs: number = Number.NaN;
  /** When a slot starts on it, and has done with it. */
  startMs: number = Number.NaN;
  finishMs: number = Number.NaN;
  /** When its outcome is known to the caller. */
  doneMs: number = Number.NaN;
  /** Who sent it, in runs in which somebody asks. */
  user: number = 0;
}

/**
 * What a request is, in one integer: flags in bits 0–2, arm in 3–4, segment in 5–12, how often it was asked before in 13–14, replica in
 * 15–31 (signed).
 */
export const MIRRORED = 1;
export const WITHOUT_FEATURES = 2;
/** Its caller waits to ask again: it is in no arm. */
export const WAITING_TO_RETRY = 4;
const ARM_SHIFT = 3;
const SEGMENT_SHIFT = 5;
const ATTEMPT_SHIFT = 13;
const REPLICA_SHIFT = 15;

export const packed = (arm: number, segment: number, replica: number, flags: number): number =>
  flags | (arm << ARM_SHIFT) | (segment << SEGMENT_SHIFT) | (replica << REPLICA_SHIFT);
export const armOf = (kind: number): number => (kind >> ARM_SHIFT) & 3;
export const segmentOf = (kind: number): number => (kind >> SEGMENT_SHIFT) & 255;
export const attemptOf = (kind: number): number => (kind >> ATTEMPT_SHIFT) & 3;
/** As flags of a request that was asked this often before. */
export const asAttempt = (attempt: number): number => attempt << ATTEMPT_SHIFT;
export const replicaOf = (kind: number): number => kind >> REPLICA_SHIFT;
/** Arm and segment together: arms in order, each with `segments` cells. */
export const cellOf = (kind: number, segments: number): number => armOf(kind) * segments + segmentOf(kind);
