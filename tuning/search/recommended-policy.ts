/** recommended-policy.yaml: the base policy's own text with each change in place, and why beside it. */
import { stringify } from 'yaml';
import { readText } from '../../config/document.ts';
import { packageFolders } from '../../config/package-root.ts';
import { mergeYaml } from '../../config/yaml.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import { policyHash } from '../../controller/policy-hash.ts';
import type { Policy } from '../../controller/policy.ts';
import type { Tried } from './explore.ts';
import { reasonOf } from './reasons.ts';
import { recommendation } from './recommend.ts';
import { changesOf } from './result-of.ts';
import type { Objectives, SearchResult } from './search-result.ts';
import { policyAt, type Space } from './space.ts';

/** `seen`: a policy on the seeds of search and choice. Throws RangeError when what would be written is not what was judged. */
export function recommend(
  space: Space,
  { point, policy, hash }: Tried,
  { base, chosen, seeds, plan }: SearchResult,
  seen: (policy: Policy) => readonly Objectives[],
): string {
  const whole = merged(seen(policy));
  const changes = space.settings.flatMap(({ path, values }, s) => {
    const [change] = changesOf({ ...space, settings: [space.settings[s]!] }, [point[s]!]);
    if (change === undefined) return [];
    const without = policyAt(space, point.with(s, -1));
    const why = reasonOf(change.from ?? 'not there', whole, without === null ? null : merged(seen(without)));
    return [{ path, value: values[point[s]!], why }];
  });
  const name = `${base}-tuned`;
  const text = recommendation(baseText(space), name, headOf(base, chosen.why, seeds.heldOut.length, plan), changes);
  // What is written must be what was judged.
  if (policyHash({ ...loadPolicy(space.baseFile, text), name: policy.name }) !== hash)
    throw new RangeError('got a recommended policy that is not the one that was judged');
  return text;
}

const headOf = (base: string, why: string, heldOut: number, plan: string): readonly string[] => [
  `Recommended by \`coalmine tune --space\` over ${base} (plan ${plan.slice(7, 19)}).`,
  `${why}; ${heldOut} seeds per scenario, which neither search nor choice had looked at.`,
  'Beside each change: what it was, and what taking it back alone would do on the seeds of search and choice.',
];

/** The base policy's own text; one that extends another is written out. */
function baseText({ baseFile, base }: Space): string {
  const { files } = mergeYaml(baseFile, undefined, packageFolders('policies'));
  return files.length === 1 ? readText(baseFile) : stringify(base);
}

/** The mean of two parts, objective by objective. */
function merged(parts: readonly Objectives[]): Objectives {
  const mean = (name: keyof Objectives): number | null => {
    const known = parts.map((each) => each[name]).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    falseRollback: mean('falseRollback'),
    undecidedHealthy: mean('undecidedHealthy'),
    notCaught: mean('notCaught'),
    detectionDelayMs: mean('detectionDelayMs'),
    harm: mean('harm'),
    timeToPromoteMs: mean('timeToPromoteMs'),
  };
}
