/** Content tables of a catalogue's requests: features, device, and the true preference set of each. */
import { readColumns } from '../../storage/parquet.ts';
import { readServed } from '../served.ts';
import type { ContentTable } from '../table.ts';
import { playChance } from './lists.ts';
import { PREFERRED, preferredColumns, readItems } from './truth.ts';

/** Reads the table that `openContent` found to be of this kind. Throws BadInput when it lacks a column. */
export async function openRequests(file: string): Promise<ContentTable> {
  const served = readServed('rank-features.json');
  const width = served.features.length;
  const schema = {
    device: 'uint8',
    ...Object.fromEntries(served.features.map(({ name }) => [name, 'float' as const])),
    ...preferredColumns,
  } as const;
  const features: Float32Array[] = [];
  const devices: Uint8Array[] = [];
  const sets: Uint16Array[] = [];
  for await (const part of readColumns(file, schema)) {
    const columns = part as unknown as Readonly<Record<string, Float32Array>>;
    const rows = part.device.length;
    devices.push(part.device.slice());
    features.push(
      interleaved(
        served.features.map(({ name }) => columns[name]!),
        rows,
        Float32Array,
      ),
    );
    const names = Object.keys(preferredColumns);
    sets.push(
      interleaved(
        names.map((name) => columns[name]!),
        rows,
        Uint16Array,
      ),
    );
  }
  const rows = devices.reduce((sum, part) => sum + part.length, 0);
  const segments = joined(devices, new Uint8Array(new SharedArrayBuffer(rows)));
  const matrix = joined(features, new Float32Array(new SharedArrayBuffer(4 * rows * width)));
  const preferred = joined(sets, new Uint16Array(new SharedArrayBuffer(2 * rows * PREFERRED)));
  // What a list of preferred items only would reach: no score is compared with it, but axes begin and end by it.
  const best = playChance(
    Array.from({ length: PREFERRED }, (_, i) => i),
    () => true,
  );
  const actual = new Float32Array(new SharedArrayBuffer(4 * rows)).fill(best);
  return { ...served, rows, segments, actual, matrix, ranking: { ...(await readItems()), preferred } };
}

/** Columns become rows, one after the other. */
function interleaved<A extends Float32Array | Uint16Array>(
  columns: readonly ArrayLike<number>[],
  rows: number,
  Kind: new (length: number) => A,
): A {
  const matrix = new Kind(rows * columns.length);
  for (const [c, column] of columns.entries())
    for (let row = 0; row < rows; row++) matrix[row * columns.length + c] = column[row]!;
  return matrix;
}

function joined<A extends Float32Array | Uint16Array | Uint8Array>(parts: readonly A[], into: A): A {
  let at = 0;
  for (const part of parts) {
    into.set(part, at);
    at += part.length;
  }
  return into;
}
