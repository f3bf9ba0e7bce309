/**
 * A model as an arm serves it, in one text: its name, and what serving does to its stored features where that is not what training saw.
 * `eta-baseline`, or `eta-baseline?{"route_delay_min":60}`. Scores belong to a reference: two arms of one model may answer differently.
 */

/** By name of a stored feature: the factor between the value that is served and the one that was trained on. */
export type ServingSkew = Readonly<Record<string, number>>;

interface Arm {
  readonly model: string | null;
  readonly servingSkew?: ServingSkew;
}

/** Null for an arm without a model. */
export function referenceOf({ model, servingSkew }: Arm): string | null {
  if (model === null || servingSkew === undefined) return model;
  const sorted = Object.entries(servingSkew).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${model}?${JSON.stringify(Object.fromEntries(sorted))}`;
}

export function parseReference(reference: string): { readonly name: string; readonly skew: ServingSkew } {
  const at = reference.indexOf('?');
  if (at < 0) return { name: reference, skew: {} };
  return { name: reference.slice(0, at), skew: JSON.parse(reference.slice(at + 1)) as ServingSkew };
}
