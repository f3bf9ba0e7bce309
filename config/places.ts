/** Finds the spot in the files that a value of the merged document came from. */
import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { YamlDocument } from './document.ts';
import type { Issue, Path, Place } from './issues.ts';

interface Found {
  readonly document: YamlDocument;
  readonly node: Node | null;
  readonly key: Node | null;
  /** How many steps of the path were found. */
  readonly depth: number;
  /** A document further back may hold the missing step. */
  readonly open: boolean;
}

/** Places of the values of one document and of those it extends (most specific first). */
export class Places {
  readonly #layers: readonly YamlDocument[];

  constructor(layers: readonly YamlDocument[]) {
    this.#layers = layers;
  }

  /** The place of the value at `path`; of its nearest ancestor when it is missing. */
  of(path: Path): Place {
    const { document, node } = this.#find(path);
    return document.place(node?.range?.[0] ?? 0);
  }

  /** The place of the key at `path`; of the nearest ancestor's value when it is missing. */
  ofKey(path: Path): Place {
    const { document, node, key, depth } = this.#find(path);
    return document.place((depth === path.length ? key : node)?.range?.[0] ?? 0);
  }

  /** Whether some file states a value at `path` itself, rather than leaving it to a default. */
  has(path: Path): boolean {
    return this.#find(path).depth === path.length;
  }

  /** An issue about the value at `path`. */
  issue(path: Path, message: string): Issue {
    return { ...this.of(path), path: path.join('.'), message };
  }

  /** An issue about the key at `path`. */
  keyIssue(path: Path, message: string): Issue {
    return { ...this.ofKey(path), path: path.join('.'), message };
  }

  #find(path: Path): Found {
    let best: Found | null = null;
    for (const document of this.#layers) {
      const found = walk(document, path);
      if (best === null || found.depth > best.depth) best = found;
      if (!found.open) break;
    }
    if (best === null) throw new RangeError('got no document, expected at least one');
    return best;
  }
}

/** Follows `path` by the same rule as `merge`: a list, a scalar and a map that states its `kind` hide what lies behind them. */
function walk(document: YamlDocument, path: Path): Found {
  let node = document.root.contents;
  let key: Node | null = null;
  for (const [depth, step] of path.entries()) {
    const next: Pair | null = isMap(node) ? pairOf(node, String(step)) : null;
    const item: unknown = isSeq(node) ? node.items[Number(step)] : next?.value;
    if (next === null && item === undefined)
      return { document, node, key, depth, open: isMap(node) && pairOf(node, 'kind') === null };
    key = (next?.key ?? null) as Node | null;
    node = (item ?? key) as Node | null;
  }
  return { document, node, key, depth: path.length, open: false };
}

const indexes = new WeakMap<YAMLMap, ReadonlyMap<unknown, Pair>>();

/** The pair of this name; every map is indexed once, since each of its keys may have an issue. */
function pairOf(map: YAMLMap, name: string): Pair | null {
  const known = indexes.get(map) ?? indexOf(map);
  indexes.set(map, known);
  return known.get(name) ?? null;
}

function indexOf({ items }: YAMLMap): ReadonlyMap<unknown, Pair> {
  const index = new Map<unknown, Pair>();
  for (const pair of items) if (isScalar(pair.key) && !index.has(pair.key.value)) index.set(pair.key.value, pair);
  return index;
}
