import type { LoadCounts, LoadLimits, LoadPlan, LoadReport } from '../plan.ts';

/** To the generator. `start` is the first; `stop` ends the load before its requests are all sent. */
export type ToGenerator =
  | { readonly kind: 'start'; readonly plan: LoadPlan; readonly limits: LoadLimits }
  | { readonly kind: 'stop' };

/** From the generator: how far it is, about every second, and what it measured, once. */
export type FromGenerator =
  | { readonly kind: 'progress'; readonly counts: LoadCounts; readonly cpuMs: number }
  | { readonly kind: 'report'; readonly report: LoadReport };
