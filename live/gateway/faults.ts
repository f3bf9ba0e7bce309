import { QuantileTable } from '../../sim/quantile-table.ts';
import { hashText, mix32 } from '../../split.ts';
import type { GatewayFault } from './messages.ts';
import { GATEWAY_ARMS } from './options.ts';

/** A number in [0, 1) that depends on nothing but its arguments; `salt` is a hashed text that says what it is for. */
export const uniformOf = (number: number, salt: number): number => mix32(number ^ salt) / 2 ** 32;

/** What the active faults do to one request: `status` 0 lets it through, `extraMs` later. */
export interface Hit {
  readonly status: number;
  readonly extraMs: number;
}

interface Active {
  readonly fault: GatewayFault;
  readonly arms: readonly [boolean, boolean];
  readonly hitSalt: number;
  readonly sizeSalt: number;
  readonly extra: QuantileTable | null;
}

/** Faults between the gateway and its servers, hitting the same requests in every run. */
export class GatewayFaults {
  private readonly seed: number;
  private active: readonly Active[] = [];

  constructor(seed: number) {
    this.seed = seed;
  }

  /** These are active from now on, and no others. */
  replace(faults: readonly GatewayFault[]): void {
    this.active = faults.map((fault) => ({
      fault,
      arms: [fault.arm === null || fault.arm === GATEWAY_ARMS[0], fault.arm === null || fault.arm === GATEWAY_ARMS[1]],
      hitSalt: hashText(`${this.seed}/fault/${fault.name}`),
      sizeSalt: hashText(`${this.seed}/fault/${fault.name}/size`),
      extra: fault.kind === 'upstream-brownout' ? new QuantileTable(fault.extra) : null,
    }));
  }

  get list(): readonly GatewayFault[] {
    return this.active.map(({ fault }) => fault);
  }

  /** What happens to this request in this arm; null: nothing. Delays add up; the first error wins. */
  hit(arm: number, number: number): Hit | null {
    if (this.active.length === 0) return null;
    let extraMs = 0;
    for (const { fault, arms, hitSalt, sizeSalt, extra } of this.active) {
      if (!arms[arm]! || uniformOf(number, hitSalt) >= fault.share) continue;
      if (fault.kind === 'error-burst') return { status: fault.status, extraMs: 0 };
      extraMs += extra!.at(uniformOf(number, sizeSalt));
    }
    return extraMs > 0 ? { status: 0, extraMs } : null;
  }
}
