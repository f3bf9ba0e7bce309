import { BadInput, fileIssue, type Issue, refuse } from '../config/issues.ts';
import type { Policy } from '../controller/policy.ts';
import type { LiveChoice } from '../live-run.ts';
import type { LoadedScenario } from '../scenarios/load.ts';

export interface LiveOptions {
  readonly live?: boolean;
  readonly load?: string;
  readonly features?: string;
  readonly quiet?: boolean;
}

/** Evaluations of a live rehearsal follow each other no faster: a window of a second is the shortest. */
const SHORTEST_EVALUATION_MS = 1000;

/**
 * How a rehearsal against real servers is to be done; null when it is a simulated one. Throws BadInput for options that do not
 * go together and for scenarios that real servers cannot rehearse, MissingK6 when there is no k6 and k6 is what is asked for.
 */
export async function liveChoice(
  options: LiveOptions,
  loaded: LoadedScenario,
  policy: Policy,
): Promise<LiveChoice | null> {
  const { features } = options;
  if (options.live !== true) {
    for (const [name, given] of Object.entries({ '--load': options.load, '--features': features }))
      if (given !== undefined) throw new BadInput([fileIssue(name, `got '${given}' without --live, expected both`)]);
    return null;
  }
  const { livePolicyIssues } = await import('../live-run.ts');
  const { liveIssues } = await import('../live/refusals.ts');
  refuse([...livePolicyIssues(policy), ...liveIssues(loaded), ...scheduleIssues(loaded, policy)]);
  return machinery({ load: 'k6', ...options });
}

/** How servers are to be run whose times are measured. Throws as `liveChoice` does. */
export async function calibrationChoice(options: LiveOptions, loaded: LoadedScenario): Promise<LiveChoice> {
  const { liveIssues } = await import('../live/refusals.ts');
  refuse(liveIssues(loaded));
  // It takes least of the cores that the servers need.
  return machinery({ load: 'builtin', ...options });
}

async function machinery({ load, features, quiet }: LiveOptions): Promise<LiveChoice> {
  if (load !== 'k6' && load !== 'builtin')
    throw new BadInput([fileIssue('--load', `got '${load}', expected k6 or builtin`)]);
  if (features !== undefined && !/^rediss?:\/\//.test(features))
    throw new BadInput([fileIssue('--features', `got '${features}', expected a URL such as redis://127.0.0.1:6379`)]);
  const k6 = load === 'k6' ? await (await import('../live/load/find-k6.ts')).findK6() : null;
  return { load, k6, redis: features ?? null, ...(quiet === true ? {} : { onNote }) };
}

/** A schedule compressed beyond what real time can show. */
function scheduleIssues({ scenario }: LoadedScenario, { evaluateEveryMs }: Policy): Issue[] {
  if (evaluateEveryMs >= SHORTEST_EVALUATION_MS) return [];
  const most = (scenario.timeScale * evaluateEveryMs) / SHORTEST_EVALUATION_MS;
  const rule = `expected at most ${most}: guards would look every ${evaluateEveryMs} ms, live rehearsals look once a second at most`;
  return [fileIssue('--time-scale', `got ${scenario.timeScale}, ${rule}`)];
}

function onNote(note: string): void {
  process.stderr.write(`${note}\n`);
}
