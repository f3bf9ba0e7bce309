/** The models' answers to every request content, worked out once and read by all threads. */
import type { Content, ListPair } from '../models/content.ts';
import { referenceOf } from '../models/reference.ts';
import { startScoring } from '../models/score.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { preFlightOf } from '../pre-flight.ts';
import type { ScoredContent } from '../sim/answers.ts';
import { policyOn } from '../policy-for.ts';
import type { Plan } from './plan.ts';

/** One content table with the scores of some models. Its arrays are shared memory, so a thread is given them without a copy. */
export interface SharedContent {
  readonly file: string;
  readonly content: Content;
  readonly models: readonly {
    readonly model: string;
    readonly values: Float32Array;
    readonly withoutFeatures: Float32Array;
    readonly lists: ListPair | null;
  }[];
}

/** Scores what the plan's rehearsals will ask for; resolves when all of it is there. Throws like `startScoring`. */
export async function scoreContents(plan: Plan, runtime: () => Promise<string>): Promise<readonly SharedContent[]> {
  const contents: SharedContent[] = [];
  for (const [file, models] of wantedBy(plan)) {
    const scoring = await startScoring(file, models, { runtime: await runtime() });
    try {
      await Promise.all(scoring.scores.map((scores) => scores.until(scoring.content.rows)));
      const { rows, segments, segmentNames, actual, scoreName } = scoring.content;
      contents.push({
        file,
        content: { rows, segments, segmentNames, actual, scoreName },
        models: scoring.scores.map(({ model, values, withoutFeatures, lists }) => ({
          model,
          values,
          withoutFeatures,
          lists,
        })),
      });
    } finally {
      await scoring.close();
    }
  }
  return contents;
}

/** Models by content file. A rollout that every policy refuses asks nothing. */
function wantedBy({ scenarios, policies }: Plan): ReadonlyMap<string, readonly string[]> {
  const wanted = new Map<string, Set<string>>();
  for (const { scenario, policies: own } of scenarios) {
    const { content } = scenario.traffic;
    if (content.kind === 'none') continue;
    const refused = preFlightOf(scenario).schemaIssues.length > 0;
    if (refused && own.every((p) => policyOn(policies[p]!, scenario).requireCompatibleSchemas)) continue;
    const models = wanted.get(content.file) ?? new Set();
    models.add(referenceOf(scenario.arms.baseline)!).add(referenceOf(scenario.arms.candidate)!);
    wanted.set(content.file, models);
  }
  return new Map([...wanted].map(([file, models]) => [file, [...models].toSorted()]));
}

/** The content a scenario's requests come from; null when they have none, or nobody asks for it. */
export function contentFor({ traffic, arms }: Scenario, contents: readonly SharedContent[]): ScoredContent | null {
  const { content: source } = traffic;
  const shared = source.kind === 'none' ? undefined : contents.find(({ file }) => file === source.file);
  if (shared === undefined) return null;
  const scoresOf = (name: string | null): ScoredContent['scores'][0] => {
    const found = shared.models.find(({ model }) => model === name);
    if (found === undefined) throw new RangeError(`got no scores of ${name}, expected those of a planned model`);
    return { ...found, until: () => Promise.resolve() };
  };
  return {
    content: shared.content,
    scores: [scoresOf(referenceOf(arms.baseline)), scoresOf(referenceOf(arms.candidate))],
  };
}
