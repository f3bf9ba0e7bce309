/** Reads a suite: every rehearsal of a night, with its scenario and policy loaded, or every issue with its place. */
import { resolve } from 'node:path';
import { hashOf } from '../config/hash.ts';
import { BadInput, type Issue, type Path, refuse } from '../config/issues.ts';
import { findStated, packageFolders } from '../config/package-root.ts';
import { loadYaml } from '../config/yaml.ts';
import { loadPolicy } from '../controller/load-policy.ts';
import { policyHash } from '../controller/policy-hash.ts';
import { policyOn } from '../policy-for.ts';
import { type LoadedScenario, loadScenario } from '../scenarios/load.ts';
import type { Policy } from '../controller/policy.ts';
import { type RehearsalForm, type SuiteForm, suiteSchema } from './suite-schema.ts';

/** One rehearsal of the night: a scenario under a policy with one seed. */
export interface Rehearsal {
  /** The same for all seeds. */
  readonly name: string;
  /** Name of its folder. */
  readonly folder: string;
  readonly seed: number;
  /** Equal keys: the same rehearsal in all that was asked for, whatever code ran it. */
  readonly key: string;
  readonly loaded: LoadedScenario;
  readonly policyFile: string;
  /** On the scenario's own schedule. */
  readonly policy: Policy;
  readonly isLive: boolean;
}

export interface Suite {
  readonly name: string;
  readonly hash: string;
  readonly nights: number;
  readonly alpha: number;
  /** By figure; the others have their own. */
  readonly tolerances: Readonly<Record<string, number | undefined>>;
  /** Seed after seed of one rehearsal after the other. */
  readonly rehearsals: readonly Rehearsal[];
}

/** Every rehearsal once: its first seed. */
export const firstSeeds = (rehearsals: readonly Rehearsal[]): Rehearsal[] =>
  rehearsals.filter(({ name }, i) => rehearsals.findIndex((each) => each.name === name) === i);

/** Throws BadInput with every issue of the suite, and of the scenarios and policies it names. */
export function loadSuite(file: string, text?: string): Suite {
  const { value: form, places } = loadYaml(file, suiteSchema, text, packageFolders('suites'));
  const issues: Issue[] = [];
  const rehearsals = form.rehearsals.flatMap((each, i) => {
    try {
      return seedsOf(each, form, (key, message) => places.issue(['rehearsals', i, ...key], message), file);
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      issues.push(...error.issues);
      return [];
    }
  });
  const first = new Map<string, number>();
  for (const [i, each] of form.rehearsals.entries()) {
    const name = nameOf(each);
    const before = first.get(name);
    if (before === undefined) first.set(name, i);
    else
      issues.push(
        places.issue(
          ['rehearsals', i],
          `got '${name}' again, as rehearsals.${before}; expected a name of its own (name: …)`,
        ),
      );
  }
  refuse(issues);
  const { name, nights, alpha, tolerances } = form;
  const identity = { name, nights, alpha, tolerances, keys: rehearsals.map(({ folder, key }) => [folder, key]) };
  return { name, hash: hashOf(identity), nights, alpha, tolerances, rehearsals };
}

const stem = (file: string): string =>
  file
    .replace(/^.*[\\/]/, '')
    .replace(/\.ya?ml$/, '')
    // It names a folder.
    .replace(/[^\p{L}\p{N}._+-]/gu, '-');

/** A rehearsal without a name of its own is called by its scenario, its policy where one is stated, and its world. */
const nameOf = ({ name, scenario, policy, live }: RehearsalForm): string =>
  name ??
  [stem(scenario), ...(policy === undefined ? [] : [stem(policy)]), ...(live === true ? ['live'] : [])].join('+');

function seedsOf(
  form: RehearsalForm,
  suite: SuiteForm,
  issue: (key: Path, message: string) => Issue,
  file: string,
): Rehearsal[] {
  const isLive = form.live === true;
  const requests = form.requests ?? suite.requests;
  const scenarioFile = located(form.scenario, file, 'scenarios', (message) => issue(['scenario'], message));
  const load = (seed?: number): LoadedScenario => loadScenario(scenarioFile, { seed, requests });
  const { seed: from, policy: own } = load().scenario;
  const policyFile =
    form.policy === undefined ? own : located(form.policy, file, 'policies', (message) => issue(['policy'], message));
  const policy = loadPolicy(policyFile);
  const name = nameOf(form);
  return Array.from({ length: form.seeds ?? suite.seeds }, (_, i): Rehearsal => {
    const loaded = load(from + i);
    const applied = policyOn(policy, loaded.scenario);
    return {
      name,
      folder: `${name}-${from + i}`,
      seed: from + i,
      key: hashOf([loaded.scenario.hash, policyHash(applied), isLive]),
      // What a scenario expects, it expects of its own policy.
      loaded:
        resolve(policyFile) === resolve(own) ? loaded : { ...loaded, scenario: { ...loaded.scenario, expect: null } },
      policyFile,
      policy: applied,
      isLive,
    };
  });
}

/** A file beside the suite, else one that came with the package. Throws BadInput when there is none. */
function located(name: string, file: string, room: string, issue: (message: string) => Issue): string {
  const found = findStated(name, file, packageFolders(room));
  if (found === null)
    throw new BadInput([issue(`got '${name}', expected a file beside this one or in ${room}/ of the package`)]);
  return found;
}
