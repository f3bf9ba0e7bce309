/** What goes wrong, when, and how badly. */
import { z } from 'zod';
import { duration, durationOrInfinite, fraction, positiveSize } from '../../config/fields.ts';
import { between, ifKnown } from '../../config/rules.ts';
import type { Fault, FaultTrigger } from '../scenario.ts';

const at: z.ZodType<FaultTrigger> = z.union([
  duration.transform((atMs): FaultTrigger => ({ on: 'time', atMs })),
  z.discriminatedUnion('on', [
    z
      .strictObject({
        on: z.literal('weight-change'),
        after: duration.prefault(0).describe('this long after every change of the traffic weight'),
      })
      .transform(({ on, after }): FaultTrigger => ({ on, afterMs: after })),
    z
      .strictObject({
        on: z.literal('stage'),
        stage: z.string().min(1).describe("name of one of the policy's stages"),
        after: duration.prefault(0).describe('this long after the stage begins'),
      })
      .transform(({ on, stage, after }): FaultTrigger => ({ on, stage, afterMs: after })),
  ]),
]);

const common = {
  name: z.string().min(1).optional().describe('name in reports; the kind when left out'),
  at: at.describe('a time since the start, or {on: weight-change, after}, or {on: stage, stage, after}'),
  target: z.enum(['baseline', 'candidate', 'both']).default('both').describe('arm it hits'),
};
const segment = z
  .string()
  .min(1)
  .optional()
  .describe(
    'segment whose requests alone it hits: of feature-delay, feature-missing, upstream-brownout, score-skew; every request when left out',
  );
const lasting = durationOrInfinite.describe('how long it lasts');

const coldCache = z.strictObject({ kind: z.literal('cold-cache'), ...common });

const byFactor = z
  .strictObject({
    kind: z.enum([
      'autoscaling-lag',
      'feature-delay',
      'traffic-spike',
      'model-load-slow',
      'upstream-brownout',
      'score-skew',
    ]),
    ...common,
    for: lasting,
    segment,
    size: z.number().gt(0).max(10_000).describe('factor on the rate, latency, start-up time, service time or score'),
  })
  .check(
    between([
      ({ kind, target }, report) =>
        kind === 'traffic-spike' &&
        target !== 'both' &&
        report(['target'], 'expected both: traffic rises before it is split'),
      ({ kind, segment: only }, report) =>
        only !== undefined &&
        !['feature-delay', 'upstream-brownout', 'score-skew'].includes(kind) &&
        report(['segment'], `expected none: ${kind} hits every request`),
    ]),
  );

const byShare = z
  .strictObject({
    kind: z.enum(['feature-missing', 'error-burst']),
    ...common,
    for: lasting,
    segment,
    size: fraction.describe('share of the requests'),
  })
  .check(
    between([
      ({ kind, segment: only }, report) =>
        only !== undefined &&
        kind === 'error-burst' &&
        report(['segment'], `expected none: ${kind} hits every request`),
    ]),
  );

const FINITE = 'expected a finite duration such as 30s: hung replicas come back; to lose them use replica-crash';

const byCount = z
  .strictObject({
    kind: z.enum(['replica-crash', 'replica-hang']),
    ...common,
    for: durationOrInfinite.prefault(0).describe('how long until the replicas come back, start-up not included'),
    size: positiveSize.describe('number of replicas'),
  })
  .check(
    between([
      ({ kind, for: forMs }, report) => kind === 'replica-hang' && forMs === Infinity && report(['for'], FINITE),
    ]),
  );

const fault: z.ZodType<Fault> = z.discriminatedUnion('kind', [coldCache, byFactor, byShare, byCount]).transform(
  (given): Fault => ({
    name: given.name ?? given.kind,
    kind: given.kind,
    trigger: given.at,
    forMs: 'for' in given ? given.for : 0,
    arm: given.target === 'both' ? null : given.target,
    ...('segment' in given && given.segment !== undefined ? { segment: given.segment } : {}),
    size: 'size' in given ? given.size : 1,
  }),
);

export const faults: z.ZodType<readonly Fault[]> = z.array(fault).check(
  between([
    (all, report) => {
      const names = [...all.keys()].map((i) => ifKnown(() => all[i]!.name));
      for (const [i, name] of names.entries())
        if (name !== undefined && names.indexOf(name) < i)
          report([i, 'name'], `got '${name}' a second time, expected a name of its own`);
    },
  ]),
);
