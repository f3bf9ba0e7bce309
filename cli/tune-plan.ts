/** From what the user asks for to the plan of a sweep. */
import { BadInput, fileIssue, type Issue, printIssue } from '../config/issues.ts';
import { loadPolicy } from '../controller/load-policy.ts';
import type { Policy } from '../controller/policy.ts';
import { policyHash } from '../controller/policy-hash.ts';
import { loadScenario, type LoadedScenario } from '../scenarios/load.ts';
import type { Plan, PlannedScenario, Variation } from '../tuning/plan.ts';
import type { Space } from '../tuning/search/space.ts';
import { version } from '../version.ts';
import { checkTogether, shipped } from './inputs.ts';
import { countOption, positiveOption, wholeOption } from './options.ts';
import { stopIssues, stopRuleOf, stopWarning } from './stop-question.ts';

export interface TuneOptions {
  readonly policy?: readonly string[];
  readonly space?: string;
  readonly vary?: readonly string[];
  readonly replications?: string;
  readonly seed?: string;
  readonly requests?: string;
  readonly timeScale?: string;
  readonly confirm?: string;
  readonly stopWhen?: string;
  readonly stopError?: string;
  readonly recordings: boolean;
  readonly workers?: string;
  readonly shard?: string;
  readonly queue?: string;
  readonly resume?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const REPLICATIONS = 20;

/** Throws BadInput. */
export async function planOf(names: readonly string[], options: TuneOptions): Promise<Plan> {
  const { codeVersion } = await import('../tuning/code-version.ts');
  if (names.length === 0)
    throw new BadInput([fileIssue('tune', 'got no scenario, expected at least one (or --resume DIR)')]);
  const stop = stopRuleOf(options);
  const policies: Policy[] = [];
  const placeOfPolicy = (file: string): number => {
    const policy = loadPolicy(file);
    const known = policies.findIndex((each) => policyHash(each) === policyHash(policy));
    return known >= 0 ? known : policies.push(policy) - 1;
  };
  const space = await spaceOf(options);
  if (space !== null) policies.push(...(await schedulesOf(space)));
  // Those that are named keep their order: comparisons are made with the first.
  const named = (options.policy ?? []).map((file) => ({ file: shipped(file), place: placeOfPolicy(shipped(file)) }));
  const planned = (await scenariosOf(names, options)).map(({ loaded, family, variation }): PlannedScenario => {
    const { scenario } = loaded;
    for (const { file } of named) checkTogether(loaded, file);
    if (space !== null) checkTogether(loaded, space.baseFile);
    else if (named.length === 0) checkTogether(loaded);
    const own =
      space !== null
        ? policies.map((_, p) => p)
        : named.length === 0
          ? [placeOfPolicy(scenario.policy)]
          : named.map(({ place }) => place);
    return { scenario, family, variation, policies: [...new Set(own)] };
  });
  const namesakes = policies.filter(({ name }, i) => policies.findIndex((each) => each.name === name) < i);
  if (namesakes.length > 0)
    throw new BadInput(
      namesakes.map(({ name }) => fileIssue('--policy', `got two policies named '${name}', expected different names`)),
    );
  const doubles = planned.filter(
    ({ scenario }, i) => planned.findIndex((each) => each.scenario.name === scenario.name) < i,
  );
  if (doubles.length > 0)
    throw new BadInput(
      doubles.map(({ scenario }) =>
        fileIssue(scenario.file, `got '${scenario.name}' a second time, expected scenarios of different names`),
      ),
    );
  const replications = countOption('--replications', options.replications) ?? REPLICATIONS;
  if (replications < 1) throw new BadInput([fileIssue('--replications', 'got 0, expected at least 1')]);
  const issues = [
    ...(space === null ? [] : await spaceIssues(replications, options)),
    ...stopIssues({ stop, scenarios: planned, space }),
  ];
  if (issues.length > 0) throw new BadInput(issues);
  const warning = stopWarning({ stop, replications });
  if (warning !== null) process.stderr.write(`warning: --stop-when: ${warning}\n`);
  return {
    schemaVersion: 1,
    coalmine: version,
    code: codeVersion(),
    scenarios: planned,
    policies,
    replications,
    confirm: options.confirm === 'all' ? replications : (wholeOption('--confirm', options.confirm) ?? 1),
    keepRecordings: options.recordings,
    space,
    stop,
    thresholds: space === null ? [] : (await import('../tuning/search/readers.ts')).thresholdsIn(space),
  };
}

async function spaceOf({ space, policy }: TuneOptions): Promise<Space | null> {
  if (space === undefined) return null;
  if (policy !== undefined)
    throw new BadInput([fileIssue('--policy', 'got a policy beside --space, expected the space to name its base')]);
  return (await import('../tuning/search/space.ts')).loadSpace(shipped(space));
}

/** The base policy, and one policy for every other way in which the space leads the traffic: each needs recordings of its own. */
async function schedulesOf(space: Space): Promise<readonly Policy[]> {
  const { schedulePolicies } = await import('../tuning/search/schedule-policies.ts');
  const found = schedulePolicies(space);
  if (found.length > 1)
    process.stderr.write(`${space.name}: ${found.length} schedules, so ${found.length} times the recordings\n`);
  return found;
}

async function spaceIssues(replications: number, { recordings, resume }: TuneOptions): Promise<readonly Issue[]> {
  const { LEAST_SEEDS } = await import('../tuning/search/seed-parts.ts');
  return [
    ...(replications < LEAST_SEEDS
      ? [
          fileIssue(
            '--replications',
            `got ${replications}, expected at least ${LEAST_SEEDS} with --space, which parts them`,
          ),
        ]
      : []),
    ...(recordings || resume !== undefined
      ? []
      : [fileIssue('--no-recordings', 'got no recordings, expected them with --space, which judges them')]),
  ];
}

interface Found {
  readonly loaded: LoadedScenario;
  readonly family: string;
  readonly variation: Variation | null;
}

/** Every scenario, or in its place every variation of it. */
async function scenariosOf(names: readonly string[], options: TuneOptions): Promise<readonly Found[]> {
  const { parseVariations, varied } = await import('../tuning/vary.ts');
  const settings = {
    seed: wholeOption('--seed', options.seed),
    requests: countOption('--requests', options.requests),
    timeScale: positiveOption('--time-scale', options.timeScale),
  };
  const variations = (options.vary ?? []).flatMap(parseVariations);
  return names.map(shipped).flatMap((file): Found[] => {
    const loaded = loadScenario(file, settings);
    for (const warning of loaded.warnings) process.stderr.write(`warning: ${printIssue(warning)}\n`);
    const { name: family } = loaded.scenario;
    if (variations.length === 0) return [{ loaded, family, variation: null }];
    return variations.map((variation) => {
      const document = varied(file, family, variation);
      return { loaded: loadScenario(document.file, { ...settings, text: document.text }), family, variation };
    });
  });
}
