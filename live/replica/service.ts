import type { ReplicaOrder } from './messages.ts';
import { Draw, TimesByNumber } from './draws.ts';

/** How long a replica works on a request, and whether it fails afterwards. */
export class Service {
  /** Set by faults: factor on the service time, and share of the requests that fail. */
  factor: number;
  errorRatio: number;
  private readonly times: TimesByNumber;
  private readonly errors: Draw;
  private readonly coldStart: ReplicaOrder['coldStart'];
  private served = 0;

  constructor({ arm, seed, service, coldStart, knobs }: ReplicaOrder) {
    this.times = new TimesByNumber(service, seed, `service/${arm}`);
    this.errors = new Draw(seed, `errors/${arm}`);
    this.coldStart = coldStart;
    this.factor = knobs.serviceFactor;
    this.errorRatio = knobs.errorRatio;
  }

  /** What one slot needs for this request, ms; to be asked once, when it starts. */
  intendedMs(number: number): number {
    return this.times.at(number) * this.factor * this.coldFactor();
  }

  fails(number: number): boolean {
    return this.errorRatio > 0 && this.errors.uniform(number) < this.errorRatio;
  }

  /** A fresh replica's first requests take longer: the factor falls linearly to 1, as in the simulator. */
  private coldFactor(): number {
    const { requests, factor } = this.coldStart;
    const left = requests === 0 ? 0 : 1 - this.served++ / requests;
    return left > 0 ? 1 + (factor - 1) * left : 1;
  }
}
