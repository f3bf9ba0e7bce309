/** Whether a candidate can take the baseline's traffic: what it is sent and what it answers must fit. */
import type { ModelInfo } from './catalogue.ts';
import type { FeatureInfo, TensorInfo } from './manifest.ts';

/** A model's side of the contract. `ModelInfo` is one; so is what production sends. */
export type Signature = Pick<ModelInfo, 'name' | 'inputs' | 'outputs' | 'features'>;

/**
 * One sentence per reason why `candidate` cannot stand in for `baseline`; empty when it can. What a declared schema cannot
 * show, such as values in another unit than declared, is not found.
 */
export function schemaIssues(baseline: Signature, candidate: Signature): string[] {
  return [
    ...tensorIssues(
      'input',
      baseline.inputs,
      candidate.inputs,
      candidate.name,
      (sent, taken) => taken === -1 || taken === sent,
    ),
    ...tensorIssues(
      'output',
      baseline.outputs,
      candidate.outputs,
      candidate.name,
      (read, given) => read === -1 || read === given,
    ),
    ...featureIssues(baseline.features, candidate.features, candidate.name),
  ];
}

/** Like `schemaIssues`, for feature lists alone. `model` is whom the sentences speak of. */
export function featureIssues(sent: readonly FeatureInfo[], wanted: readonly FeatureInfo[], model: string): string[] {
  const sentByName = new Map(sent.map((feature) => [feature.name, feature]));
  const wantedNames = new Set(wanted.map(({ name }) => name));
  const issues = wanted.flatMap((feature) => oneFeature(sentByName.get(feature.name), feature, model));
  for (const { name } of sent)
    if (!wantedNames.has(name)) issues.push(`${model} does not take the feature '${name}', which is sent`);
  const got = order(wanted, sent);
  const expected = order(sent, wanted);
  if (got !== expected) issues.push(`${model} takes features in the order ${got}, expected ${expected}`);
  return issues;
}

/**
 * One sentence per reason why `baseline` could not serve again once a rollout has changed what the feature store holds. `unit` null:
 * the feature is no longer written. What the baseline does not read cannot break it.
 */
export function rollbackIssues(
  { name, features }: Pick<Signature, 'name' | 'features'>,
  changes: readonly { readonly feature: string; readonly unit: string | null }[],
): string[] {
  const written = features.flatMap((feature) => {
    const change = feature.stored ? changes.find((each) => each.feature === feature.name) : undefined;
    if (change === undefined) return [feature];
    return change.unit === null ? [] : [{ ...feature, unit: change.unit }];
  });
  return featureIssues(written, features, `after the rollout's migration ${name}`).map(
    (issue) => `${issue}, so a rollback would break`,
  );
}

/** Names of the features that `others` have too, in their own order. */
const order = (features: readonly FeatureInfo[], others: readonly FeatureInfo[]): string =>
  features.flatMap(({ name }) => (others.some((other) => other.name === name) ? [name] : [])).join(', ');

const origin = (isStored: boolean): string => (isStored ? 'the feature store' : 'the request');

function oneFeature(sent: FeatureInfo | undefined, wanted: FeatureInfo, model: string): string[] {
  const { name, unit, stored } = wanted;
  if (sent === undefined) return [`${model} needs the feature '${name}' (unit ${unit}), which is not sent`];
  const issues: string[] = [];
  if (unit !== sent.unit) issues.push(`${model} takes feature '${name}' in unit ${unit}, expected ${sent.unit}`);
  if (stored !== sent.stored)
    issues.push(`${model} takes feature '${name}' from ${origin(stored)}, expected ${origin(sent.stored)}`);
  return issues;
}

/** `fits` says whether one dimension is right, given the baseline's and the candidate's size. */
function tensorIssues(
  kind: 'input' | 'output',
  baseline: readonly TensorInfo[],
  candidate: readonly TensorInfo[],
  model: string,
  fits: (baseline: number, candidate: number) => boolean,
): string[] {
  const byName = new Map(candidate.map((tensor) => [tensor.name, tensor]));
  const issues = baseline.flatMap((wanted) => {
    const got = byName.get(wanted.name);
    byName.delete(wanted.name);
    const what = `${model} has ${kind} '${wanted.name}'`;
    if (got === undefined) return [`${model} has no ${kind} '${wanted.name}', expected ${print(wanted)}`];
    if (got.type !== wanted.type) return [`${what} of type ${got.type}, expected ${wanted.type}`];
    if (got.shape.length !== wanted.shape.length)
      return [`${what} of rank ${got.shape.length}, expected ${wanted.shape.length}`];
    const same = wanted.shape.every((size, axis) => fits(size, got.shape[axis] ?? 0));
    return same ? [] : [`${what} of shape ${shape(got)}, expected ${shape(wanted)}`];
  });
  for (const extra of byName.values()) issues.push(`${model} has the ${kind} '${extra.name}' besides, expected none`);
  return issues;
}

const shape = (tensor: TensorInfo): string => `[${tensor.shape.map((size) => (size === -1 ? 'N' : size)).join(', ')}]`;
const print = (tensor: TensorInfo): string => `${tensor.type} ${shape(tensor)}`;
