/** recommended-policy.yaml: the base policy's own text, comments and all, with each change in place and a sentence why. */
import { type Document, isMap, isScalar, isSeq, type Node, parseDocument, stringify, type YAMLMap } from 'yaml';

export interface Recommended {
  readonly path: string;
  /** Null takes it back. */
  readonly value: unknown;
  /** Its value and why, for a comment. */
  readonly why: string;
}

/** The new name says whose child it is. `head` goes above it, line by line. */
export function recommendation(
  baseText: string,
  name: string,
  head: readonly string[],
  changes: readonly Recommended[],
): string {
  const document = parseDocument(baseText);
  document.set('name', name);
  document.commentBefore = head.map((line) => ` ${line}`).join('\n');
  for (const [owner, own] of Map.groupBy(changes, ({ path }) => ownerOf(document, path))) {
    for (const { path, value } of own) put(document, path, value);
    const node = owner === '' ? null : (find(document.contents, owner)?.node ?? null);
    const lines = own.map(
      ({ path, why }) => ` ${owner === '' ? path : path.slice(owner.length + 1) || 'added'}: ${why}`,
    );
    if (node !== null) node.commentBefore = [node.commentBefore, ...lines].filter((line) => line).join('\n');
    else document.commentBefore += `\n${lines.join('\n')}`;
  }
  return document.toString({ lineWidth: 0 });
}

/** The guard or stage that a path belongs to; '' for what belongs to the policy as a whole. */
function ownerOf(document: Document, path: string): string {
  const [list] = path.split('.', 1);
  const items = document.get(list!);
  if (!isSeq(items)) return '';
  const names = items.items.map((item) => String((item as YAMLMap).get('name')));
  const rest = path.slice(list!.length + 1);
  const fits = names.filter((each) => rest === each || rest.startsWith(`${each}.`));
  return `${list}.${fits.toSorted((a, b) => b.length - a.length)[0] ?? rest}`;
}

interface Spot {
  readonly node: Node | null;
  /** The collection that holds it, and under which key or place. */
  readonly parent: Node | null;
  readonly key: string | number;
}

/** Follows a path as setting-path.ts does, through nodes; the last step may be missing, and then `node` is null. */
function find(root: unknown, path: string): Spot | null {
  let spot: Spot = { node: root as Node, parent: null, key: '' };
  let rest: string | null = path;
  while (rest !== null) {
    const parent: Node | null = spot.node;
    const steps: readonly string[] = isSeq(parent)
      ? parent.items.map((item) => (isMap(item) ? String(item.get('name')) : ''))
      : isMap(parent)
        ? parent.items.map(({ key }) => String(isScalar(key) ? key.value : key))
        : [];
    const fits: readonly string[] = steps.filter((each) => rest === each || rest!.startsWith(`${each}.`));
    const dot: number = rest.indexOf('.');
    const step: string = fits.toSorted((a, b) => b.length - a.length)[0] ?? (dot < 0 ? rest : rest.slice(0, dot));
    const at: number = steps.indexOf(step);
    const key: string | number = isSeq(parent) ? (at < 0 ? parent.items.length : at) : step;
    const node = isSeq(parent) ? parent.items[at] : isMap(parent) ? parent.get(step, true) : undefined;
    spot = { node: (node as Node | undefined) ?? null, parent, key };
    rest = rest === step ? null : rest.slice(step.length + 1);
    if (spot.node === null && rest !== null) return null;
  }
  return spot;
}

function put(document: Document, path: string, value: unknown): void {
  const spot = find(document.contents, path);
  if (spot === null) {
    // A map on the way is missing: make it, with what belongs into it.
    const dot = path.lastIndexOf('.');
    return put(document, path.slice(0, dot), { [path.slice(dot + 1)]: value });
  }
  const { parent, key } = spot;
  if (value === null) {
    if (isSeq(parent)) parent.delete(key);
    else if (isMap(parent)) parent.delete(key);
    return;
  }
  const isNew = isSeq(parent) && spot.node === null && typeof value === 'object';
  const node = document.createNode(isNew ? { name: path.split('.').slice(1).join('.'), ...value } : value, {
    flow: typeof value === 'object',
  });
  const before = spot.node;
  if (isScalar(before) && isScalar(node)) {
    if (before.comment !== null) node.comment = before.comment!;
    if (before.commentBefore !== null) node.commentBefore = before.commentBefore!;
  }
  if (isSeq(parent)) parent.set(key, node);
  else if (isMap(parent)) parent.set(key, node);
}

/** A value as it stands in a policy, in one line. */
export const valueText = (value: unknown): string => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
