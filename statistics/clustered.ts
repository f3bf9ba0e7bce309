/**
 * Ratios whose observations come in clusters: clusters are independent of each other, what is inside one is not. Clicks y_u and
 * impressions z_u of users u: one user's impressions are alike, so that ten users with a thousand impressions each
 * say less than ten thousand users with one.
 */

/** Totals of clusters, by place: events y_u out of samples z_u. Clusters without samples need not be there. */
export interface Clusters {
  readonly events: readonly number[];
  readonly samples: readonly number[];
}

/** R = Σy/Σz, and its standard error. */
export interface ClusteredRatio {
  /** Clusters with samples, U. */
  readonly clusters: number;
  readonly ratio: number;
  readonly standardError: number;
}

/**
 * se² = Σ(y_u − R z_u)²/((U−1) U z̄²), z̄ = Σz/U: the ratio estimator of survey sampling (Cochran, Sampling Techniques, 1977, §6.4). The sum
 * is worked out as Σy² − 2R Σyz + R² Σz². Null with fewer than two clusters that have samples.
 */
export function clusteredRatio({ events, samples }: Clusters): ClusteredRatio | null {
  let [clusters, y, z, yy, yz, zz] = [0, 0, 0, 0, 0, 0];
  for (const [u, n] of samples.entries()) {
    if (n === 0) continue;
    const x = events[u]!;
    clusters++;
    y += x;
    z += n;
    yy += x * x;
    yz += x * n;
    zz += n * n;
  }
  if (clusters < 2) return null;
  const ratio = y / z;
  const scatter = Math.max(0, yy - 2 * ratio * yz + ratio * ratio * zz);
  // (U−1) U z̄² = (U−1)(Σz)²/U.
  return { clusters, ratio, standardError: Math.sqrt((scatter * clusters) / (clusters - 1)) / z };
}
