import { formatDuration } from '../config/units.ts';
import type { GuardVerdict } from '../controller/decision.ts';
import { plural } from '../reports/format.ts';
import { readLog, readOutcome, readPolicy } from '../run-directory.ts';

/** Every decision in its own words; then, per stage and guard, how it ended and how close it came. */
export async function explainCommand(run: string, options: { json?: boolean }): Promise<void> {
  const outcome = readOutcome(run);
  const log = readLog(run);
  const decisions = log.filter((entry) => entry.type === 'decision');
  const guards = lastByStage(log.filter((entry) => entry.type === 'verdict'));
  if (options.json === true) {
    process.stdout.write(
      `${JSON.stringify({ schemaVersion: 1, verdict: outcome.verdict, explanation: outcome.explanation, decisions, guards }, null, 2)}\n`,
    );
    return;
  }
  const lines = [outcome.explanation, '', 'Decisions'];
  for (const d of decisions) lines.push(`  ${formatDuration(d.atMs).padStart(9)}  ${d.sentence}`);
  lines.push('', 'Guards: the last evaluation in each stage');
  // A guard without a bound passes and breaks nothing: `inconclusive` is all it can be.
  const watched = readPolicy(run).guards.flatMap(({ name, bound }) => (bound === null ? [name] : []));
  for (const g of guards) {
    const verdict = watched.includes(g.guard) ? 'watched' : `${g.verdict} at ${formatDuration(g.atMs)}`;
    const times = plural(g.evaluations, 'evaluation');
    const breaches = `${g.breaches} ${g.breaches === 1 ? 'breach' : 'breaches'}`;
    const often = watched.includes(g.guard) ? times : `${times}, ${breaches}`;
    lines.push(`  ${g.stage} · ${g.guard}: ${verdict}: ${g.because} (${often})`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** The latest verdict of every guard in every stage, with how often it was evaluated and breached there. */
function lastByStage(verdicts: readonly GuardVerdict[]): (GuardVerdict & { evaluations: number; breaches: number })[] {
  const last = new Map<string, GuardVerdict & { evaluations: number; breaches: number }>();
  for (const v of verdicts) {
    const key = `${v.stage}\n${v.guard}`;
    const before = last.get(key);
    const breaches = (before?.breaches ?? 0) + (v.verdict === 'breach' ? 1 : 0);
    last.set(key, { ...v, evaluations: (before?.evaluations ?? 0) + 1, breaches });
  }
  return [...last.values()];
}
