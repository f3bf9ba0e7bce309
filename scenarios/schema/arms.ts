/** The two versions of the service: how long an answer takes, and what stands ready to give it. */
import { z } from 'zod';
import {
  duration,
  durationOrInfinite,
  fraction,
  positiveDuration,
  positiveSize,
  size,
  sizeOrInfinite,
} from '../../config/fields.ts';
import { between } from '../../config/rules.ts';
import type { ArmSpec, Autoscaler } from '../scenario.ts';
import { type TimesForm, times } from './distribution.ts';

const autoscaler: z.ZodType<Autoscaler> = z
  .strictObject({
    min: positiveSize.describe('never fewer replicas'),
    max: positiveSize.describe('never more replicas'),
    targetUtilisation: fraction.prefault('50%').describe('wanted busy share of the ready slots'),
    metricLag: duration.prefault('30s').describe('the measurement it sees is this old'),
    metricWindow: positiveDuration.prefault('1m').describe('the measurement is a mean over this long'),
    syncEvery: positiveDuration.prefault('15s').describe('it decides this often'),
    tolerance: fraction.prefault('10%').describe('no change while measured/target is this close to 1'),
    scaleDownStabilisation: duration
      .prefault('5m')
      .describe('scale down only to the largest recommendation of this long'),
  })
  .check(
    between([
      ({ min, max }, report) => max < min && report(['max'], 'expected no less than min'),
      ({ targetUtilisation }, report) =>
        targetUtilisation === 0 && report(['targetUtilisation'], 'expected more than 0'),
    ]),
  )
  .transform(
    ({ min, max, metricLag, metricWindow, syncEvery, scaleDownStabilisation, ...rest }): Autoscaler => ({
      ...rest,
      minReplicas: min,
      maxReplicas: max,
      metricLagMs: metricLag,
      metricWindowMs: metricWindow,
      syncEveryMs: syncEvery,
      scaleDownStabilisationMs: scaleDownStabilisation,
    }),
  );

const coldStart = z.strictObject({
  requests: size.prefault(0).describe('the first so many requests of a fresh replica are slower'),
  factor: z.number().min(1).default(1).describe('the first one by this factor, falling linearly to 1'),
});

/** Of one arm: more than anybody has, and no more than memory holds. */
const MOST_SLOTS = 1_000_000;
/** As many as the simulator's request words can number. */
const MOST_REPLICAS = 65_000;

/** An arm as its file states it. */
export type ArmForm = Omit<ArmSpec, 'service' | 'overhead'> & {
  readonly service: TimesForm;
  readonly overhead?: TimesForm;
};

const arm: z.ZodType<ArmForm> = z
  .strictObject({
    model: z.string().min(1).nullable().default(null).describe('folder under models/; null when there is no content'),
    servingSkew: z
      .record(z.string().min(1), z.number().gt(0).max(10_000))
      .optional()
      .describe('training-serving skew: stored features whose served value is this many times the trained one'),
    service: times.describe('service time: what one slot needs for one request'),
    overhead: times
      .optional()
      .describe('what an answer takes besides features, queue and slot; real servers have their own'),
    replicas: positiveSize.describe('replicas at the start'),
    slowReplicas: z
      .strictObject({
        count: positiveSize.describe('number of slow replicas'),
        factor: z.number().min(1).max(1000).describe('factor on their service times'),
      })
      .optional()
      .describe('some replicas are slow, as beside a noisy neighbour'),
    slots: positiveSize.prefault(1).describe('requests a replica serves at once'),
    queueLimit: sizeOrInfinite
      .prefault('infinite')
      .describe('waiting places per replica; a request beyond them is rejected'),
    queueTimeout: durationOrInfinite.prefault('infinite').describe('a request leaves unserved after waiting this long'),
    timeout: durationOrInfinite.prefault('infinite').describe('the caller gives up after this long in all'),
    balancer: z
      .enum(['round-robin', 'random', 'power-of-two', 'least-loaded'])
      .default('power-of-two')
      .describe('how a replica is chosen'),
    errorRatio: fraction.prefault(0).describe('share of the requests that fail after being served'),
    coldStart: coldStart.prefault({}).describe('slowness of fresh replicas'),
    startUp: duration.prefault(0).describe('from wanting a replica to its process running'),
    modelLoad: duration.prefault(0).describe('from its process running to its model being loaded'),
    keepLoaded: z.boolean().default(true).describe('keep the model loaded while the arm gets no traffic'),
    autoscaler: autoscaler.nullable().default(null).describe('null: a fixed fleet'),
  })
  .check(
    between([
      ({ slowReplicas: slow, replicas }, report) =>
        slow !== undefined &&
        slow.count > replicas &&
        report(['slowReplicas', 'count'], `got ${slow.count}, expected at most the ${replicas} replicas there are`),
      ({ replicas, autoscaler: limits }, report) =>
        Math.max(replicas, limits?.maxReplicas ?? 0) > MOST_REPLICAS &&
        report(['replicas'], `expected at most ${MOST_REPLICAS}`),
      ({ replicas, slots }, report) =>
        replicas * slots > MOST_SLOTS &&
        report(['replicas'], `got ${replicas * slots} slots in all, expected at most ${MOST_SLOTS}`),
      ({ autoscaler: limits, slots }, report) =>
        limits !== null &&
        limits.maxReplicas * slots > MOST_SLOTS &&
        report(['autoscaler', 'max'], `got ${limits.maxReplicas * slots} slots in all, expected at most ${MOST_SLOTS}`),
      ({ replicas, autoscaler: limits }, report) =>
        limits !== null &&
        (replicas < limits.minReplicas || replicas > limits.maxReplicas) &&
        report(['replicas'], `expected ${limits.minReplicas} to ${limits.maxReplicas} as the autoscaler allows`),
    ]),
  )
  .transform(
    ({ slots, queueTimeout, timeout, startUp, modelLoad, overhead, servingSkew, ...rest }): ArmForm => ({
      ...rest,
      ...(servingSkew === undefined ? {} : { servingSkew }),
      ...(overhead === undefined ? {} : { overhead }),
      slotsPerReplica: slots,
      queueTimeoutMs: queueTimeout,
      timeoutMs: timeout,
      startUpMs: startUp,
      modelLoadMs: modelLoad,
    }),
  );

export const arms: z.ZodType<{ readonly baseline: ArmForm; readonly candidate: ArmForm }> = z.strictObject({
  baseline: arm.describe('the version in production'),
  candidate: arm.describe('the version being rolled out'),
});
