/**
 * One request of a slice file: fixed width, little-endian, so that row i is found without reading what comes before it.
 * Shared by Node and k6: erasable TypeScript, no imports.
 */

/** u32 µs since the slice began, u32 key, u32 user, u32 content row. A request's number follows from its place. */
export const ROW_BYTES = 16;

/** What a request without content carries for its row. */
export const NO_CONTENT = 0xffffffff;

/** A request as it is sent. */
export interface Row {
  offsetUs: number;
  key: number;
  user: number;
  content: number;
}

/** Reads the row that begins at byte `at` into `row`, which is handed back: no garbage per request. */
export function readRow(view: DataView, at: number, row: Row): Row {
  row.offsetUs = view.getUint32(at, true);
  row.key = view.getUint32(at + 4, true);
  row.user = view.getUint32(at + 8, true);
  row.content = view.getUint32(at + 12, true);
  return row;
}

/** Writes one row at byte `at`. A negative content means none. */
export function writeRow(
  view: DataView,
  at: number,
  offsetUs: number,
  key: number,
  user: number,
  content: number,
): void {
  view.setUint32(at, offsetUs, true);
  view.setUint32(at + 4, key, true);
  view.setUint32(at + 8, user, true);
  view.setUint32(at + 12, content < 0 ? NO_CONTENT : content, true);
}
