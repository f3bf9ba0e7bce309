/** What came of a sweep's question, in sentences. */
import type { StopAnswer } from '../tuning/stop.ts';
import type { SweepResult } from '../tuning/result.ts';
import { count, percent } from './format.ts';

const EVENTS = { 'false-rollback': 'false rollbacks', 'missed-regression': 'missed regressions' } as const;

/** One per scenario and policy that was asked about; none without a question. */
export function stopSentences({ stop }: Pick<SweepResult, 'stop'>): readonly string[] {
  if (stop === null) return [];
  const bound = percent(stop.below);
  return stop.answers.map((answer) => {
    const subject = `${answer.scenario} under ${answer.policy}: ${EVENTS[stop.event]}`;
    if (answer.side === null)
      return `${subject} not told from ${bound} after all ${count(answer.of)} seeds ${counts(answer)}.`;
    return `${subject} are ${answer.side} ${bound}: clear after ${count(answer.of)} seeds, the last one ${answer.seed} ${counts(answer)}; wrong in at most ${percent(stop.error)} of such sweeps.`;
  });
}

const counts = ({ events, of, low, high }: StopAnswer): string =>
  `(${count(events)} of ${count(of)}; ${percent(low)} to ${percent(high)} whenever one stops)`;
