/** A policy as the YAML that `loadPolicy` reads: what it decides, not how somebody once wrote it. */
import { formatDuration } from '../config/units.ts';
import type { Test } from './guard-tests.ts';
import type { Bound, Guard, Metric, Policy, Stage } from './policy.ts';

/** The text of a policy file; reading it gives the same policy back. `head` becomes comment lines above it. */
export function policyText(policy: Policy, head: readonly string[] = []): string {
  const { name, description, evaluateEveryMs, maxGap, coverage, requireCompatibleSchemas, stages, guards } = policy;
  const { deadlineMs, preWarm, verifyMs } = policy.rollback;
  return [
    ...head.map((line) => `# ${line}`),
    `name: ${quoted(name)}`,
    ...(description === null ? [] : [`description: ${quoted(description)}`]),
    `evaluateEvery: ${formatDuration(evaluateEveryMs)}`,
    `maxGap: ${maxGap}`,
    `coverage: ${fractionText(coverage)}`,
    `requireCompatibleSchemas: ${requireCompatibleSchemas}`,
    'stages:',
    ...stages.map((stage) => `  - ${map(stageFields(stage))}`),
    'guards:',
    ...guards.flatMap((guard) =>
      guardFields(guard).map(([key, value], i) => `${i === 0 ? '  - ' : '    '}${key}: ${value}`),
    ),
    `rollback: ${map([
      ['deadline', formatDuration(deadlineMs)],
      ['preWarm', String(preWarm)],
      ['verify', formatDuration(verifyMs)],
    ])}`,
    '',
  ].join('\n');
}

type Fields = readonly (readonly [key: string, value: string])[];

/** JSON's strings are YAML's double-quoted ones. */
const quoted = (text: string): string => JSON.stringify(text);
const map = (fields: Fields): string => `{ ${fields.map(([key, value]) => `${key}: ${value}`).join(', ')} }`;

/** In percent where that is the same number, else as the fraction it is. */
export function fractionText(fraction: number): string {
  const percent = String(Number((fraction * 100).toPrecision(15)));
  return Number(`${percent}e-2`) === fraction && !percent.includes('e') ? `${percent}%` : String(fraction);
}

const stageFields = ({
  name,
  weightPercent,
  mirrorPercent,
  controlPercent,
  segments,
  holdMs,
  extendMs,
}: Stage): Fields => [
  ['name', quoted(name)],
  ['weight', `${weightPercent}%`],
  ...(mirrorPercent === 0 ? [] : [['mirror', `${mirrorPercent}%`] as const]),
  ...(controlPercent === 0 ? [] : [['control', `${controlPercent}%`] as const]),
  ...(segments === undefined ? [] : [['segments', `[${segments.map(quoted).join(', ')}]`] as const]),
  ['hold', formatDuration(holdMs)],
  ...(extendMs === holdMs ? [] : [['extend', formatDuration(extendMs)] as const]),
];

const optional = (key: string, value: string | null): Fields => (value === null ? [] : [[key, value]]);

function guardFields(guard: Guard): Fields {
  const { name, description, metric, bound, sustained, test, delayMs, action, stages, segment } = guard;
  return [
    ['name', quoted(name)],
    ...optional('description', description === null ? null : quoted(description)),
    ['metric', metricAsText(metric)],
    ...optional('breachWhen', bound === null ? null : boundAsText(metric, bound)),
    ...optional(
      'sustained',
      sustained === null
        ? null
        : map([
            ['for', formatDuration(sustained.forMs)],
            ['reading', sustained.reading],
          ]),
    ),
    ...optional('test', test === null ? null : map(testFields(test))),
    ...optional('delay', delayMs === 0 ? null : formatDuration(delayMs)),
    ['action', action],
    ...optional('stages', stages === null ? null : `[${stages.map(quoted).join(', ')}]`),
    ...optional('segment', segment === 'all' ? null : quoted(segment)),
    ['requiredToAdvance', String(guard.requiredToAdvance)],
    ['minSamples', String(guard.minSamples)],
    ['minPositives', String(guard.minPositives)],
    ...optional('carryOver', guard.carryOver ? 'true' : null),
  ];
}

export function metricAsText(metric: Metric): string {
  if ('quantile' in metric) return `${metric.kind} p${Number((metric.quantile * 100).toPrecision(12))}`;
  if (metric.kind === 'measure') return `measure ${metric.name}`;
  if (metric.kind === 'slow-ratio') return `slow-ratio ${formatDuration(metric.thresholdMs)}`;
  return metric.kind === 'distribution' ? `${metric.of} distribution` : metric.kind;
}

export function boundAsText(metric: Metric, bound: Bound): string {
  if (bound.kind === 'relative') {
    const side = { rise: 'rise', drop: 'drop', either: 'change' }[bound.direction];
    return map([
      [side, fractionText(bound.by)],
      ['relativeTo', bound.earlier === true ? 'before' : bound.to],
    ]);
  }
  const { breachWhen, value } = bound;
  if (metric.kind === 'latency' || metric.kind === 'feature-fetch')
    return quoted(`${breachWhen} ${formatDuration(value)}`);
  return quoted(`${breachWhen} ${metric.kind === 'score' || metric.kind === 'measure' ? value : fractionText(value)}`);
}

function testFields(test: Test): Fields {
  const fields: [string, string][] = [['method', test.method]];
  const add = (key: string, value: string | undefined): void => {
    if (value !== undefined) fields.push([key, value]);
  };
  const given: Readonly<Record<string, unknown>> = { ...test };
  const as = (key: string, text: (value: number) => string): string | undefined =>
    given[key] === undefined ? undefined : text(given[key] as number);
  add('alpha', as('alpha', fractionText));
  add('passAlpha', as('passAlpha', fractionText));
  add('passBy', given['passBy'] as string | undefined);
  // Means and bets have none to choose, nor have users.
  if (test.method !== 'mean-sequence' && test.method !== 'betting' && given['clusterBy'] === undefined)
    add('varianceInflation', as('inflation', String));
  add('lateOnset', as('lateOnset', String));
  add('sharpestAt', as('sharpestMs', formatDuration));
  add('clusterBy', given['clusterBy'] as string | undefined);
  add('factor', as('factor', String));
  add('long', as('longMs', formatDuration));
  add('short', as('shortMs', formatDuration));
  add('over', as('overMs', formatDuration));
  add('minWindows', as('minWindows', String));
  add('bins', as('bins', String));
  return fields;
}
