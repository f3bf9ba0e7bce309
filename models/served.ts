/** What production sends: the features of a request, in the order of features.sql, as data/features.json declares them (or rank-features.json). */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { dataFile } from './files.ts';
import type { FeatureInfo } from './manifest.ts';

/** A feature with its mean over the training months, which stands in when a stored feature is missing. */
export interface ServedFeature extends FeatureInfo {
  readonly mean: number;
}

/** What the rows of a content table mean. */
export interface Served {
  readonly scoreName: string;
  /** Names of the segments, by segment number. */
  readonly segmentNames: readonly string[];
  readonly features: readonly ServedFeature[];
}

const schema: z.ZodType<Served> = z.strictObject({
  scoreName: z.string(),
  segmentNames: z.array(z.string()),
  features: z.array(z.strictObject({ name: z.string(), unit: z.string(), stored: z.boolean(), mean: z.number() })),
});

/** `file`: of flights, or `rank-features.json` of a catalogue's requests. */
export const readServed = (file = 'features.json'): Served =>
  schema.parse(JSON.parse(readFileSync(dataFile(file), 'utf8')));
