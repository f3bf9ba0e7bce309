/** What is known of a catalogue and of every request to it, so that lists can be judged. Arrays are shared memory. */
import { readColumns } from '../../storage/parquet.ts';
import { dataFile } from '../files.ts';

/** Size of a request's true preference set, and the number of genres, as models/train/ranking/world.py declares them. */
export const PREFERRED = 40;
const GENRES = 12;

export interface RankingTruth {
  readonly items: number;
  /** [rows × PREFERRED] item numbers. */
  readonly preferred: Uint16Array;
  /** [items × items]: 1 − cosine of the items' genres. */
  readonly distance: Float32Array;
  /** −log₂ of the items' share of all plays. */
  readonly noveltyBits: Float32Array;
}

const numbered = <T extends string>(name: string, count: number, type: T): Readonly<Record<string, T>> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}_${i}`, type]));

const ITEM_COLUMNS = { ...numbered('genre', GENRES, 'float' as const), popularity: 'double' } as const;
export const preferredColumns: Readonly<Record<string, 'uint16'>> = numbered('relevant', PREFERRED, 'uint16' as const);

/** The catalogue's part of the truth: data/items.parquet. */
export async function readItems(): Promise<Omit<RankingTruth, 'preferred'>> {
  const genres: number[][] = [];
  const bits: number[] = [];
  for await (const part of readColumns(dataFile('items.parquet'), ITEM_COLUMNS)) {
    const columns = part as unknown as Readonly<Record<string, Float32Array>>;
    for (let i = 0; i < part.popularity.length; i++) {
      genres.push(Array.from({ length: GENRES }, (_, g) => columns[`genre_${g}`]![i]!));
      bits.push(-Math.log2(part.popularity[i]!));
    }
  }
  const items = genres.length;
  const distance = new Float32Array(new SharedArrayBuffer(4 * items * items));
  for (let i = 0; i < items; i++)
    for (let j = 0; j <= i; j++) distance[i * items + j] = distance[j * items + i] = 1 - cosine(genres[i]!, genres[j]!);
  const noveltyBits = new Float32Array(new SharedArrayBuffer(4 * items));
  noveltyBits.set(bits);
  return { items, distance, noveltyBits };
}

function cosine(a: readonly number[], b: readonly number[]): number {
  let [product, aa, bb] = [0, 0, 0];
  for (let g = 0; g < a.length; g++) {
    product += a[g]! * b[g]!;
    aa += a[g]! * a[g]!;
    bb += b[g]! * b[g]!;
  }
  return product / Math.sqrt(aa * bb);
}
