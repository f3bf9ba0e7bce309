/**
 * Which arm serves a request: one pure function, shared by the simulator and the live gateway, so that both route alike.
 * Sticky: a user's answer depends only on user, salt and weight. Monotone: raising the weight only moves users
 * from the baseline to the candidate, so whoever saw the candidate at 1 % still sees it at 5 %.
 */

/** Mixes 32 bits into 32 bits, a bijection with good avalanche (Prospector's lowbias32 constants, C. Wellons 2018). */
export function mix32(value: number): number {
  let x = value | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return x >>> 0;
}

/** FNV-1a of a text's UTF-16 code units, 32 bits: turns names, salts and text keys into numbers. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The user's place on the routing circle, 0 … 2³²−1; `salt` (a hashed text) reshuffles users between rollouts. */
export const routingPoint = (user: number, salt: number): number => mix32(user ^ salt);

/** Points below this go to the candidate. 100 % gives 2³², above every point. */
export const candidateBelow = (weightPercent: number): number => (weightPercent / 100) * 2 ** 32;

/**
 * Points from here on go to the control cohort: it takes users from the other end of the circle, so that they too stay where they are
 * when weights rise.
 */
export const controlFrom = (controlPercent: number): number => 2 ** 32 - candidateBelow(controlPercent);
