/** Epoch ms with a fraction: the clock that all processes of a rehearsal share. It never goes back, whatever becomes of the wall clock. */
export const nowMs = (): number => performance.timeOrigin + performance.now();
