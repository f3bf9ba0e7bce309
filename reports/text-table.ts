/** Tables for a terminal. */

type Row = readonly string[];

/** A title, a head and rows in columns, and an empty line; nothing without rows. */
export function section(title: string, head: Row, rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const widths = head.map((text, i) => Math.max(text.length, ...rows.map((row) => row[i]!.length)));
  const line = (row: Row): string =>
    `  ${row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()}`;
  return [title, line(head), ...rows.map(line), ''];
}
