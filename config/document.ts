/** One YAML file as a document whose every value can be found again by line and column. */
import { readFileSync } from 'node:fs';
import { type Document, isScalar, LineCounter, parseDocument, visit, type YAMLParseError } from 'yaml';
import { BadInput, fileIssue, type Issue, type Place, refuse } from './issues.ts';
import { nearFile } from './near-file.ts';
import { surprises } from './surprises.ts';

export interface YamlDocument {
  readonly file: string;
  readonly root: Document;
  readonly value: unknown;
  /** The place of a character offset. */
  place(offset: number): Place;
}

const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'got no file of this name, expected a readable file',
  EISDIR: 'got a directory, expected a file',
  EACCES: 'got a file that may not be read, expected a readable file',
};

/** The text of a UTF-8 file. Throws BadInput when it is missing, a directory, unreadable or not text. */
export function readText(file: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const near = code === 'ENOENT' ? nearFile(file) : null;
    const hint = near === null ? '' : `; did you mean '${near}'?`;
    throw new BadInput([
      fileIssue(file, `${READ_ERRORS[code ?? ''] ?? `got an error (${message}), expected a readable file`}${hint}`),
    ]);
  }
  try {
    if (bytes.includes(0)) throw new TypeError('NUL byte');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BadInput([fileIssue(file, 'got bytes that are no text, expected UTF-8')]);
  }
}

/** Parses `text` as one YAML document. Throws BadInput with all syntax errors, or else all refused YAML features. */
export function parseYaml(file: string, text: string): YamlDocument {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  // The parser would compare every key with all before it.
  const root = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const issue = (offset: number, message: string): Issue => ({ ...place(offset), path: '', message });
  const broken = syntaxErrors(root).map((error) => [error.pos[0], syntaxMessage(error)] as const);
  const whole = root.errors.some(isOverflow) ? [] : keysTwice(root);
  const twice = whole.map((offset) => [offset, 'got a key twice, expected each key once'] as const);
  const inOrder = [...broken, ...twice].toSorted(([a], [b]) => a - b);
  refuse(inOrder.map(([offset, message]) => issue(offset, message)));
  refuse(surprises(root).map(({ offset, path, message }) => ({ ...issue(offset, message), path })));
  if (root.contents === null) throw new BadInput([fileIssue(file, 'got an empty document, expected a map')]);
  return { file, root, value: root.toJS(), place };
}

/** The first error at every offset (what follows there is the parser stumbling on), or the one that ended the parsing. */
function syntaxErrors({ errors }: Document): YAMLParseError[] {
  const overflow = errors.find(isOverflow);
  if (overflow !== undefined) return [overflow];
  return errors.filter((error, i) => errors.findIndex((other) => other.pos[0] === error.pos[0]) === i);
}

/** Where a key stands that its map has already. */
function keysTwice(root: Document): number[] {
  const offsets: number[] = [];
  visit(root, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) offsets.push(key.range?.[0] ?? 0);
        seen.add(key.value);
      }
    },
  });
  return offsets;
}

/** The parser recurses per level and reports its own stack overflow. */
const isOverflow = ({ message }: YAMLParseError): boolean => message.includes('call stack');

function syntaxMessage(error: YAMLParseError): string {
  const { code, message } = error;
  if (code === 'MULTIPLE_DOCS') return 'got a second document, expected one document per file';
  if (isOverflow(error)) return 'got too many levels of nesting, expected a document people can read';
  return `got invalid YAML (${message.charAt(0).toLowerCase()}${message.slice(1)}), expected YAML 1.2`;
}
