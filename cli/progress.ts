import { formatDuration } from '../config/units.ts';
import type { Progress } from '../run.ts';

/** At most ten frames a second on a terminal. */
const FRAME_MS = 100;

/** Shows how far a rehearsal is: one line that renews itself on a terminal, one line per 10 % elsewhere. */
export function progressPrinter(stream: NodeJS.WriteStream): { show: (progress: Progress) => void; end: () => void } {
  const startedMs = performance.now();
  let lastFrameMs = Number.NEGATIVE_INFINITY;
  let lastTenth = 0;
  let drawn = false;
  const show = (progress: Progress): void => {
    const share = progress.plannedMs === 0 ? 1 : Math.min(1, progress.nowMs / progress.plannedMs);
    const nowMs = performance.now();
    if (stream.isTTY) {
      if (nowMs - lastFrameMs < FRAME_MS) return;
      lastFrameMs = nowMs;
      drawn = true;
      stream.write(`\r\u001b[K${line(progress, share, nowMs - startedMs).slice(0, (stream.columns || 100) - 1)}`);
    } else if (Math.floor(share * 10) > lastTenth) {
      lastTenth = Math.floor(share * 10);
      stream.write(`${line(progress, share, nowMs - startedMs)}\n`);
    }
  };
  const end = (): void => {
    if (drawn) stream.write('\r\u001b[K');
    drawn = false;
  };
  return { show, end };
}

function line({ nowMs, requests, step }: Progress, share: number, wallMs: number): string {
  const stage = step.state.stages.at(-1)?.name ?? '';
  const worst = step.verdicts.some((v) => v.verdict === 'breach')
    ? 'breach'
    : step.verdicts.some((v) => v.verdict === 'inconclusive')
      ? 'not yet conclusive'
      : 'guards pass';
  const perSecond = wallMs > 0 ? (requests / wallMs) * 1000 : 0;
  const left = share > 0 ? formatDuration(Math.round((wallMs * (1 - share)) / share / 1000) * 1000) : '?';
  return (
    `${(share * 100).toFixed(0).padStart(3)} %  ${stage}  at ${formatDuration(Math.round(nowMs / 100) * 100)}  ${short(requests, 1)} requests` +
    `  ${short(perSecond, 2)}/s  ${left} left  ${worst}`
  );
}

/** Millions, and below a tenth of one thousands, as in a live rehearsal. */
const short = (n: number, digits: number): string =>
  n >= 1e5 ? `${(n / 1e6).toFixed(digits)}M` : `${(n / 1e3).toFixed(digits)}k`;
