import { launchBuiltin } from './builtin/launch.ts';
import { launchK6 } from './k6/launch.ts';
import { DEFAULT_LIMITS, type GeneratorKind, type LoadLimits, type LoadPlan, type LoadReport } from './plan.ts';

export interface LoadOptions {
  /** When a load is invalid; see DEFAULT_LIMITS and `latenessLimitOf`. */
  readonly limits?: Partial<LoadLimits>;
  /** Path of k6, as `findK6` finds it; needed for `k6`. */
  readonly k6?: string;
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
  const generator = kind === 'builtin' ? launchBuiltin(plan, limits) : launchK6(plan, limits, options.k6 ?? 'k6');
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
