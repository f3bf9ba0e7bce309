/** What the hot loop is made of. */
import type { ScoredContent } from './answers.ts';
import type { ArmSim } from './arm.ts';
import type { ArrivalSource } from './arrivals/source.ts';
import type { Streams } from './random.ts';
import type { Registers } from './registers.ts';
import type { Store } from './store.ts';

export interface EngineParts {
  readonly registers: Registers;
  readonly arms: readonly ArmSim[];
  readonly arrivals: ArrivalSource;
  readonly store: Store | null;
  readonly content: ScoredContent | null;
  readonly streams: Streams;
  /** Somebody asks whose a request is. */
  readonly keepsUsers: boolean;
}
