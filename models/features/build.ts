/** Filling a store: what belongs into it, and how it gets there in bulk. */
import type { ContentTable } from '../table.ts';
import { isRedisUrl } from './store.ts';

/** The values of every entity, to be put into a store. */
export interface FeatureTable {
  /** Entities are numbered from 0. */
  readonly entities: number;
  /** Values per entity. */
  readonly width: number;
  /** Puts the values of one entity into `into`, which has room for `width`. */
  readonly read: (entity: number, into: Float32Array) => void;
}

/**
 * The stored features of a content table for `entities` entities. Which entity asks is drawn independently of what it asks for, so
 * entities take the rows in turn: entity e has those of row e modulo the number of rows.
 */
export function storedFeatures(
  { matrix, features, rows }: Pick<ContentTable, 'matrix' | 'features' | 'rows'>,
  entities: number,
): FeatureTable {
  const columns = features.flatMap(({ stored }, column) => (stored ? [column] : []));
  return {
    entities,
    width: columns.length,
    read(entity, into) {
      const start = (entity % rows) * features.length;
      for (let i = 0; i < columns.length; i++) into[i] = matrix[start + columns[i]!]!;
    },
  };
}

/** Makes the store at `place`, whatever was there before; see `openFeatureStore`. */
export async function buildFeatureStore(place: string, table: FeatureTable, namespace?: string): Promise<void> {
  if (isRedisUrl(place)) await (await import('./redis.ts')).buildRedisStore(place, table, namespace);
  else (await import('./sqlite.ts')).buildSqliteStore(place, table);
}
