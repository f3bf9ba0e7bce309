import { LiveFailure } from './failure.ts';

/** Answers come at once, and windows when they end: who says nothing for this long stands still. */
const PATIENCE_MS = 20_000;

/** The answer of process `who`; rejects with LiveFailure when it says nothing, which nobody would notice otherwise. */
export async function patiently<T>(who: string, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const silent = new LiveFailure(`${who} has said nothing for ${PATIENCE_MS / 1000} s`);
    timer = setTimeout(() => reject(silent), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}
