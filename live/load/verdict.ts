import type { GeneratorKind, LoadCounts, LoadLimits, LoadReport } from './plan.ts';

type Judged = LoadCounts & Pick<LoadReport, 'latenessMs' | 'cpuShare'>;

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Why a load cannot be trusted; empty when it can. `failures`: what the generator itself has to say. */
export function reasonsAgainst(
  generator: GeneratorKind,
  { offered, dropped, interrupted, latenessMs, cpuShare }: Judged,
  limits: LoadLimits,
  failures: readonly string[] = [],
): string[] {
  const reasons = [...failures];
  if (dropped > 0) reasons.push(`${dropped} of ${offered} requests were due and never sent`);
  if (interrupted > 0) reasons.push(`${interrupted} requests were on their way when the generator ended`);
  const late = latenessMs.p99;
  if (late !== null && late > limits.latenessMsP99)
    reasons.push(`requests were sent late: p99 ${ms(late)}, expected at most ${ms(limits.latenessMsP99)}`);
  // k6 has many threads: its lateness tells when they were not enough.
  if (generator === 'builtin' && cpuShare > limits.cpuShare)
    reasons.push(`the generator used ${percent(cpuShare)} of a core, expected at most ${percent(limits.cpuShare)}`);
  return reasons;
}
