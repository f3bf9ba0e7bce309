import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Row, readRow, ROW_BYTES } from './row.ts';
import { INDEX_FILE, type SliceIndex } from './slice-index.ts';

const PIECE_ROWS = 8192;

/** Reads the index of a folder of slices. Throws when it is none of ours. */
export function readIndex(dir: string): SliceIndex {
  const index = JSON.parse(readFileSync(join(dir, INDEX_FILE), 'utf8')) as SliceIndex;
  if (index.schemaVersion !== 1 || index.rowBytes !== ROW_BYTES)
    throw new Error(
      `got slices of version ${index.schemaVersion} with rows of ${index.rowBytes} bytes in ${dir}, expected version 1 and ${ROW_BYTES}`,
    );
  return index;
}

/** Requests with their intended times, as they stand in a slice. */
export class Piece {
  readonly count: number;
  /** Number of the first request. */
  readonly first: number;
  private readonly startUs: number;
  private readonly view: DataView;

  constructor(view: DataView, startUs: number, first: number) {
    this.view = view;
    this.startUs = startUs;
    this.first = first;
    this.count = view.byteLength / ROW_BYTES;
  }

  /** Intended time of request i of this piece, µs since the rehearsal began. */
  dueUs(i: number): number {
    return this.startUs + this.view.getUint32(i * ROW_BYTES, true);
  }

  read(i: number, row: Row): Row {
    return readRow(this.view, i * ROW_BYTES, row);
  }
}

/** All requests of a folder in order, a piece at a time. Throws when a slice is shorter than its index says. */
export async function* readSlices(dir: string, index: SliceIndex): AsyncGenerator<Piece, void> {
  for (const slice of index.slices) {
    const file = await open(join(dir, slice.file));
    try {
      for (let row = 0; row < slice.rows; row += PIECE_ROWS) {
        const view = await readPiece(file, row, Math.min(PIECE_ROWS, slice.rows - row));
        yield new Piece(view, slice.startMs * 1000, slice.first + row);
      }
    } finally {
      await file.close();
    }
  }
}

async function readPiece(file: FileHandle, row: number, rows: number): Promise<DataView> {
  const bytes = new Uint8Array(rows * ROW_BYTES);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, row * ROW_BYTES);
  if (bytesRead < bytes.length)
    throw new Error(`got ${row + Math.floor(bytesRead / ROW_BYTES)} rows in a slice, expected at least ${row + rows}`);
  return new DataView(bytes.buffer);
}

/** How many of the requests are due once `elapsedMs` have passed since the rehearsal began. */
export function countDue(dir: string, { slices }: SliceIndex, elapsedMs: number): number {
  const slice = slices.findLast(({ startMs }) => startMs <= elapsedMs);
  if (slice === undefined) return 0;
  const file = openSync(join(dir, slice.file), 'r');
  const view = new DataView(new ArrayBuffer(4));
  try {
    let [low, high] = [0, slice.rows];
    while (low < high) {
      const middle = (low + high) >>> 1;
      readSync(file, view, 0, 4, middle * ROW_BYTES);
      if (slice.startMs + view.getUint32(0, true) / 1000 <= elapsedMs) low = middle + 1;
      else high = middle;
    }
    return slice.first + low;
  } finally {
    closeSync(file);
  }
}
