/** The page of a single run. */
import type { RunData } from '../run-data.ts';
import { VERDICT_WORDS } from '../words.ts';
import { header } from './header.ts';
import { page, type Section } from './page.ts';

export function runPage(run: RunData, sections: readonly Section[], svgs: ReadonlyMap<string, string>): string {
  const { outcome } = run;
  const { scenario, policy, coalmine, node, seed, digest } = outcome;
  return page({
    title: `${VERDICT_WORDS[outcome.verdict]}: ${scenario.name}`,
    header: header(run),
    sections,
    svgs,
    footer: `Coalmine ${coalmine} on Node ${node}; seed ${seed}; ${digest}. Scenario ${scenario.file}, ${scenario.hash}; policy ${policy.hash}.`,
  });
}
