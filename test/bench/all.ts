import type { Bench } from './bench.ts';
import { featureStore } from './feature-store.ts';
import { gateway } from './gateway.ts';
import { judging } from './judging.ts';
import { kernels } from './kernels.ts';
import { recording } from './recording.ts';
import { rehearsal } from './rehearsal.ts';
import { replications } from './replications.ts';
import { serving } from './serving.ts';
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
  serving,
  featureStore,
  gateway,
  judging,
  replications,
];
