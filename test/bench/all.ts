import type { Bench } from './bench.ts';
<<<<<<< HEAD
import { gateway } from './gateway.ts';
=======
import { featureStore } from './feature-store.ts';
>>>>>>> server
import { kernels } from './kernels.ts';
import { recording } from './recording.ts';
import { rehearsal } from './rehearsal.ts';
import { serving } from './serving.ts';
import { shadowCore } from './shadow-core.ts';
import { simpy } from './simpy.ts';
import { startup } from './startup.ts';

<<<<<<< HEAD
export const benches: readonly Bench[] = [shadowCore, simpy, rehearsal, startup, kernels, recording, gateway];
=======
export const benches: readonly Bench[] = [
  shadowCore,
  simpy,
  rehearsal,
  startup,
  kernels,
  recording,
  serving,
  featureStore,
];
>>>>>>> server
