import type { Bench } from './bench.ts';
import { judging } from './judging.ts';
import { kernels } from './kernels.ts';
import { recording } from './recording.ts';
import { rehearsal } from './rehearsal.ts';
import { replications } from './replications.ts';
import { shadowCore } from './shadow-core.ts';
import { simpy } from './simpy.ts';
import { startup } from './startup.ts';

export const benches: readonly Bench[] = [
  shadowCore,
  simpy,
  rehearsal,
  startup,
  kernels,
  recording,
  judging,
  replications,
];
