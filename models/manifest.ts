/** What manifest.json says about a model, and its check. */
import { z } from 'zod';

/** A named tensor of a model. */
export interface TensorInfo {
  readonly name: string;
  readonly type: 'float32' | 'float64' | 'int64' | 'int32';
  /** Sizes of the dimensions; −1 = any, as for the rows of a batch. */
  readonly shape: readonly number[];
}

/** One column of the input `features`. */
export interface FeatureInfo {
  readonly name: string;
  /** `mi`, `min`, or `1` for a number without unit. */
  readonly unit: string;
  /** Whether it comes from the feature store; the others come with the request. */
  readonly stored: boolean;
}

/** How good the predictions of a month are. Errors in minutes. */
export interface Metrics {
  readonly rows: number;
  readonly mae: number;
  readonly rmse: number;
  /** Share of predictions within 15 min of what happened. */
  readonly acceptance15: number;
  readonly medianPrediction: number;
}

/** A row of features and the model's answer, min, as the Python runtime computed it. */
export interface Example {
  readonly features: readonly number[];
  readonly eta: readonly number[];
}

/** What every manifest says, whatever its model does. */
export interface Described {
  readonly name: string;
  /** What the model is for, in one sentence. */
  readonly purpose: string;
  readonly licence: string;
  /** Of model.onnx, hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** Version of each operator set, by domain. */
  readonly opset: Readonly<Record<string, number>>;
  readonly irVersion: number;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Columns of the input, in order. */
  readonly features: readonly FeatureInfo[];
  /** Recipe, split, seed, source data and tool versions, for people and for retraining. */
  readonly training: Readonly<Record<string, unknown>>;
}

/** Of a model that answers with a trip time. */
export interface TripManifest extends Described {
  readonly task?: undefined;
  /** On May (validate) and on June (test), which no model was trained on. */
  readonly metrics: { readonly validate: Metrics; readonly test: Metrics };
  /** Measured time per row over the baseline's, on one thread, in batches of 1 and of 32 rows. */
  readonly timeRelativeToBaseline: { readonly batch1: number; readonly batch32: number };
  readonly examples: readonly Example[];
}

/** How good the lists for the table's requests are: means over all of them. */
export interface ListMetrics {
  readonly requests: number;
  readonly precision10: number;
  readonly diversity: number;
  readonly noveltyBits: number;
}

/** Of a model that answers with a list of items, best first, and the chance that the next play is in it. */
export interface RankingManifest extends Described {
  readonly task: 'ranking';
  readonly metrics: { readonly test: ListMetrics };
  readonly examples: readonly {
    readonly features: readonly number[];
    readonly items: readonly number[];
    readonly score: readonly number[];
  }[];
}

export type Manifest = TripManifest | RankingManifest;

const tensor: z.ZodType<TensorInfo> = z.strictObject({
  name: z.string().min(1),
  type: z.enum(['float32', 'float64', 'int64', 'int32']),
  shape: z.array(z.int().min(-1)),
});

const feature: z.ZodType<FeatureInfo> = z.strictObject({
  name: z.string().min(1),
  unit: z.string().min(1),
  stored: z.boolean(),
});

const metrics: z.ZodType<Metrics> = z.strictObject({
  rows: z.int().positive(),
  mae: z.number(),
  rmse: z.number(),
  acceptance15: z.number().min(0).max(1),
  medianPrediction: z.number(),
});

const described = {
  name: z.string().min(1),
  purpose: z.string().min(1),
  licence: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
  opset: z.record(z.string(), z.int()),
  irVersion: z.int(),
  inputs: z.array(tensor).min(1),
  outputs: z.array(tensor).min(1),
  features: z.array(feature).min(1),
  training: z.record(z.string(), z.unknown()),
};

const trip: z.ZodType<TripManifest> = z.strictObject({
  ...described,
  metrics: z.strictObject({ validate: metrics, test: metrics }),
  timeRelativeToBaseline: z.strictObject({ batch1: z.number().positive(), batch32: z.number().positive() }),
  examples: z.array(z.strictObject({ features: z.array(z.number()), eta: z.array(z.number()) })).min(5),
});

const ranking: z.ZodType<RankingManifest> = z.strictObject({
  ...described,
  task: z.literal('ranking'),
  metrics: z.strictObject({
    test: z.strictObject({
      requests: z.int().positive(),
      precision10: z.number().min(0).max(1),
      diversity: z.number(),
      noveltyBits: z.number(),
    }),
  }),
  examples: z
    .array(z.strictObject({ features: z.array(z.number()), items: z.array(z.int()), score: z.array(z.number()) }))
    .min(5),
});

/** What a manifest must look like: by the task it names, so that every issue is about the one it means to be. */
export const manifestSchemaFor = (document: unknown): z.ZodType<Manifest> =>
  typeof document === 'object' && document !== null && 'task' in document ? ranking : trip;
