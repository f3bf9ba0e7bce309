/** How often a test for one look finds something when it is repeated, exactly (Armitage, McPherson and Rowe 1969). */

/** Panels of this width carry a Gauss-Legendre rule each; the density of a sum is nothing so far from where it comes from. */
const PANEL = 2;
const ORDER = 12;
const FAR = 9;

/**
 * P(|S_k| > z √k for some k ≤ looks), by look, S_k the sum of k standard normal increments: the density of the sums that have stayed inside is
 * carried from look to look by quadrature.
 */
export function peeking(looks: number, z: number): readonly number[] {
  const { nodes, weights } = gaussLegendre(ORDER);
  const over: number[] = [];
  // Of the half line alone: the density is even.
  let at = [0];
  let mass = [0.5];
  for (let k = 1; k <= looks; k++) {
    const limit = z * Math.sqrt(k);
    const panels = Math.ceil(limit / PANEL);
    const half = limit / panels / 2;
    const places = Array.from({ length: panels }, (_, p) => nodes.map((x) => half * (2 * p + 1 + x))).flat();
    const sizes = Array.from({ length: panels }, () => weights.map((w) => half * w)).flat();
    let [first, last] = [0, 0];
    const next = places.map((s, i) => {
      while (at[first]! < s - FAR) first++;
      while (last < at.length && at[last]! < s + FAR) last++;
      let density = 0;
      for (let j = first; j < last; j++) density += mass[j]! * normal(s - at[j]!);
      for (let j = 0; j < at.length && at[j]! < FAR - s; j++) density += mass[j]! * normal(s + at[j]!);
      return density * sizes[i]!;
    });
    [at, mass] = [places, next];
    over.push(1 - 2 * mass.reduce((sum, each) => sum + each, 0));
  }
  return over;
}

const normal = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Nodes and weights on (−1, 1), in ascending order, by Newton's method on the Legendre polynomial. */
function gaussLegendre(order: number): { readonly nodes: readonly number[]; readonly weights: readonly number[] } {
  const found = Array.from({ length: order }, (_, i) => {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (order + 0.5));
    let slope = 0;
    for (let step = 0; step < 50; step++) {
      let [before, value] = [1, x];
      for (let n = 2; n <= order; n++) [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
      slope = (order * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    return { x, w: 2 / ((1 - x * x) * slope * slope) };
  });
  return { nodes: found.map(({ x }) => x), weights: found.map(({ w }) => w) };
}
