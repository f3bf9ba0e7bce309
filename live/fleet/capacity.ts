/** Slot time of ready replicas over time: what utilisation is a share of. */
export class Capacity {
  private readonly slots: number;
  /** From each instant on so many replicas were ready, and so much slot time had passed; oldest first. */
  private readonly steps: { readonly fromMs: number; readonly ready: number; readonly capacityMs: number }[] = [];

  constructor(slots: number) {
    this.slots = slots;
  }

  /** From `nowMs` on so many replicas are ready. Calls come in time order. */
  set(nowMs: number, ready: number): void {
    this.steps.push({ fromMs: nowMs, ready, capacityMs: this.until(nowMs) });
  }

  /** ms of slot time up to `timeMs`, which may lie between earlier changes. */
  until(timeMs: number): number {
    const step = this.steps.findLast(({ fromMs }) => fromMs <= timeMs);
    return step === undefined ? 0 : step.capacityMs + (timeMs - step.fromMs) * step.ready * this.slots;
  }

  readyAt(timeMs: number): number {
    return this.steps.findLast(({ fromMs }) => fromMs <= timeMs)?.ready ?? 0;
  }
}
