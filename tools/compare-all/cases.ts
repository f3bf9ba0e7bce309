/** Which shipped scenario is rehearsed in both worlds, and as what; and why the others are not. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { livePolicyIssues } from '../../live-run.ts';
import { liveIssues } from '../../live/refusals.ts';
import { policyFor } from '../../policy-for.ts';
import { preFlightOf } from '../../pre-flight.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';

export interface Case {
  /** The shipped scenario that it stands for; null for one that is there for the comparison's sake. */
  readonly of: string | null;
  readonly name: string;
  readonly file: string;
}

/** Of a size that two cores can play in a minute. The full ones send 1,389 requests a second to 48 replicas for hours. */
const FOLDER = join(packageRoot, 'tools/live-size');
const SHIPPED = join(packageRoot, 'scenarios');

/** Shipped scenarios of live size already, and what they stand for. */
const LIVE: Readonly<Record<string, string>> = { 'live-healthy': 'seed-healthy', 'live-slow-tail': 'slow-tail' };

/** Shipped scenarios without a live size, by name. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'live-million': 'is `live-healthy` for seventeen minutes: `npm run rehearse:live-1m`',
};
const REFUSED = 'is refused before anything starts, in both worlds by the same check';
const NO_SIZE = 'has no variant in tools/live-size yet';

const namesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();

/** Every case: what ships at live size, then what was made so, in order of names. */
export function allCases(): Case[] {
  const shipped = namesIn(SHIPPED);
  return [
    ...Object.entries(LIVE).map(([name, of]): Case => ({ of, name, file: join(SHIPPED, `${name}.yaml`) })),
    ...namesIn(FOLDER).map(
      (name): Case => ({ of: shipped.includes(name) ? name : null, name, file: join(FOLDER, `${name}.yaml`) }),
    ),
  ];
}

/** Shipped scenarios that are not rehearsed in both worlds, with the reason of each. */
export function notRun(): { readonly name: string; readonly why: string }[] {
  const run = new Set(allCases().flatMap(({ of, name }) => [of, name]));
  return namesIn(SHIPPED)
    .filter((name) => !run.has(name))
    .map((name) => ({ name, why: NOT_RUN[name] ?? whyNot(join(SHIPPED, `${name}.yaml`)) }));
}

/** What either world says of it, else that nobody has made it smaller. */
function whyNot(file: string): string {
  const loaded = loadScenario(file);
  if (preFlightOf(loaded.scenario).schemaIssues.length > 0) return REFUSED;
  const [issue] = [...liveIssues(loaded), ...livePolicyIssues(policyFor(loaded.scenario))];
  return issue === undefined
    ? NO_SIZE
    : `cannot be played by real servers: ${issue.path || issue.file}: ${issue.message}`;
}

/** What the shipped scenario expects to happen, which its live size must end with too; of a case of its own, what that expects. */
export function expectedVerdict({ of, file }: Case): string | null {
  const { scenario } = loadScenario(of === null ? file : join(SHIPPED, `${of}.yaml`));
  return scenario.expect?.verdict ?? null;
}

/** Cases whose figures are shown, by rising load. Those held out lie between the loads at which the calibration was measured. */
export const BUSY: readonly { readonly name: string; readonly heldOut: boolean }[] = [
  { name: 'busy-30', heldOut: false },
  { name: 'busy-45', heldOut: true },
  { name: 'busy-60', heldOut: false },
  { name: 'busy-70', heldOut: true },
  { name: 'busy-80', heldOut: false },
];

/** Rehearsed live a second time: what two live runs of the same thing differ by. */
export const TWICE = 'busy-60';
