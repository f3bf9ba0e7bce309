import { launchBuiltin } from './builtin/launch.ts';
import type { FoundK6 } from './find-k6.ts';
import { launchK6 } from './k6/launch.ts';
import { DEFAULT_LIMITS, type GeneratorKind, type LoadLimits, type LoadPlan, type LoadReport } from './plan.ts';

export interface LoadOptions {
  /** When a load is invalid; see DEFAULT_LIMITS and `latenessLimitOf`. */
  readonly limits?: Partial<LoadLimits>;
  /** What `findK6` found; needed for `k6`. */
  readonly k6?: FoundK6;
}

/** A load that is running, or over. */
export interface Load {
  /** Resolves when every request has been sent and has ended, or the load was stopped or died; never rejects for what the load met. */
  readonly done: Promise<LoadReport>;
  /** Process number of the generator, which leads a process group of its own; null before it runs. */
  readonly pid: number | null;
  /** Ends the load early, since the rollout is over: sends nothing more, waits for what is on its way. */
  stop(): Promise<LoadReport>;
}

/** How long before rehearsal time 0 a generator wants to be started, ms: processes start, connections open. */
export function startUpMs(kind: GeneratorKind, { expectedMaxInFlight }: Pick<LoadPlan, 'expectedMaxInFlight'>): number {
  return kind === 'k6' ? 1500 + 4 * expectedMaxInFlight : 1000;
}

/**
 * Starts a load generator as a process of its own. It ends when this process does, however that ends. A load that was not what
 * the plan says (requests never sent, or sent late) comes back as `valid: false` with its reasons.
 */
export function startLoad(kind: GeneratorKind, plan: LoadPlan, options: LoadOptions = {}): Load {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  if (kind === 'k6' && options.k6 === undefined)
    throw new TypeError('got no k6 to load with, expected what findK6 found');
  const generator =
    options.k6 !== undefined && kind === 'k6' ? launchK6(plan, limits, options.k6) : launchBuiltin(plan, limits);
  return {
    done: generator.done,
    get pid() {
      return generator.pid;
    },
    stop() {
      generator.stop();
      return generator.done;
    },
  };
}
