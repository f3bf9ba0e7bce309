/** The limiting distribution of Kolmogorov and Smirnov's statistic (Kolmogorov 1933). */

/** P(K > λ) = 2 Σ_{j≥1} (−1)^{j−1} e^{−2j²λ²}. */
export function kolmogorovTail(lambda: number): number {
  // The alternating series does not settle for small λ, where the probability is 1 to twelve digits.
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let j = 1; j <= 100; j++) {
    const term = Math.exp(-2 * j * j * lambda * lambda);
    sum += j % 2 === 1 ? term : -term;
    if (term < 1e-18 * sum) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}
