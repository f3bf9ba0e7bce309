/** Who asks for what: number and rate of requests, their keys, users, contents. */
import { z } from 'zod';
import { duration, fraction, positiveDuration, positiveSize, rate } from '../../config/fields.ts';
import { between, ifKnown } from '../../config/rules.ts';
import { meanMs, meanRps } from '../mean.ts';
import type { ContentSource, Retries } from '../scenario.ts';
import { type ArrivalsForm, arrivals } from './arrivals.ts';

export interface TrafficForm {
  readonly requests: number;
  /** Mean over a long time; null when only a trace knows it. */
  readonly rateRps: number | null;
  readonly arrivals: ArrivalsForm;
  readonly keys: { readonly count: number; readonly zipf: number };
  readonly users: number;
  readonly content: ContentSource;
  readonly retries?: Retries | undefined;
  readonly segments: readonly string[];
}

const retries: z.ZodType<Retries> = z
  .strictObject({
    attempts: z.int().min(1).max(3).describe('how often one request is asked again at most, 1 to 3'),
    backoff: duration
      .prefault('100ms')
      .describe('wait before the first retry; doubled for each further one, ± half of it'),
    on: z
      .enum(['timeout', 'error'])
      .default('error')
      .describe('timeout: only when the caller gave up; error: whenever there was no answer'),
    budget: fraction
      .nullable()
      .default(null)
      .describe('retries per first request that all callers together may send; null = as many as they like'),
  })
  .transform(({ backoff: backoffMs, ...rest }): Retries => ({ ...rest, backoffMs }));

const keys = z.strictObject({
  count: positiveSize.prefault(1).describe('number of distinct entities whose features are fetched'),
  zipf: z.number().min(0).max(5).default(0).describe('popularity: key i has probability ∝ 1/i^zipf; 0 = all alike'),
});

const content: z.ZodType<ContentSource> = z.union([
  z
    .string()
    .min(1)
    .transform(
      (file): ContentSource => (file === 'none' ? { kind: 'none' } : { kind: 'table', file, order: 'sequential' }),
    ),
  z
    .strictObject({
      file: z.string().min(1).describe('content table (Parquet)'),
      order: z.enum(['sequential', 'random']).default('sequential').describe('how its rows are drawn'),
    })
    .transform((table): ContentSource => ({ kind: 'table', ...table })),
]);

/** More than any service gets; a rehearsal of it would run for days and not hear that it is to stop. */
const MOST_RPS = 1_000_000;
/** As many as memory holds. */
const MOST_KEYS = 100_000_000;

/** Two of requests, over and rate say how much traffic there is; one of requests and over when the arrivals state rates. */
export const traffic: z.ZodType<TrafficForm> = z
  .strictObject({
    requests: positiveSize
      .optional()
      .describe('requests of the rehearsal in its own size, e.g. 10M; give two of requests, over, rate'),
    over: positiveDuration.optional().describe('time they take to arrive, e.g. 2h'),
    rate: rate.optional().describe('mean rate of arrivals, e.g. 1389/s'),
    arrivals: arrivals.prefault('poisson').describe('arrival process'),
    keys: keys.prefault({}).describe('entities whose features are fetched'),
    users: positiveSize.prefault('1M').describe('number of sticky routing identities, drawn uniformly'),
    content: content.prefault('none').describe('table of request contents (Parquet), or none'),
    retries: retries.optional().describe('callers that ask again when they get no answer; left out: nobody does'),
    segments: z
      .array(z.string().min(1))
      .default([])
      .describe("names of the content table's segments, in the order of its segment numbers; empty = not segmented"),
  })
  .check(
    between([
      (given, report) => {
        // By their names alone, so that an amount that is wrong is still one too many.
        const wrong = misnamed(
          ['requests', 'over', 'rate'].filter((name) => name in given),
          given.arrivals,
        );
        if (wrong !== null) report([], wrong);
      },
      ({ requests, over, rate: stated, arrivals: process }, report) => {
        const mean = ownRate(process) ?? stated ?? (requests ?? 0) / ((over ?? Infinity) / 1000);
        if (mean > MOST_RPS)
          report([], `got ${Math.round(mean)} requests per second, expected at most ${MOST_RPS} on average`);
      },
      ({ keys: { count } }, report) => count > MOST_KEYS && report(['keys', 'count'], `expected at most ${MOST_KEYS}`),
      ({ segments }, report) => {
        const names = [...segments.keys()].map((i) => ifKnown(() => segments[i]!));
        for (const [i, name] of names.entries()) {
          const issue = (rule: string): void => report(['segments', i], rule);
          if (name === 'all') issue('expected another name: all is the segment that holds every request');
          if (name === 'each') issue('expected another name: a guard on each is asked of every segment');
          if (name !== undefined && names.indexOf(name) < i) issue('expected each segment once');
        }
      },
    ]),
  )
  .transform(({ requests, over, rate: rateRps, ...given }): TrafficForm => {
    const own = ownRate(given.arrivals);
    const mean = own ?? rateRps;
    return {
      ...given,
      requests: requests ?? countOf(mean, over),
      rateRps: given.arrivals.kind === 'trace' ? null : (mean ?? (requests ?? 0) / ((over ?? 0) / 1000)),
    };
  });

/** The rule that is broken by saying with just these words how much traffic there is; null when they are right. */
function misnamed(names: readonly string[], process: ArrivalsForm): string | null {
  const got = names.length === 0 ? 'none of them' : names.join(' and ');
  if (process.kind === 'trace')
    return names.join() === 'requests' ? null : `got ${got}, expected only requests: the trace knows its rate`;
  if (ownRate(process) !== null)
    return names.length === 1 && names[0] !== 'rate'
      ? null
      : `got ${got}, expected one of requests, over: the arrivals state their rates`;
  return names.length === 2 ? null : `got ${got}, expected two of requests, over, rate`;
}

const countOf = (rps: number | undefined, overMs: number | undefined): number =>
  Math.max(1, Math.round(((rps ?? 0) * (overMs ?? 0)) / 1000));

/** Mean rate of a process that states its own rates; null for one that takes it from `traffic`. */
function ownRate(process: ArrivalsForm): number | null {
  if (process.kind === 'profile') return meanRps(process.segments, process.periodMs);
  if (process.kind === 'mmpp') {
    const [calm, busy] = [1 / process.switchPerSecond[0], 1 / process.switchPerSecond[1]];
    return (process.rateRps[0] * calm + process.rateRps[1] * busy) / (calm + busy);
  }
  if (process.kind === 'onoff') {
    const [on, off] = [meanMs(process.on), meanMs(process.off)];
    return (process.rateRps * on) / (on + off);
  }
  return null;
}
