import { Stream } from '../../sim/random.ts';
import type { Balancer } from '../../scenarios/scenario.ts';
import type { Upstream } from './upstream.ts';

/** Chooses among the upstreams that are in rotation, by the rules of sim/fleet.ts; null when there is none. */
export class Picker {
  private readonly balancer: Balancer;
  private readonly stream: Stream;
  private inTurn = 0;

  /** `name` seeds the random choices. */
  constructor(balancer: Balancer, name: string) {
    this.balancer = balancer;
    this.stream = new Stream(name);
  }

  pick(upstreams: readonly Upstream[]): Upstream | null {
    // Only while something is wrong does this make a list.
    const ready = upstreams.every((u) => u.healthy) ? upstreams : upstreams.filter((u) => u.healthy);
    const n = ready.length;
    if (n < 2) return ready[0] ?? null;
    switch (this.balancer) {
      case 'round-robin':
        this.inTurn = (this.inTurn + 1) % n;
        return ready[this.inTurn]!;
      case 'random':
        return ready[(this.stream.next() * n) | 0]!;
      case 'least-loaded':
        return ready.reduce((best, u) => (u.inFlight < best.inFlight ? u : best));
      case 'power-of-two': {
        // One draw names an ordered pair of different upstreams.
        const x = this.stream.next() * n;
        const i = x | 0;
        const j = ((x - i) * (n - 1)) | 0;
        const a = ready[i]!;
        const b = ready[j >= i ? j + 1 : j]!;
        return b.inFlight < a.inFlight ? b : a;
      }
    }
  }
}
