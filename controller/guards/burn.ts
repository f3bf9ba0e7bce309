/**
 * Burn rate: how many times faster than allowed an error budget is spent. burn = error ratio/budget, budget =
 * 1 − SLO. Source: Google, The Site Reliability Workbook, chapter 5, alerting on SLOs.
 */

/**
 * Burn over a trailing stretch of which only the share `seen` lies after the start: the rest is filled from the baseline, since
 * what it did before belongs to the same budget.
 */
export const burnRate = (own: number, reference: number, seen: number, budget: number): number =>
  (seen * own + (1 - seen) * reference) / budget;
