/** Reads a scenario file into what the simulator runs. */
import { BadInput, fileIssue, type Issue, type Path, refuse } from '../config/issues.ts';
import { hashOf } from '../config/hash.ts';
import { packageFolders } from '../config/package-root.ts';
import type { Places } from '../config/places.ts';
import { loadYaml } from '../config/yaml.ts';
import { locate } from './files.ts';
import { readProfile } from './profile.ts';
import { scaleSchedule } from './scale.ts';
import type { ArrivalProcess, Expectation, Scenario, Truth } from './scenario.ts';
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
  const { value: form, places } = loadYaml(file, scenarioSchema, options.text, packageFolders('scenarios'));
  const finder = new Finder(places);
  const policy = finder.find(['policy'], form.policy, 'a policy');
  const { content: stated } = form.traffic;
  const content =
    stated.kind === 'table'
      ? { ...stated, file: finder.find(contentPath(places), stated.file, 'a content table') }
      : stated;
  const arrivals = resolveArrivals(form.traffic.arrivals, form.traffic.rateRps ?? 0, finder);
  refuse([
    ...finder.issues,
    ...contradictions(form.truth, form.expect, places),
    ...contentIssues(form, places),
    ...spikeIssues(form, places),
  ]);

  const { rateRps: _, ...traffic } = form.traffic;
  const full: Scenario = { ...form, traffic: { ...traffic, arrivals, content }, policy, file, hash: '', timeScale: 1 };
  const scaled = scaleSchedule(
    { ...full, seed: options.seed ?? full.seed },
    factorOf(file, full.traffic.requests, options),
  );
  const { file: __, hash: ___, ...hashed } = withStatedPaths(scaled, form);
  return { scenario: { ...scaled, hash: hashOf(hashed) }, warnings: warningsOf(form, places), places };
}

/** Looks up the files a scenario names, noting those that are missing. */
class Finder {
  readonly issues: Issue[] = [];
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  find(path: Path, name: string, what: string): string {
    // A file is stated where its value is, which may be a file that this one extends.
    const found = locate(name, this.#places.of(path).file);
    if (found === null)
      this.issues.push(
        this.#places.issue(path, `got '${name}', expected ${what}: no such file beside this one or in the package`),
      );
    return found ?? name;
  }
}

function resolveArrivals(form: ArrivalsForm, meanRps: number, finder: Finder): ArrivalProcess {
  const path: Path = ['traffic', 'arrivals'];
  switch (form.kind) {
    case 'poisson':
    case 'regular':
      return { kind: form.kind, rateRps: meanRps };
    case 'profile-source': {
      const file = finder.find([...path, 'source'], form.source, 'an arrival profile');
      const segments = finder.issues.length > 0 ? [] : readProfile(file, meanRps, form.periodMs);
      return { kind: 'profile', segments, periodMs: form.periodMs };
    }
    case 'trace':
      return { ...form, file: finder.find([...path, 'file'], form.file, 'a trace') };
    default:
      return form;
  }
}

/** `content: file` or `content: {file: …}`: whichever the document has. */
const contentPath = (places: Places): Path => {
  const long = ['traffic', 'content', 'file'];
  return places.has(long) ? long : long.slice(0, 2);
};

/** A policy that is right does not roll back what is healthy or promote what is not; one that is wrong is a finding. */
function contradictions(truth: Truth, expect: Expectation | null, places: Places): Issue[] {
  if (expect === null || expect.finding !== null) return [];
  const wrong = truth.candidate === 'healthy' ? 'rolled-back' : 'promoted';
  if (expect.verdict !== wrong) return [];
  const rule = `expected another verdict of a candidate that is ${truth.candidate}, or a finding that says why the policy errs`;
  return [places.issue(['expect', 'verdict'], `got ${wrong}, ${rule}`)];
}

/** Models answer contents, and acceptance compares their answers: one does not go without the other. */
function contentIssues({ traffic, arms, outcomes }: ScenarioForm, places: Places): Issue[] {
  const issues: Issue[] = [];
  const hasContent = traffic.content.kind === 'table';
  for (const [name, { model }] of Object.entries(arms)) {
    const path = ['arms', name, 'model'];
    if (hasContent && model === null)
      issues.push(places.issue(path, 'got no model, expected one that answers the content'));
    if (!hasContent && model !== null)
      issues.push(
        places.issue(path, `got '${model}', expected no model: traffic.content is none, so it has nothing to answer`),
      );
  }
  if (!hasContent && outcomes.kind === 'acceptance')
    issues.push(
      places.issue(['outcomes', 'kind'], "got 'acceptance', expected bernoulli or none: traffic.content is none"),
    );
  return issues;
}

/** The smallest time scale: below it a typing mistake would run for hours. */
const MIN_FACTOR = 0.05;

/** A recording keeps its rate: a spike on it would be ignored without a word. */
function spikeIssues({ traffic, faults }: ScenarioForm, places: Places): Issue[] {
  if (traffic.arrivals.kind !== 'trace') return [];
  return faults.flatMap(({ kind }, i) =>
    kind === 'traffic-spike'
      ? [places.issue(['faults', i, 'kind'], `got '${kind}', expected another fault: a trace keeps its recorded rate`)]
      : [],
  );
}

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
