import type { Registers } from './registers.ts';

/** Requests that fetch their features from the store, by recycled number, and the order in which they come back. Doubles when full. */
export class Fetching {
  arrivalMs: Float64Array = new Float64Array(256);
  /** What the request is (see registers.ts), its key, content row (−1 none) and pair (−1 none). */
  kind: Int32Array = new Int32Array(256);
  key: Int32Array = new Int32Array(256);
  content: Int32Array = new Int32Array(256);
  pair: Int32Array = new Int32Array(256);
  /** Whose request it is; null when nobody asks. */
  private users: Int32Array | null;
  private readonly registers: Registers | null;
  private recycled: Int32Array = new Int32Array(256);
  private recycledCount = 0;
  private used = 0;
  readonly misses: Heap = new Heap();

  /** `registers`: where a request's user is taken from and put back to; null when nobody asks. */
  constructor(registers: Registers | null = null) {
    this.registers = registers;
    this.users = registers === null ? null : new Int32Array(256);
  }

  /** Number of a free place for one request, which is its user's in the registers. */
  take(): number {
    if (this.recycledCount === 0 && this.used === this.arrivalMs.length) this.grow();
    const request = this.recycledCount > 0 ? this.recycled[--this.recycledCount]! : this.used++;
    if (this.users !== null) this.users[request] = this.registers!.user;
    return request;
  }

  /** Its user is in the registers. */
  release(request: number): void {
    if (this.users !== null) this.registers!.user = this.users[request]!;
    this.recycled[this.recycledCount++] = request;
  }

  /** Every request that is fetching now. */
  forEach(visit: (request: number) => void): void {
    this.misses.forEach(visit);
  }

  private grow(): void {
    const length = 2 * this.used;
    this.arrivalMs = grown(this.arrivalMs, length);
    this.kind = grown(this.kind, length);
    this.key = grown(this.key, length);
    this.content = grown(this.content, length);
    this.pair = grown(this.pair, length);
    if (this.users !== null) this.users = grown(this.users, length);
    this.recycled = grown(this.recycled, length);
  }
}

type Numbers = Float64Array | Int32Array | Uint8Array;

/** A copy with room for `length` values. */
export function grown<T extends Numbers>(values: T, length: number): T {
  const larger = new (values.constructor as new (length: number) => T)(length);
  larger.set(values);
  return larger;
}

/** Binary heap by (time, order of pushing): equal times come out in the order they went in (law L4). */
export class Heap {
  private times = new Float64Array(256);
  private orders = new Float64Array(256);
  private requests = new Int32Array(256);
  private pushed = 0;
  size = 0;

  nextMs(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.times[0]!;
  }

  push(timeMs: number, request: number): void {
    if (this.size === this.times.length) this.grow();
    const { times, orders, requests } = this;
    const order = this.pushed++;
    let i = this.size++;
    // A new entry has the highest order number, so it rises only past strictly later times.
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (times[parent]! <= timeMs) break;
      times[i] = times[parent]!;
      orders[i] = orders[parent]!;
      requests[i] = requests[parent]!;
      i = parent;
    }
    times[i] = timeMs;
    orders[i] = order;
    requests[i] = request;
  }

  pop(): number {
    const { times, orders, requests } = this;
    const first = requests[0]!;
    const last = --this.size;
    const time = times[last]!;
    const order = orders[last]!;
    const request = requests[last]!;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= last) break;
      if (child + 1 < last && this.before(child + 1, child)) child++;
      const childMs = times[child]!;
      if (time < childMs || (time === childMs && order < orders[child]!)) break;
      times[i] = times[child]!;
      orders[i] = orders[child]!;
      requests[i] = requests[child]!;
      i = child;
    }
    times[i] = time;
    orders[i] = order;
    requests[i] = request;
    return first;
  }

  forEach(visit: (request: number) => void): void {
    for (let i = 0; i < this.size; i++) visit(this.requests[i]!);
  }

  private before(a: number, b: number): boolean {
    const x = this.times[a]!;
    const y = this.times[b]!;
    return x < y || (x === y && this.orders[a]! < this.orders[b]!);
  }

  private grow(): void {
    const length = 2 * this.times.length;
    this.times = grown(this.times, length);
    this.orders = grown(this.orders, length);
    this.requests = grown(this.requests, length);
  }
}
