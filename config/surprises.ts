/** YAML features that make a file mean something else than it seems to: refused, so that what one reads is what one gets. */
import { type Document, isAlias, isPair, isScalar, isSeq, type Node, type Pair, visit } from 'yaml';

export interface Surprise {
  readonly offset: number;
  readonly path: string;
  readonly message: string;
}

const SHARE = "write the value out, or share it with 'extends'";

/** Every anchor, alias, merge key, tag and key that is not a plain string. */
export function surprises(root: Document): Surprise[] {
  const found: Surprise[] = [];
  visit(root, {
    Node(_, node, ancestors) {
      const add = (message: string): unknown =>
        found.push({ offset: startOf(node), path: pathOf(ancestors, node), message });
      if (isAlias(node)) add(`got the alias *${node.source}, expected no aliases: ${SHARE}`);
      else if (node.anchor !== undefined) add(`got the anchor &${node.anchor}, expected no anchors: ${SHARE}`);
      if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:'))
        add(`got the tag ${node.tag}, expected no tags of your own`);
    },
    Pair(_, pair, ancestors) {
      const { key } = pair;
      const add = (message: string): unknown =>
        found.push({ offset: startOf(key as Node | null), path: pathOf(ancestors, pair), message });
      if (!isScalar(key) || typeof key.value !== 'string')
        add('got a key that is no string, expected a plain word (quote it?)');
      else if (key.value === '<<') add(`got a merge key <<, expected none: ${SHARE}`);
      else if (key.value === '__proto__') add('got the key __proto__, expected any other name');
    },
  });
  return found;
}

const startOf = (node: Node | null): number => node?.range?.[0] ?? 0;

/** Dotted path of a node from its ancestors, as far as it has string keys and indices. */
function pathOf(ancestors: readonly unknown[], self: Node | Pair): string {
  const chain = [...ancestors, self];
  const parts: string[] = [];
  chain.forEach((each, level) => {
    const parent = chain[level - 1];
    if (isPair(each) && isScalar(each.key)) parts.push(String(each.key.value));
    else if (isSeq(parent)) parts.push(String(parent.items.indexOf(each)));
  });
  return parts.join('.');
}
