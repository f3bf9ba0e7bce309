/** The standard normal distribution, in double precision. */
// oxlint-disable no-loss-of-precision -- coefficients stand here as published

/**
 * P(Z > z). G. West, "Better approximations to cumulative normal functions", Wilmott 2005 (after Hart 1968):
 * relative error below 1e-14 down to P = 1e-300.
 */
export function normalTail(z: number): number {
  const x = Math.abs(z);
  let tail = 0;
  if (x <= 37) {
    const e = Math.exp((-x * x) / 2);
    if (x < 7.07106781186547) {
      let up = 3.52624965998911e-2 * x + 0.700383064443688;
      up = up * x + 6.37396220353165;
      up = up * x + 33.912866078383;
      up = up * x + 112.079291497871;
      up = up * x + 221.213596169931;
      up = up * x + 220.206867912376;
      let down = 8.83883476483184e-2 * x + 1.75566716318264;
      down = down * x + 16.064177579207;
      down = down * x + 86.7807322029461;
      down = down * x + 296.564248779674;
      down = down * x + 637.333633378831;
      down = down * x + 793.826512519948;
      down = down * x + 440.413735824752;
      tail = (e * up) / down;
    } else {
      let fraction = x + 0.65;
      fraction = x + 4 / fraction;
      fraction = x + 3 / fraction;
      fraction = x + 2 / fraction;
      fraction = x + 1 / fraction;
      tail = e / fraction / 2.506628274631;
    }
  }
  return z > 0 ? tail : 1 - tail;
}

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, c) => sum * x + c, 0);

/** z with P(Z > z) = v, 0 < v < 1. Wichura, algorithm AS 241 (PPND16), Applied Statistics 1988: 16 digits. */
export function normalUpperQuantile(v: number): number {
  const q = 0.5 - v;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRE_UP, r)) / polynomial(CENTRE_DOWN, r);
  }
  const r = Math.sqrt(-Math.log(Math.min(v, 1 - v)));
  const z =
    r <= 5
      ? polynomial(NEAR_UP, r - 1.6) / polynomial(NEAR_DOWN, r - 1.6)
      : polynomial(FAR_UP, r - 5) / polynomial(FAR_DOWN, r - 5);
  return q < 0 ? -z : z;
}

const CENTRE_UP = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
  67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
];
const CENTRE_DOWN = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
  28729.085735721942674, 5226.495278852545925,
];
const NEAR_UP = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
];
const NEAR_DOWN = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
];
const FAR_UP = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123, 0.026532189526576123093,
  0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
];
const FAR_DOWN = [
  1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
];
