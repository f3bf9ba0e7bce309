/** Where a replica reads the stored features of an entity: the interface, and which store a user means. */

/** Values of every entity, `width` each. A store that cannot be read rejects with StoreUnavailable; then nothing is known. */
export interface FeatureStore {
  /** Values per entity. */
  readonly width: number;
  /** How many entities were put in, numbered from 0. */
  readonly entities: number;
  /** The entity's values; null when the store has none for it. */
  get(entity: number): Promise<Float32Array | null>;
  /** The same for several at once, in their order; cheaper than one by one. */
  getMany(entities: readonly number[]): Promise<(Float32Array | null)[]>;
  close(): Promise<void>;
}

/** The store cannot be reached, or is not there. The command line ends with 4. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

export const isRedisUrl = (place: string): boolean => /^rediss?:\/\//.test(place);

/**
 * Opens the store at `place`: a `redis://` URL, or the file of an embedded store, which any number of processes may read. `namespace` is
 * whose features of a shared server are meant. Rejects with StoreUnavailable when there is none, with BadInput for a file that is none.
 */
export async function openFeatureStore(place: string, namespace?: string): Promise<FeatureStore> {
  if (isRedisUrl(place)) return (await import('./redis.ts')).openRedisStore(place, namespace);
  return (await import('./sqlite.ts')).openSqliteStore(place);
}
