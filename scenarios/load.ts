/** Reads a scenario file into what the simulator runs. */
import { BadInput, fileIssue, type Issue, type Path } from '../config/issues.ts';
import { hashOf } from '../config/hash.ts';
import { packageFolders } from '../config/package-root.ts';
import type { Places } from '../config/places.ts';
import { loadYaml } from '../config/yaml.ts';
import { locate } from './files.ts';
import { ARRIVALS, contentPath, scenarioRules } from './rules.ts';
import { withMeasured } from './measured.ts';
import { readProfile } from './profile.ts';
import { scaleSchedule } from './scale.ts';
import type { ArrivalProcess, Scenario } from './scenario.ts';
import { type ScenarioForm, scenarioSchema } from './schema/scenario.ts';
import type { ArrivalsForm } from './schema/arrivals.ts';
import { warningsOf } from './warnings.ts';

export interface LoadOptions {
  /** Replaces the file's seed. */
  readonly seed?: number | undefined;
  /** Compresses the schedule to this many requests (see `scaleSchedule`). */
  readonly requests?: number | undefined;
  /** Compresses the schedule by this factor; not together with `requests`. */
  readonly timeScale?: number | undefined;
  /** The document itself, when it does not come from `file` (standard input). */
  readonly text?: string | undefined;
}

export interface LoadedScenario {
  readonly scenario: Scenario;
  /** Allowed, but likely to surprise. */
  readonly warnings: readonly Issue[];
  /** Finds the place of any value, for checks that need more than the scenario (its faults' stages against the policy). */
  readonly places: Places;
}

/** Throws BadInput with every issue of the document, and of the files it names. */
export function loadScenario(file: string, options: LoadOptions = {}): LoadedScenario {
  const folders = packageFolders('scenarios');
  const { value: form, places } = loadYaml(file, scenarioSchema, options.text, folders, { rules: scenarioRules });
  const { rateRps, ...traffic } = form.traffic;
  const arrivals = resolveArrivals(traffic.arrivals, rateRps ?? 0, places);
  const content =
    traffic.content.kind === 'table'
      ? { ...traffic.content, file: fileAt(contentPath(places), traffic.content.file, places) }
      : traffic.content;
  const { window: windowMs, limit: limitMs, ...rest } = form;
  const full: Scenario = {
    ...rest,
    windowMs,
    limitMs,
    ...withMeasured(form, (path, name) => fileAt(path, name, places)),
    traffic: { ...traffic, arrivals, content },
    policy: fileAt(['policy'], form.policy, places),
    file,
    hash: '',
    timeScale: 1,
  };
  const scaled = scaleSchedule(
    { ...full, seed: options.seed ?? full.seed },
    factorOf(file, full.traffic.requests, options),
  );
  const { file: __, hash: ___, ...hashed } = withStatedPaths(scaled, form);
  return { scenario: { ...scaled, hash: hashOf(hashed) }, warnings: warningsOf(form, places), places };
}

/** The file that is named at `path`: found from where it is stated, which may be a file that this one extends. */
const fileAt = (path: Path, name: string, places: Places): string => locate(name, places.of(path).file) ?? name;

function resolveArrivals(form: ArrivalsForm, meanRps: number, places: Places): ArrivalProcess {
  switch (form.kind) {
    case 'poisson':
    case 'regular':
      return { kind: form.kind, rateRps: meanRps };
    case 'profile-source': {
      const file = fileAt([...ARRIVALS, 'source'], form.source, places);
      return { kind: 'profile', segments: readProfile(file, meanRps, form.periodMs), periodMs: form.periodMs };
    }
    case 'trace':
      return { ...form, file: fileAt([...ARRIVALS, 'file'], form.file, places) };
    default:
      return form;
  }
}

/** The smallest time scale: below it a typing mistake would run for hours. */
const MIN_FACTOR = 0.05;

function factorOf(file: string, requests: number, options: LoadOptions): number {
  const refuseOptions = (message: string): never => {
    throw new BadInput([fileIssue(file, message)]);
  };
  if (options.requests !== undefined && options.timeScale !== undefined)
    return refuseOptions('got both a number of requests and a time scale, expected one: each sets the other');
  const tooLong = (got: string, rule: string): never =>
    refuseOptions(`got ${got}, expected ${rule}: it would take more than twenty times the scenario's requests`);
  if (options.requests !== undefined) {
    if (options.requests < 1) return refuseOptions(`got ${options.requests} requests, expected at least 1`);
    const most = requests / MIN_FACTOR;
    if (options.requests > most) return tooLong(`${options.requests} requests`, `at most ${most}`);
    return requests / options.requests;
  }
  const factor = options.timeScale ?? 1;
  if (!(factor > 0 && factor < Infinity)) return refuseOptions(`got a time scale of ${factor}, expected one above 0`);
  if (factor > requests)
    return refuseOptions(`got a time scale of ${factor}, expected at most ${requests}: not one request would be left`);
  return factor >= MIN_FACTOR ? factor : tooLong(`a time scale of ${factor}`, `at least ${MIN_FACTOR}`);
}

/** The scenario with files as the document names them, so that its hash is the same on every machine. */
function withStatedPaths(scenario: Scenario, form: ScenarioForm): Scenario {
  const { traffic } = scenario;
  const stated = form.traffic;
  const content = stated.content;
  const arrivals = stated.arrivals.kind === 'trace' ? stated.arrivals : traffic.arrivals;
  return { ...scenario, policy: form.policy, traffic: { ...traffic, content, arrivals } };
}
