/** What is wrong with a file a person wrote: every problem at once, each with its place. */

/** A spot in a text file; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where in a document a value sits: map keys and list indices from the root. */
export type Path = readonly (string | number)[];

/** One problem. `message` reads "got X, expected Y"; `path` is dotted, and empty for the document as a whole. */
export interface Issue extends Place {
  readonly path: string;
  readonly message: string;
}

/** `file:line:col path: got X, expected Y` */
export const printIssue = ({ file, line, column, path, message }: Issue): string =>
  `${file}:${line}:${column}${path === '' ? '' : ` ${path}`}: ${message}`;

/** Input from outside that cannot be used. The command line prints every issue and exits with 2. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(issues.map(printIssue).join('\n'));
    this.issues = issues;
  }
}

/** Throws BadInput when there are issues, ordered by place within each file. */
export function refuse(issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  const files = [...new Set(issues.map((issue) => issue.file))];
  const order = (a: Issue, b: Issue): number =>
    files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column;
  throw new BadInput(issues.toSorted(order));
}

/** The issue of a file that cannot even be read as text. */
export const fileIssue = (file: string, message: string): Issue => ({ file, line: 1, column: 1, path: '', message });
