/** Stages that are too small for their guards, found before anything runs: from the scenario's rate and the policy's shares and holds. */
import type { Issue } from '../config/issues.ts';
import { isSequential, lookBackMs } from '../controller/guard-tests.ts';
import { comparesPairs } from '../controller/guards/measure.ts';
import type { Expected } from '../controller/guards/least-samples.ts';
import { samplesNeeded } from '../controller/guards/samples-needed.ts';
import { loadPolicyWithPlaces } from '../controller/load-policy.ts';
import { EACH } from '../controller/per-segment.ts';
import type { Guard, Policy, Stage } from '../controller/policy.ts';
import { duration, whole } from '../controller/words.ts';
import type { LoadedScenario } from '../scenarios/load.ts';
import { meanArrivalRps } from '../scenarios/mean.ts';
import type { Scenario } from '../scenarios/scenario.ts';

/** A warning per guard and stage in which the guard can hardly say anything; none when nobody knows the rate (a trace). */
export function smallStages({ scenario }: LoadedScenario, policyFile: string = scenario.policy): Issue[] {
  const { policy, places } = loadPolicyWithPlaces(policyFile);
  const rateRps = meanArrivalRps(scenario.traffic.arrivals);
  if (rateRps === null) return [];
  return policy.guards.flatMap((guard, i) =>
    policy.stages.flatMap((stage) => {
      const message = isAsked(guard, stage) ? tooSmall(guard, stage, policy, scenario, rateRps) : null;
      return message === null ? [] : [places.issue(['guards', i], message)];
    }),
  );
}

const isAsked = ({ bound, action, stages }: Guard, { name, holdMs }: Stage): boolean =>
  bound !== null && action !== 'watch' && holdMs > 0 && (stages === null || stages.includes(name));

function tooSmall(guard: Guard, stage: Stage, policy: Policy, scenario: Scenario, rateRps: number): string | null {
  const [own, reference] = sharesOf(guard, stage, scenario.traffic.segments.length);
  const overMs = stretchOf(guard, stage, policy, scenario);
  const perMs = (rateRps / 1000) * own;
  // A guard without any sample is another mistake, and not one of size.
  if (perMs === 0 || reference === 0 || overMs <= 0) return null;
  const { test } = guard;
  const inflation = test !== null && 'inflation' in test && test.inflation !== 'measured' ? test.inflation : 1;
  const ratios = ratiosOf(guard, scenario);
  const needed = samplesNeeded(guard, { ...ratios, times: reference / own, perMs, inflation });
  const samples = Math.floor(perMs * overMs);
  if (needed === null || needed <= samples) return null;
  const times = needed / Math.max(1, samples);
  const longer = guard.sustained === null ? `${duration(roundedMs(needed / perMs))}, or ` : '';
  return (
    `got about ${whole(samples)} samples in ${duration(overMs)} of stage ${stage.name}, guard '${guard.name}' takes about ` +
    `${whole(needed)}: ${longer}${times >= 10 ? whole(Math.ceil(times)) : Number(times.toPrecision(2))} times the traffic`
  );
}

const roundedMs = (ms: number): number => Math.ceil(ms / 60_000) * 60_000;

/** Shares of all requests that the guard reads of the candidate, and of its reference (of pairs: the same). Segments are taken to be alike. */
function sharesOf(guard: Guard, stage: Stage, segments: number): readonly [own: number, reference: number] {
  const [weight, control, mirror] = [stage.weightPercent, stage.controlPercent, stage.mirrorPercent].map(
    (p) => p / 100,
  );
  const open = stage.segments === undefined || segments === 0 ? 1 : stage.segments.length / segments;
  const part = guard.segment === 'all' ? open : 1 / Math.max(1, segments);
  const rest = 1 - weight! - control!;
  // Nobody sees a copy, so it has no outcome.
  const own = guard.metric.kind.endsWith('outcome-ratio') ? weight! : weight! + mirror! * rest;
  const { bound } = guard;
  const reference =
    bound?.kind !== 'relative' || comparesPairs(guard, stage) ? own : bound.to === 'control' ? control! : rest;
  return [own * part, reference * part];
}

/** Over how long the guard sums up, ms: labels that come after the stage do not count. */
function stretchOf(guard: Guard, stage: Stage, { evaluateEveryMs }: Policy, { outcomes }: Scenario): number {
  const { sustained, test } = guard;
  if (sustained !== null) return sustained.reading === 'every' ? evaluateEveryMs : sustained.forMs;
  if (test !== null && !isSequential(test)) return lookBackMs(test);
  const lateMs = guard.metric.kind === 'outcome-ratio' && outcomes.kind !== 'none' ? outcomes.labelDelayMs : 0;
  return stage.holdMs + (guard.requiredToAdvance ? stage.extendMs : 0) - lateMs;
}

/** What the scenario says of both arms; where it says nothing of events that are bad, none: the best that can be. */
function ratiosOf(
  { metric, bound, segment }: Guard,
  { arms, outcomes }: Scenario,
): Pick<Expected, 'own' | 'reference'> {
  if (segment === EACH) return { own: null, reference: null };
  if (metric.kind === 'error-ratio') return { own: arms.candidate.errorRatio, reference: arms.baseline.errorRatio };
  if (metric.kind === 'outcome-ratio')
    return outcomes.kind === 'bernoulli'
      ? { own: outcomes.candidate, reference: outcomes.baseline }
      : { own: null, reference: null };
  const isCeiling = bound?.kind === 'absolute' && bound.breachWhen.startsWith('>');
  return { own: isCeiling && metric.kind !== 'score' ? 0 : null, reference: null };
}
