/** All rows together (§3.6): finds a small bias that no row sees alone. */
import type { RowResult } from './gate.ts';
import { chiSquareQuantile } from '../../statistics/chi-square.ts';
import { fairRange } from './stats.ts';

export interface Joint {
  readonly rows: number;
  readonly sumOfSquares: number;
  readonly limit: number;
  readonly positive: number;
  readonly fair: readonly [number, number];
  readonly green: boolean;
}

/** One comparison per row, its first. */
export function jointly(results: readonly RowResult[]): Joint {
  const zs = results.filter(({ kind }) => kind === 'core').map(({ comparisons }) => comparisons[0]!.z);
  const sumOfSquares = zs.reduce((sum, z) => sum + z * z, 0);
  const limit = chiSquareQuantile(0.999, zs.length);
  const positive = zs.filter((z) => z > 0).length;
  const fair = fairRange(zs.length, 0.999);
  const green = sumOfSquares < limit && positive >= fair[0] && positive <= fair[1];
  return { rows: zs.length, sumOfSquares, limit, positive, fair, green };
}
