/**
 * Labels by user. Where the arms are shared out by user, a user's impressions are alike, and a guard that wants to know how sure a ratio is needs
 * the scatter between users, Σy², Σyz and Σz² over their outcomes y and impressions z. Users are too many to keep: they are
 * hashed into a fixed number of clusters, every user with all that is theirs into one. Users are independent, so sums over some of them are.
 *
 * What a window carries is every cluster's totals y and z, not the squares: the squares that count are those of a cluster's sum over the
 * whole stretch that is judged, and (a + b)² is not a² + b². Squares of windows would take one user's many windows for as many
 * users. Totals add up over windows, segments and shards like every other count; whoever judges squares them last.
 */

/** Parallel arrays of the clusters with labels, ascending by number. Plain data: it survives JSON. */
export interface ClusterCounts {
  readonly at: readonly number[];
  readonly impressions: readonly number[];
  readonly outcomes: readonly number[];
}

export const NO_CLUSTERS: ClusterCounts = { at: [], impressions: [], outcomes: [] };

export function addClusters(a: ClusterCounts, b: ClusterCounts): ClusterCounts {
  if (a.at.length === 0) return b;
  if (b.at.length === 0) return a;
  const at: number[] = [];
  const impressions: number[] = [];
  const outcomes: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.at.length || j < b.at.length) {
    const left = a.at[i] ?? Infinity;
    const right = b.at[j] ?? Infinity;
    const [inA, inB] = [left <= right, right <= left];
    at.push(Math.min(left, right));
    impressions.push((inA ? a.impressions[i]! : 0) + (inB ? b.impressions[j]! : 0));
    outcomes.push((inA ? a.outcomes[i]! : 0) + (inB ? b.outcomes[j]! : 0));
    if (inA) i++;
    if (inB) j++;
  }
  return { at, impressions, outcomes };
}

/** How users are told apart. */
export interface Clustering {
  readonly clusters: number;
  /** 0 … clusters − 1; nothing but the user decides it. */
  readonly clusterOf: (user: number) => number;
}

/** Counts an arm's labels by cluster, each in the window in which it matures. */
export class ClusterRecorder {
  private readonly clustering: Clustering;
  private readonly windowMs: number;
  private readonly delayMs: number;
  private readonly slots: number;
  /** Rings over windows, as long as a label takes at most; a window's clusters lie side by side. */
  private readonly impressions: Uint32Array;
  private readonly outcomes: Uint32Array;

  constructor(clustering: Clustering, windowMs: number, delayMs: number) {
    this.clustering = clustering;
    this.windowMs = windowMs;
    this.delayMs = delayMs;
    this.slots = Math.ceil(delayMs / windowMs) + 2;
    this.impressions = new Uint32Array(this.slots * clustering.clusters);
    this.outcomes = new Uint32Array(this.slots * clustering.clusters);
  }

  /** A prediction for `user` answered at `doneMs`. */
  add(doneMs: number, user: number, positive: boolean): void {
    const { clusters, clusterOf } = this.clustering;
    const slot = Math.floor((doneMs + this.delayMs) / this.windowMs) % this.slots;
    const place = slot * clusters + clusterOf(user);
    this.impressions[place]!++;
    if (positive) this.outcomes[place]!++;
  }

  /** What has matured in window `index`. */
  close(index: number): ClusterCounts {
    const { clusters } = this.clustering;
    const from = (index % this.slots) * clusters;
    const impressions = this.impressions.subarray(from, from + clusters);
    const outcomes = this.outcomes.subarray(from, from + clusters);
    const at = [...impressions.keys()].filter((cluster) => impressions[cluster]! > 0);
    const counts = {
      at,
      impressions: at.map((cluster) => impressions[cluster]!),
      outcomes: at.map((cluster) => outcomes[cluster]!),
    };
    impressions.fill(0);
    outcomes.fill(0);
    return counts;
  }
}
