/** `--stop-when 'false-rollbacks < 1%'`: the question that a sweep is to answer, and nothing beyond. */
import { BadInput, fileIssue, type Issue } from '../config/issues.ts';
import { parseFraction } from '../config/units.ts';
import { fewestToTellBelow } from '../statistics/stop-rule.ts';
import type { Plan } from '../tuning/plan.ts';
import type { StopRule } from '../tuning/stop.ts';

const WHEN = '--stop-when';
const ERROR = '--stop-error';
const EVENTS: Readonly<Record<string, StopRule['event']>> = {
  'false-rollbacks': 'false-rollback',
  'missed-regressions': 'missed-regression',
};
const DEFAULT_ERROR = 0.05;

/** Null without the option. Throws BadInput with every issue. */
export function stopRuleOf({
  stopWhen,
  stopError,
}: {
  readonly stopWhen?: string;
  readonly stopError?: string;
}): StopRule | null {
  const issues: Issue[] = [];
  const error = stopError === undefined ? DEFAULT_ERROR : parseFraction(stopError);
  if (error === null || error <= 0 || error > 0.5)
    issues.push(fileIssue(ERROR, `got '${stopError}', expected a percentage above 0% and up to 50%`));
  if (stopWhen === undefined && stopError !== undefined)
    issues.push(fileIssue(ERROR, `got it alone, expected it beside ${WHEN}`));
  const [, name = '', bound = ''] = /^\s*([\w-]+)\s*<\s*(\S+)\s*$/.exec(stopWhen ?? '') ?? [];
  const event = EVENTS[name];
  const below = parseFraction(bound);
  if (stopWhen !== undefined && (event === undefined || below === null || below <= 0 || below >= 1))
    issues.push(
      fileIssue(
        WHEN,
        `got '${stopWhen}', expected ${Object.keys(EVENTS).join(' or ')}, < and a percentage between 0% and 100%, such as 'false-rollbacks < 1%'`,
      ),
    );
  if (issues.length > 0) throw new BadInput(issues);
  return stopWhen === undefined ? null : { event: event!, below: below!, error: error! };
}

/** What keeps a plan from asking its question. */
export function stopIssues({ stop, scenarios, space }: Pick<Plan, 'stop' | 'scenarios' | 'space'>): readonly Issue[] {
  if (stop === null) return [];
  const kind = stop.event === 'false-rollback' ? 'healthy' : 'regressed';
  return [
    ...(scenarios.some(({ scenario }) => scenario.truth.candidate === kind)
      ? []
      : [fileIssue(WHEN, `got no ${kind} scenario, expected at least one to ask about ${stop.event}s`)]),
    ...(space === null
      ? []
      : [fileIssue(WHEN, 'got it beside --space, expected one of them: a search parts its seeds')]),
  ];
}

/** Said of a plan whose replications cannot tell, whatever comes of them, that the rate is below the bound; null of others. */
export function stopWarning({ stop, replications }: Pick<Plan, 'stop' | 'replications'>): string | null {
  if (stop === null) return null;
  const fewest = fewestToTellBelow(stop.below, stop.error);
  if (replications >= fewest) return null;
  const bound = Number((stop.below * 100).toPrecision(6));
  return `${replications} replications can tell that a rate is above ${bound} %, not that it is below: that takes ${fewest}, without a single event`;
}
