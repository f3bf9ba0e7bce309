/** Wilson score interval of a ratio at 95 %; it stays inside 0…1 and does not collapse at 0 successes. */
export function wilson(successes: number, n: number): readonly [number, number] | null {
  if (n === 0) return null;
  const z = 1.959964;
  const p = successes / n;
  const middle = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
